#define _GNU_SOURCE
#include "refusals.h"

#include <errno.h>
#include <time.h>

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int relevo_ask_refusals(int socket, int is_ipv6) {
    int on = 1;
    if (is_ipv6) return setsockopt(socket, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    return setsockopt(socket, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
}

int relevo_take_refusal(int socket) {
    union {
        struct cmsghdr header;
        char room[512];
    } control;
    char payload[64];
    struct iovec vector = {payload, sizeof payload};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = sizeof control};
    if (recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return errno == EAGAIN ? 0 : -1;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        int is_v4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
        int is_v6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
        if (!is_v4 && !is_v6) continue;
        struct sock_extended_err error;
        memcpy(&error, CMSG_DATA(part), sizeof error);
        return (int)error.ee_errno;
    }
    return EPROTO;
}
