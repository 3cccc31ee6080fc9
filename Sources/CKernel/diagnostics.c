#define _GNU_SOURCE
#include "diagnostics.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int relevo_diagnostics_open(void) {
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
}

int relevo_diagnostics_ask(int diagnostics, int family, int protocol, uint32_t states,
                           uint16_t local_port) {
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 question;
    } request = {
        .header = {.nlmsg_len = sizeof request,
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .question = {.sdiag_family = (uint8_t)family,
                     .sdiag_protocol = (uint8_t)protocol,
                     .idiag_states = states,
                     .id = {.idiag_sport = htons(local_port)}},
    };
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    return sendto(diagnostics, &request, sizeof request, 0, (struct sockaddr *)&kernel,
                  sizeof kernel) == -1
               ? -1
               : 0;
}

static void note(const struct inet_diag_msg *message, struct relevo_diagnosed *found) {
    found->inode = message->idiag_inode;
    memcpy(found->local, message->id.idiag_src, sizeof found->local);
    memcpy(found->peer, message->id.idiag_dst, sizeof found->peer);
    found->local_port = message->id.idiag_sport;
    found->peer_port = message->id.idiag_dport;
    found->family = message->idiag_family;
    found->state = message->idiag_state;
    found->uid = message->idiag_uid;
    found->interface = message->id.idiag_if;
}

ssize_t relevo_diagnostics_take(int diagnostics, struct relevo_diagnosed *found, int *done) {
    /* The kernel fills 32 KiB at most. */
    _Alignas(struct nlmsghdr) char room[32768];
    ssize_t length = recv(diagnostics, room, sizeof room, MSG_TRUNC);
    size_t count = 0;

    if (length == -1) return -1;
    if ((size_t)length > sizeof room) {
        errno = EMSGSIZE;
        return -1;
    }
    for (size_t at = 0; at + sizeof(struct nlmsghdr) <= (size_t)length;) {
        const struct nlmsghdr *header = (const struct nlmsghdr *)(room + at);
        if (header->nlmsg_len < sizeof *header || header->nlmsg_len > (size_t)length - at) break;
        at += NLMSG_ALIGN(header->nlmsg_len);
        if (header->nlmsg_type == NLMSG_DONE) {
            *done = 1;
            break;
        }
        if (header->nlmsg_type == NLMSG_ERROR) {
            if (header->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr))) errno = EPROTO;
            else errno = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
            return -1;
        }
        if (header->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg))
            && count < RELEVO_MOST_DIAGNOSED)
            note(NLMSG_DATA(header), &found[count++]);
    }
    return (ssize_t)count;
}

/* As getdents64(2) writes it. */
struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

ssize_t relevo_socket_inodes(pid_t pid, uint64_t *inodes, size_t capacity) {
    static const char prefix[] = "socket:[";
    _Alignas(struct entry) char room[32768];
    char path[32], target[64];
    size_t count = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder == -1) return -1;
    for (;;) {
        long length = syscall(SYS_getdents64, folder, room, sizeof room);
        if (length == -1) {
            int reason = errno;
            close(folder);
            errno = reason;
            return -1;
        }
        if (length == 0) break;
        for (long at = 0; at < length;) {
            const struct entry *entry = (const struct entry *)(room + at);
            at += entry->length;
            ssize_t size = readlinkat(folder, entry->name, target, sizeof target - 1);
            if (size < (ssize_t)sizeof prefix || memcmp(target, prefix, sizeof prefix - 1) != 0)
                continue;
            target[size] = 0;
            if (count < capacity) inodes[count++] = strtoull(target + sizeof prefix - 1, NULL, 10);
        }
    }
    close(folder);
    return (ssize_t)count;
}
