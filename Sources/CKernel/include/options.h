#ifndef RELEVO_OPTIONS_H
#define RELEVO_OPTIONS_H

#include <stddef.h>

/* A socket option that a program may have set before bind(2), to be set again on another socket. */
struct relevo_option {
    int level;
    int name;
    /* As the man pages call it. */
    const char *label;
};

/* The options of a socket, in the order in which to set them; NULL behind the last. */
const struct relevo_option *relevo_option_at(size_t index);

/* How two sockets differ in one option: 1 when `to` was made like `from`, 0 when it was already, or does
   not know it. */
int relevo_option_carry(const struct relevo_option *option, int from, int to);

/* Whether two sockets differ in one option; 0 where either does not know it. */
int relevo_option_differs(const struct relevo_option *option, int one, int other);

/* Whether a filter is attached, of classic BPF (SO_ATTACH_FILTER) or another (SO_ATTACH_BPF). */
int relevo_has_filter(int socket);

/* Has a packet socket hear all that comes and goes in this network namespace. */
int relevo_hear_packets(int packet);

#endif
