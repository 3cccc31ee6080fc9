#ifndef RELEVO_ACCOUNTS_H
#define RELEVO_ACCOUNTS_H

#include <sys/types.h>

/* What is wanted of struct passwd, without its pointers. */
struct relevo_user {
    int found;
    uid_t uid;
    gid_t gid;
    char name[64];
    char home[256];
};

/* 0 with `found` set or not, or -1. */
int relevo_user_named(const char *name, struct relevo_user *user);
int relevo_user_numbered(uid_t uid, struct relevo_user *user);

/* 1 with the number, 0 when there is no such group, or -1. */
int relevo_group_named(const char *name, gid_t *gid);

#endif
