#ifndef RELEVO_DIAGNOSTICS_H
#define RELEVO_DIAGNOSTICS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A socket as sock_diag(7) shows it; addresses and ports in network order. */
struct relevo_diagnosed {
    /* 0 where no process has it any more. */
    uint64_t inode;
    uint8_t local[16];
    uint8_t peer[16];
    uint16_t local_port;
    uint16_t peer_port;
    uint8_t family;
    uint8_t state;
    uint32_t uid;
    /* That it is bound to; 0 for none. */
    uint32_t interface;
};

/* More than one message of a dump has. */
enum { RELEVO_MOST_DIAGNOSED = 512 };

int relevo_diagnostics_open(void);

/* Begins a dump of one family and protocol; a local port of 0 stands for all. `states` has a bit for each
   state of TCP. */
int relevo_diagnostics_ask(int diagnostics, int family, int protocol, uint32_t states,
                           uint16_t local_port);

/* Takes the sockets of one message, RELEVO_MOST_DIAGNOSED at most; the kernel finds them in this call.
   `done` is set at the dump's end. */
ssize_t relevo_diagnostics_take(int diagnostics, struct relevo_diagnosed *found, int *done);

/* The inodes of the sockets that a process has open, as many as there is room for; their number, or -1. */
ssize_t relevo_socket_inodes(pid_t pid, uint64_t *inodes, size_t capacity);

#endif
