#define _GNU_SOURCE
#include "relevo_system.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "answer.h"

static ssize_t send_with_rights(int socket, struct msghdr *message, const int *descriptors,
                                size_t count) {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * RELEVO_SYS_MOST_DESCRIPTORS)];
    if (count > RELEVO_SYS_MOST_DESCRIPTORS) return -EINVAL;
    if (count > 0) {
        memset(control, 0, CMSG_SPACE(sizeof(int) * count));
        message->msg_control = control;
        message->msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *header = CMSG_FIRSTHDR(message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
    }
    ssize_t sent;
    do sent = sendmsg(socket, message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent == -1 && errno == EINTR);
    return sent == -1 ? -errno : sent;
}

int64_t relevo_sys_send_packet(int socket, const void *bytes, size_t count,
                               const int *descriptors, size_t descriptor_count) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return send_with_rights(socket, &message, descriptors, descriptor_count);
}

int64_t relevo_sys_receive_packet(int socket, void *bytes, size_t capacity, int *descriptors,
                                  size_t descriptor_capacity,
                                  struct relevo_sys_arrival *arrival) {
    /* Room for all that the kernel can send, so that only we decide what is too much. */
    _Alignas(struct cmsghdr) char
        control[CMSG_SPACE(sizeof(int) * RELEVO_SYS_MOST_DESCRIPTORS) + 256];
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t count;
    do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (count == -1 && errno == EINTR);
    memset(arrival, 0, sizeof *arrival);
    if (count == -1) return -errno;
    arrival->truncated = (message.msg_flags & MSG_TRUNC) != 0;
    arrival->lost = (message.msg_flags & MSG_CTRUNC) != 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t arrived = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < arrived; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + i * sizeof descriptor, sizeof descriptor);
            if (arrival->descriptors < descriptor_capacity) {
                descriptors[arrival->descriptors++] = descriptor;
            } else {
                close(descriptor);
                arrival->lost++;
            }
        }
    }
    return count;
}

int relevo_sys_is_packet_socket(int descriptor) {
    int type = 0, domain = 0;
    socklen_t length = sizeof type;
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == -1) return 0;
    length = sizeof domain;
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == -1) return 0;
    return domain == AF_UNIX && type == SOCK_SEQPACKET;
}

int relevo_sys_grow_send_room(int socket, int bytes) {
    return answer(setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes));
}

/* The length of the address, or 0 for a path that is too long. */
static socklen_t unix_address(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (length == 0 || length >= sizeof address->sun_path) return 0;
    memcpy(address->sun_path, path, length);
    size_t used = offsetof(struct sockaddr_un, sun_path) + length;
    if (path[0] != '@') return (socklen_t)(used + 1);
    address->sun_path[0] = '\0';
    return (socklen_t)used;
}

int relevo_sys_connect_packets(const char *path) {
    struct sockaddr_un address;
    socklen_t length = unix_address(path, &address);
    if (length == 0) return -ENAMETOOLONG;
    int made = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (made == -1) return -errno;
    int result;
    do result = connect(made, (struct sockaddr *)&address, length);
    while (result == -1 && errno == EINTR);
    if (result == 0) return made;
    int reason = errno;
    close(made);
    return -reason;
}

int relevo_sys_notify(const char *path, const void *bytes, size_t count, const int *descriptors,
                      size_t descriptor_count) {
    struct sockaddr_un address;
    socklen_t length = unix_address(path, &address);
    if (length == 0) return -ENAMETOOLONG;
    int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (made == -1) return -errno;
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {
        .msg_name = &address, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent = send_with_rights(made, &message, descriptors, descriptor_count);
    close(made);
    return sent < 0 ? (int)sent : 0;
}
