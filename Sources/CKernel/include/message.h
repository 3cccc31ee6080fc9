#ifndef RELEVO_MESSAGE_H
#define RELEVO_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* SCM_MAX_FD of the kernel: no message carries more. */
#define RELEVO_MOST_DESCRIPTORS 253

struct relevo_credentials {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

/* What came with the bytes of a message. */
struct relevo_received {
    size_t descriptor_count;
    /* Descriptors that were closed at once because nobody wanted so many. */
    size_t surplus_count;
    int has_credentials;
    struct relevo_credentials credentials;
    /* MSG_TRUNC and MSG_CTRUNC as the kernel set them. */
    int flags;
};

/* Sends one message that never blocks and raises no SIGPIPE; the address (a struct sockaddr) and the
   credentials may be NULL, for the connected peer and for the sender's own. */
ssize_t relevo_send_message(int socket, const void *bytes, size_t count, const int *descriptors,
                            size_t descriptor_count, const struct relevo_credentials *credentials,
                            const void *address, uint32_t address_length);

/* Closes what another process has sent, which must not make us wait: its sockets may have been told to
   linger, and ours may be their last descriptor. */
void relevo_close_foreign(int descriptor);

/* Takes one message without blocking. Descriptors beyond the capacity are closed. */
ssize_t relevo_receive_message(int socket, void *bytes, size_t capacity, int *descriptors,
                               size_t descriptor_capacity, struct relevo_received *received);

int relevo_peer_credentials(int socket, struct relevo_credentials *credentials);

/* The supplementary groups of the peer; how many, more than the capacity included, or -1. */
int relevo_peer_groups(int socket, gid_t *groups, size_t capacity);

#endif
