#define _GNU_SOURCE
#include "batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct datagram {
    union address peer;
    struct relevo_ip local;
    uint8_t class;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo)) + 64];
};

struct relevo_batch {
    size_t capacity;
    size_t size;
    struct mmsghdr *headers;
    struct iovec *parts;
    struct datagram *datagrams;
    unsigned char *bytes;
};

struct relevo_batch *relevo_batch_create(size_t capacity, size_t size) {
    struct relevo_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) return NULL;
    batch->capacity = capacity;
    batch->size = size;
    batch->headers = calloc(capacity, sizeof *batch->headers);
    batch->parts = calloc(capacity, sizeof *batch->parts);
    batch->datagrams = calloc(capacity, sizeof *batch->datagrams);
    batch->bytes = calloc(capacity, size);
    if (!batch->headers || !batch->parts || !batch->datagrams || !batch->bytes) {
        relevo_batch_destroy(batch);
        errno = ENOMEM;
        return NULL;
    }
    for (size_t i = 0; i < capacity; i++) {
        batch->parts[i].iov_base = batch->bytes + i * size;
        batch->headers[i].msg_hdr.msg_iov = &batch->parts[i];
        batch->headers[i].msg_hdr.msg_iovlen = 1;
    }
    return batch;
}

void relevo_batch_destroy(struct relevo_batch *batch) {
    free(batch->headers);
    free(batch->parts);
    free(batch->datagrams);
    free(batch->bytes);
    free(batch);
}

void *relevo_batch_bytes(struct relevo_batch *batch, size_t index) {
    return batch->bytes + index * batch->size;
}

size_t relevo_batch_length(const struct relevo_batch *batch, size_t index) {
    return batch->headers[index].msg_len;
}

void relevo_batch_set_length(struct relevo_batch *batch, size_t index, size_t length) {
    batch->headers[index].msg_len = (unsigned)length;
}

struct relevo_ip relevo_batch_peer(const struct relevo_batch *batch, size_t index) {
    const union address *peer = &batch->datagrams[index].peer;
    struct relevo_ip ip = {.family = peer->any.sa_family};
    if (ip.family == AF_INET) {
        ip.port = ntohs(peer->v4.sin_port);
        memcpy(ip.bytes, &peer->v4.sin_addr, sizeof peer->v4.sin_addr);
    } else if (ip.family == AF_INET6) {
        ip.port = ntohs(peer->v6.sin6_port);
        ip.scope = peer->v6.sin6_scope_id;
        memcpy(ip.bytes, &peer->v6.sin6_addr, sizeof peer->v6.sin6_addr);
    }
    return ip;
}

void relevo_batch_set_peer(struct relevo_batch *batch, size_t index, struct relevo_ip ip) {
    union address *peer = &batch->datagrams[index].peer;
    memset(peer, 0, sizeof *peer);
    peer->any.sa_family = ip.family;
    if (ip.family == AF_INET) {
        peer->v4.sin_port = htons(ip.port);
        memcpy(&peer->v4.sin_addr, ip.bytes, sizeof peer->v4.sin_addr);
    } else if (ip.family == AF_INET6) {
        peer->v6.sin6_port = htons(ip.port);
        peer->v6.sin6_scope_id = ip.scope;
        memcpy(&peer->v6.sin6_addr, ip.bytes, sizeof peer->v6.sin6_addr);
    }
}

struct relevo_ip relevo_batch_local(const struct relevo_batch *batch, size_t index) {
    return batch->datagrams[index].local;
}

void relevo_batch_set_local(struct relevo_batch *batch, size_t index, struct relevo_ip local) {
    batch->datagrams[index].local = local;
}

uint8_t relevo_batch_class(const struct relevo_batch *batch, size_t index) {
    return batch->datagrams[index].class;
}

static socklen_t peer_length(const union address *peer) {
    if (peer->any.sa_family == AF_INET) return sizeof peer->v4;
    if (peer->any.sa_family == AF_INET6) return sizeof peer->v6;
    return 0;
}

static void write_control(struct msghdr *message, struct datagram *datagram) {
    message->msg_control = NULL;
    message->msg_controllen = 0;
    if (datagram->local.family == 0) return;
    struct cmsghdr *header = (struct cmsghdr *)datagram->control;
    if (datagram->local.family == AF_INET) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, datagram->local.bytes, sizeof info.ipi_spec_dst);
        header->cmsg_level = IPPROTO_IP;
        header->cmsg_type = IP_PKTINFO;
        header->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(header), &info, sizeof info);
        message->msg_controllen = CMSG_SPACE(sizeof info);
    } else {
        struct in6_pktinfo info = {.ipi6_ifindex = datagram->local.scope};
        memcpy(&info.ipi6_addr, datagram->local.bytes, sizeof info.ipi6_addr);
        header->cmsg_level = IPPROTO_IPV6;
        header->cmsg_type = IPV6_PKTINFO;
        header->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(header), &info, sizeof info);
        message->msg_controllen = CMSG_SPACE(sizeof info);
    }
    message->msg_control = datagram->control;
}

static void read_control(struct msghdr *message, struct datagram *datagram) {
    struct relevo_ip *local = &datagram->local;
    memset(local, 0, sizeof *local);
    datagram->class = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(header), sizeof info);
            local->family = AF_INET;
            memcpy(local->bytes, &info.ipi_addr, sizeof info.ipi_addr);
        } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(header), sizeof info);
            local->family = AF_INET6;
            memcpy(local->bytes, &info.ipi6_addr, sizeof info.ipi6_addr);
            /* Only a link-local address means nothing without its interface. */
            if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) local->scope = info.ipi6_ifindex;
        } else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TOS) {
            memcpy(&datagram->class, CMSG_DATA(header), 1);
        } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_TCLASS) {
            int class;
            memcpy(&class, CMSG_DATA(header), sizeof class);
            datagram->class = (uint8_t)class;
        }
    }
}

int relevo_batch_send(struct relevo_batch *batch, int socket, size_t first, size_t count) {
    for (size_t i = first; i < first + count; i++) {
        struct mmsghdr *header = &batch->headers[i];
        union address *peer = &batch->datagrams[i].peer;
        header->msg_hdr.msg_namelen = peer_length(peer);
        header->msg_hdr.msg_name = header->msg_hdr.msg_namelen == 0 ? NULL : peer;
        batch->parts[i].iov_len = header->msg_len;
        write_control(&header->msg_hdr, &batch->datagrams[i]);
    }
    return sendmmsg(socket, batch->headers + first, (unsigned)count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int relevo_batch_receive(struct relevo_batch *batch, int socket, int waits) {
    for (size_t i = 0; i < batch->capacity; i++) {
        struct msghdr *message = &batch->headers[i].msg_hdr;
        message->msg_name = &batch->datagrams[i].peer;
        message->msg_namelen = sizeof batch->datagrams[i].peer;
        message->msg_control = batch->datagrams[i].control;
        message->msg_controllen = sizeof batch->datagrams[i].control;
        batch->parts[i].iov_len = batch->size;
    }
    int count = recvmmsg(socket, batch->headers, (unsigned)batch->capacity,
                         waits ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
        read_control(&batch->headers[i].msg_hdr, &batch->datagrams[i]);
    return count;
}
