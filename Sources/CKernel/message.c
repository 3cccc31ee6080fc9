#define _GNU_SOURCE
#include "message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

_Static_assert(sizeof(struct relevo_credentials) == sizeof(struct ucred), "same layout");

ssize_t relevo_send_message(int socket, const void *bytes, size_t count, const int *descriptors,
                            size_t descriptor_count, const struct relevo_credentials *credentials,
                            const void *address, uint32_t address_length) {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * RELEVO_MOST_DESCRIPTORS) +
                                          CMSG_SPACE(sizeof(struct ucred))] = {0};
    if (descriptor_count > RELEVO_MOST_DESCRIPTORS) {
        errno = EINVAL;
        return -1;
    }
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_name = (void *)address,
                             .msg_namelen = address_length,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    size_t used = 0;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (descriptor_count > 0) {
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * descriptor_count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * descriptor_count);
        used += CMSG_SPACE(sizeof(int) * descriptor_count);
        header = CMSG_NXTHDR(&message, header);
    }
    if (credentials != NULL && header != NULL) {
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_CREDENTIALS;
        header->cmsg_len = CMSG_LEN(sizeof *credentials);
        memcpy(CMSG_DATA(header), credentials, sizeof *credentials);
        used += CMSG_SPACE(sizeof *credentials);
    }
    message.msg_controllen = used;
    if (used == 0) message.msg_control = NULL;
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void relevo_close_foreign(int descriptor) {
    /* What is no socket does not care. */
    struct linger off = {.l_onoff = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &off, sizeof off);
    close(descriptor);
}

ssize_t relevo_receive_message(int socket, void *bytes, size_t capacity, int *descriptors,
                               size_t descriptor_capacity, struct relevo_received *received) {
    /* Room for all that the kernel can send, so that only we decide what is surplus. */
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * RELEVO_MOST_DESCRIPTORS) +
                                          CMSG_SPACE(sizeof(struct ucred)) + 256];
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (count == -1) return -1;
    memset(received, 0, sizeof *received);
    received->flags = message.msg_flags & (MSG_TRUNC | MSG_CTRUNC);
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET) continue;
        if (header->cmsg_type == SCM_CREDENTIALS &&
            header->cmsg_len >= CMSG_LEN(sizeof received->credentials)) {
            memcpy(&received->credentials, CMSG_DATA(header), sizeof received->credentials);
            received->has_credentials = 1;
        }
        if (header->cmsg_type != SCM_RIGHTS) continue;
        size_t arrived = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < arrived; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + i * sizeof descriptor, sizeof descriptor);
            if (received->descriptor_count < descriptor_capacity) {
                descriptors[received->descriptor_count++] = descriptor;
            } else {
                relevo_close_foreign(descriptor);
                received->surplus_count++;
            }
        }
    }
    return count;
}

int relevo_peer_credentials(int socket, struct relevo_credentials *credentials) {
    socklen_t length = sizeof *credentials;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, credentials, &length);
}

int relevo_peer_groups(int socket, gid_t *groups, size_t capacity) {
    socklen_t length = (socklen_t)(capacity * sizeof *groups);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &length) == -1 && errno != ERANGE)
        return -1;
    return (int)(length / sizeof *groups);
}
