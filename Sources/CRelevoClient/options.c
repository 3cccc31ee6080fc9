#define _GNU_SOURCE
#include "relevo_system.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "answer.h"

struct option {
    int level;
    int name;
};

/* What a program sets on the socket that it serves, and would have to set again. */
static const struct option copied[] = {
    {SOL_SOCKET, SO_BROADCAST},     {SOL_SOCKET, SO_PRIORITY},
    {SOL_SOCKET, SO_TIMESTAMP},     {SOL_SOCKET, SO_TIMESTAMPNS},
    {SOL_SOCKET, SO_RXQ_OVFL},      {IPPROTO_IP, IP_TOS},
    {IPPROTO_IP, IP_TTL},           {IPPROTO_IP, IP_MTU_DISCOVER},
    {IPPROTO_IP, IP_PKTINFO},       {IPPROTO_IP, IP_RECVTOS},
    {IPPROTO_IP, IP_RECVTTL},       {IPPROTO_IP, IP_RECVERR},
    {IPPROTO_IPV6, IPV6_TCLASS},    {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {IPPROTO_IPV6, IPV6_RECVERR},   {IPPROTO_IPV6, IPV6_MTU_DISCOVER},
    {IPPROTO_IPV6, IPV6_RECVTCLASS}, {IPPROTO_IPV6, IPV6_RECVPKTINFO},
    {IPPROTO_IPV6, IPV6_RECVHOPLIMIT},
};

/* The kernel doubles what it is given, and tells the double. */
static void copy_room(int from, int to, int name) {
    int room = 0;
    socklen_t length = sizeof room;
    if (getsockopt(from, SOL_SOCKET, name, &room, &length) == -1) return;
    room /= 2;
    (void)setsockopt(to, SOL_SOCKET, name, &room, sizeof room);
}

int relevo_sys_copy_options(int listener, int socket) {
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        int value = 0, present = 0;
        socklen_t length = sizeof value;
        if (getsockopt(listener, copied[i].level, copied[i].name, &value, &length) == -1) continue;
        length = sizeof present;
        if (getsockopt(socket, copied[i].level, copied[i].name, &present, &length) == 0 &&
            present == value)
            continue;
        /* One that this family does not have, or that this user may not set, stays as it is. */
        (void)setsockopt(socket, copied[i].level, copied[i].name, &value, sizeof value);
    }
    copy_room(listener, socket, SO_RCVBUF);
    copy_room(listener, socket, SO_SNDBUF);
    int flags = fcntl(listener, F_GETFL);
    if (flags == -1) return -errno;
    return (flags & O_NONBLOCK) == 0 ? 0 : relevo_sys_set_nonblocking(socket);
}
