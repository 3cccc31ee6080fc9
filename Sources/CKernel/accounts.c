#define _GNU_SOURCE
#include "accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

static int take(int error, const struct passwd *entry, struct relevo_user *user) {
    user->found = entry != NULL;
    if (entry == NULL) {
        /* What the databases answer for "no such user" differs; getpwnam(3) lists these. */
        if (error == 0 || error == ENOENT || error == ESRCH || error == EPERM) return 0;
        errno = error;
        return -1;
    }
    user->uid = entry->pw_uid;
    user->gid = entry->pw_gid;
    snprintf(user->name, sizeof user->name, "%s", entry->pw_name);
    snprintf(user->home, sizeof user->home, "%s", entry->pw_dir);
    return 0;
}

int relevo_user_named(const char *name, struct relevo_user *user) {
    char room[16384];
    struct passwd entry, *found = NULL;
    int error = getpwnam_r(name, &entry, room, sizeof room, &found);
    return take(error, found, user);
}

int relevo_user_numbered(uid_t uid, struct relevo_user *user) {
    char room[16384];
    struct passwd entry, *found = NULL;
    int error = getpwuid_r(uid, &entry, room, sizeof room, &found);
    return take(error, found, user);
}

int relevo_group_named(const char *name, gid_t *gid) {
    /* A group's members are in the entry: there may be thousands. */
    for (size_t size = 16384; size <= 1 << 24; size *= 4) {
        char *room = malloc(size);
        if (room == NULL) return -1;
        struct group entry, *found = NULL;
        int error = getgrnam_r(name, &entry, room, size, &found);
        if (found != NULL) *gid = found->gr_gid;
        free(room);
        if (found != NULL) return 1;
        if (error == 0 || error == ENOENT || error == ESRCH || error == EPERM) return 0;
        if (error != ERANGE) {
            errno = error;
            return -1;
        }
    }
    errno = ERANGE;
    return -1;
}
