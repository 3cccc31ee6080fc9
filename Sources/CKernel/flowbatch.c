#define _GNU_SOURCE
#include "flowbatch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct relevo_flowbatch {
    int capacity;
    int slot_size;
    int is_ipv6;
    struct mmsghdr *messages;
    struct iovec *vectors;
    union address *peers;
    union control *controls;
    uint8_t *payload;
};

struct relevo_flowbatch *relevo_flowbatch_create(int capacity, int slot_size, int is_ipv6) {
    struct relevo_flowbatch *batch = calloc(1, sizeof *batch);
    if (!batch) return NULL;
    size_t count = (size_t)capacity;
    batch->capacity = capacity;
    batch->slot_size = slot_size;
    batch->is_ipv6 = is_ipv6;
    batch->messages = calloc(count, sizeof *batch->messages);
    batch->vectors = calloc(count, sizeof *batch->vectors);
    batch->peers = calloc(count, sizeof *batch->peers);
    batch->controls = calloc(count, sizeof *batch->controls);
    batch->payload = calloc(count, (size_t)slot_size);
    if (!batch->messages || !batch->vectors || !batch->peers || !batch->controls
        || !batch->payload) {
        relevo_flowbatch_destroy(batch);
        return NULL;
    }
    for (int i = 0; i < capacity; i++) {
        batch->vectors[i].iov_base = batch->payload + (size_t)i * (size_t)slot_size;
        batch->messages[i].msg_hdr.msg_iov = &batch->vectors[i];
        batch->messages[i].msg_hdr.msg_iovlen = 1;
        batch->messages[i].msg_hdr.msg_name = &batch->peers[i];
    }
    return batch;
}

void relevo_flowbatch_destroy(struct relevo_flowbatch *batch) {
    if (!batch) return;
    free(batch->messages);
    free(batch->vectors);
    free(batch->peers);
    free(batch->controls);
    free(batch->payload);
    free(batch);
}

