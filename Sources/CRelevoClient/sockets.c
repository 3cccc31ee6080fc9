#define _GNU_SOURCE
#include "relevo_system.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t to_kernel(const struct relevo_sys_address *from, union address *to) {
    memset(to, 0, sizeof *to);
    if (from->family == 4) {
        to->v4.sin_family = AF_INET;
        to->v4.sin_port = htons(from->port);
        memcpy(&to->v4.sin_addr, from->bytes, sizeof to->v4.sin_addr);
        return sizeof to->v4;
    }
    if (from->family != 6) return 0;
    to->v6.sin6_family = AF_INET6;
    to->v6.sin6_port = htons(from->port);
    to->v6.sin6_scope_id = from->scope;
    memcpy(&to->v6.sin6_addr, from->bytes, sizeof to->v6.sin6_addr);
    return sizeof to->v6;
}

int relevo_sys_read_sockaddr(const void *sockaddr, uint32_t length,
                             struct relevo_sys_address *address) {
    union address raw;
    memset(address, 0, sizeof *address);
    if (sockaddr == NULL || length < sizeof raw.any.sa_family) return 0;
    memset(&raw, 0, sizeof raw);
    memcpy(&raw, sockaddr, length < sizeof raw ? length : sizeof raw);
    if (raw.any.sa_family == AF_INET && length >= sizeof raw.v4) {
        address->family = 4;
        address->port = ntohs(raw.v4.sin_port);
        memcpy(address->bytes, &raw.v4.sin_addr, sizeof raw.v4.sin_addr);
        return 1;
    }
    if (raw.any.sa_family == AF_INET6 && length >= sizeof raw.v6) {
        address->family = 6;
        address->port = ntohs(raw.v6.sin6_port);
        address->scope = raw.v6.sin6_scope_id;
        memcpy(address->bytes, &raw.v6.sin6_addr, sizeof raw.v6.sin6_addr);
        return 1;
    }
    return 0;
}

uint32_t relevo_sys_write_sockaddr(const struct relevo_sys_address *address, void *sockaddr,
                                   uint32_t capacity) {
    union address raw;
    socklen_t length = to_kernel(address, &raw);
    if (length == 0 || length > capacity) return 0;
    memcpy(sockaddr, &raw, length);
    return length;
}

static int set(int socket, int level, int name, int value) {
    return answer(setsockopt(socket, level, name, &value, sizeof value));
}

int relevo_sys_socket(int family, int stream) {
    int type = (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC;
    return answer(socket(family == 4 ? AF_INET : AF_INET6, type, 0));
}

int relevo_sys_only_six(int socket, int only) {
    return set(socket, IPPROTO_IPV6, IPV6_V6ONLY, only);
}

int relevo_sys_is_only_six(int socket) {
    int only = 0;
    socklen_t length = sizeof only;
    (void)getsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, &length);
    return only;
}

int relevo_sys_share_port(int socket) { return set(socket, SOL_SOCKET, SO_REUSEPORT, 1); }

int relevo_sys_may_reuse_address(int socket) { return set(socket, SOL_SOCKET, SO_REUSEADDR, 1); }

int relevo_sys_bind(int socket, const struct relevo_sys_address *address) {
    union address raw;
    socklen_t length = to_kernel(address, &raw);
    return answer(bind(socket, &raw.any, length));
}

int relevo_sys_connect(int socket, const struct relevo_sys_address *address) {
    union address raw;
    socklen_t length = to_kernel(address, &raw);
    return answer(connect(socket, &raw.any, length));
}

int relevo_sys_listen(int socket, int backlog) { return answer(listen(socket, backlog)); }

int relevo_sys_local(int socket, struct relevo_sys_address *address) {
    union address raw;
    socklen_t length = sizeof raw;
    if (getsockname(socket, &raw.any, &length) == -1) return -errno;
    return relevo_sys_read_sockaddr(&raw, length, address) ? 0 : -EAFNOSUPPORT;
}

int relevo_sys_kind(int descriptor) {
    int type = 0, domain = 0;
    socklen_t length = sizeof type;
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == -1) return 0;
    if (domain != AF_INET && domain != AF_INET6) return 0;
    length = sizeof type;
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == -1) return 0;
    return type == SOCK_DGRAM ? 1 : type == SOCK_STREAM ? 2 : 0;
}

int relevo_sys_steer_to_first(int socket) {
    struct sock_filter first = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = 1, .filter = &first};
    return answer(
        setsockopt(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program));
}

int64_t relevo_sys_receive(int socket, void *bytes, size_t capacity,
                           struct relevo_sys_address *source) {
    union address raw;
    socklen_t length = sizeof raw;
    ssize_t count;
    do count = recvfrom(socket, bytes, capacity, MSG_DONTWAIT, &raw.any, &length);
    while (count == -1 && errno == EINTR);
    if (count == -1) return -errno;
    relevo_sys_read_sockaddr(&raw, length, source);
    return count;
}

int64_t relevo_sys_send(int socket, const void *bytes, size_t count,
                        const struct relevo_sys_address *destination) {
    union address raw;
    socklen_t length = to_kernel(destination, &raw);
    ssize_t sent;
    do
        sent = sendto(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL,
                      length == 0 ? NULL : &raw.any, length);
    while (sent == -1 && errno == EINTR);
    return sent == -1 ? -errno : sent;
}