int relevo_flowbatch_ask_local(int socket, int is_ipv6) {
    int on = 1;
    if (is_ipv6) return setsockopt(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    return setsockopt(socket, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

int relevo_flowbatch_ask_refusals(int socket, int is_ipv6) {
    int on = 1;
    if (is_ipv6) return setsockopt(socket, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    return setsockopt(socket, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
}

int relevo_flowbatch_receive(struct relevo_flowbatch *batch, int socket, int waits) {
    for (int i = 0; i < batch->capacity; i++) {
        struct msghdr *header = &batch->messages[i].msg_hdr;
        header->msg_namelen = sizeof batch->peers[i];
        header->msg_control = &batch->controls[i];
        header->msg_controllen = sizeof batch->controls[i];
        header->msg_flags = 0;
        batch->vectors[i].iov_len = (size_t)batch->slot_size;
    }
    int received = recvmmsg(socket, batch->messages, (unsigned)batch->capacity,
                            waits ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
    for (int i = 0; i < received; i++) batch->vectors[i].iov_len = batch->messages[i].msg_len;
    return received;
}

int relevo_flowbatch_send(struct relevo_flowbatch *batch, int socket, int first, int end) {
    return sendmmsg(socket, batch->messages + first, (unsigned)(end - first), MSG_NOSIGNAL);
}

int relevo_flowbatch_refusal(int socket) {
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

uint8_t *relevo_flowbatch_payload(struct relevo_flowbatch *batch, int index) {
    return batch->payload + (size_t)index * (size_t)batch->slot_size;
}

int relevo_flowbatch_length(const struct relevo_flowbatch *batch, int index) {
    return (int)batch->vectors[index].iov_len;
}

void relevo_flowbatch_set_length(struct relevo_flowbatch *batch, int index, int length) {
    batch->vectors[index].iov_len = (size_t)length;
}

static struct relevo_endpoint mapped(struct in_addr address, uint16_t port) {
    struct relevo_endpoint endpoint = {.port = port};
    uint8_t bytes[16] = {[10] = 0xff, [11] = 0xff};
    memcpy(bytes + 12, &address, 4);
    memcpy(&endpoint.address, bytes, 16);
    return endpoint;
}

struct relevo_endpoint relevo_flowbatch_peer(const struct relevo_flowbatch *batch, int index) {
    const union address *peer = &batch->peers[index];
    if (!batch->is_ipv6) return mapped(peer->v4.sin_addr, ntohs(peer->v4.sin_port));
    struct relevo_endpoint endpoint = {.port = ntohs(peer->v6.sin6_port),
                                       .scope = peer->v6.sin6_scope_id};
    memcpy(&endpoint.address, &peer->v6.sin6_addr, 16);
    return endpoint;
}

/* The one control message of packet information; NULL when there is none. */
static void *information(const struct relevo_flowbatch *batch, int index) {
    struct msghdr *header = &batch->messages[index].msg_hdr;
    struct cmsghdr *part = CMSG_FIRSTHDR(header);
    if (!part) return NULL;
    int wanted = batch->is_ipv6
        ? part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO
        : part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO;
    return wanted ? CMSG_DATA(part) : NULL;
}

struct relevo_endpoint relevo_flowbatch_local(const struct relevo_flowbatch *batch, int index) {
    struct relevo_endpoint endpoint = {0};
    void *data = information(batch, index);
    if (!data) return endpoint;
    if (batch->is_ipv6) {
        struct in6_pktinfo found;
        memcpy(&found, data, sizeof found);
        memcpy(&endpoint.address, &found.ipi6_addr, 16);
        return endpoint;
    }
    struct in_pktinfo found;
    memcpy(&found, data, sizeof found);
    return mapped(found.ipi_spec_dst, 0);
}

static void set_local(struct relevo_flowbatch *batch, int index, const void *address) {
    struct msghdr *header = &batch->messages[index].msg_hdr;
    struct cmsghdr *part = &batch->controls[index].header;
    header->msg_control = part;
    if (batch->is_ipv6) {
        struct in6_pktinfo wanted = {0};
        memcpy(&wanted.ipi6_addr, address, 16);
        part->cmsg_level = IPPROTO_IPV6;
        part->cmsg_type = IPV6_PKTINFO;
        part->cmsg_len = CMSG_LEN(sizeof wanted);
        memcpy(CMSG_DATA(part), &wanted, sizeof wanted);
        header->msg_controllen = CMSG_SPACE(sizeof wanted);
        return;
    }
    struct in_pktinfo wanted = {0};
    memcpy(&wanted.ipi_spec_dst, (const uint8_t *)address + 12, 4);
    part->cmsg_level = IPPROTO_IP;
    part->cmsg_type = IP_PKTINFO;
    part->cmsg_len = CMSG_LEN(sizeof wanted);
    memcpy(CMSG_DATA(part), &wanted, sizeof wanted);
    header->msg_controllen = CMSG_SPACE(sizeof wanted);
}

static int is_nowhere(struct relevo_endpoint endpoint) {
    return !endpoint.address[0] && !endpoint.address[1];
}

void relevo_flowbatch_turn(struct relevo_flowbatch *batch, int count) {
    for (int i = 0; i < count; i++) {
        struct relevo_endpoint local = relevo_flowbatch_local(batch, i);
        if (is_nowhere(local)) {
            batch->messages[i].msg_hdr.msg_control = NULL;
            batch->messages[i].msg_hdr.msg_controllen = 0;
        } else {
            set_local(batch, i, local.address);
        }
    }
}

void relevo_flowbatch_address(struct relevo_flowbatch *batch, int index,
                              struct relevo_endpoint peer, struct relevo_endpoint local) {
    struct msghdr *header = &batch->messages[index].msg_hdr;
    union address *place = &batch->peers[index];
    memset(place, 0, sizeof *place);
    if (batch->is_ipv6) {
        place->v6.sin6_family = AF_INET6;
        place->v6.sin6_port = htons(peer.port);
        place->v6.sin6_scope_id = peer.scope;
        memcpy(&place->v6.sin6_addr, peer.address, 16);
        header->msg_namelen = sizeof place->v6;
    } else {
        place->v4.sin_family = AF_INET;
        place->v4.sin_port = htons(peer.port);
        memcpy(&place->v4.sin_addr, (const uint8_t *)peer.address + 12, 4);
        header->msg_namelen = sizeof place->v4;
    }
    if (is_nowhere(local)) {
        header->msg_control = NULL;
        header->msg_controllen = 0;
    } else {
        set_local(batch, index, local.address);
    }
}
