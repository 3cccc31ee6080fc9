#ifndef RELEVO_BATCH_H
#define RELEVO_BATCH_H

#include <stddef.h>
#include <stdint.h>

/* A row of datagrams that sendmmsg(2) and recvmmsg(2) work on, allocated once. */
struct relevo_batch;

/* An IP address as it travels: family 0 (none), AF_INET or AF_INET6, bytes in network order. */
struct relevo_ip {
    uint16_t family;
    uint16_t port;
    uint32_t scope;
    uint8_t bytes[16];
};

struct relevo_batch *relevo_batch_create(size_t capacity, size_t size);
void relevo_batch_destroy(struct relevo_batch *batch);

/* The room of one datagram, `size` bytes. */
void *relevo_batch_bytes(struct relevo_batch *batch, size_t index);
size_t relevo_batch_length(const struct relevo_batch *batch, size_t index);
void relevo_batch_set_length(struct relevo_batch *batch, size_t index, size_t length);

/* The other end: the destination when sending, the source of what was received. */
struct relevo_ip relevo_batch_peer(const struct relevo_batch *batch, size_t index);
void relevo_batch_set_peer(struct relevo_batch *batch, size_t index, struct relevo_ip peer);

/* This end (IP_PKTINFO): the address to send from, or the one it was sent to; the port is unused. */
struct relevo_ip relevo_batch_local(const struct relevo_batch *batch, size_t index);
void relevo_batch_set_local(struct relevo_batch *batch, size_t index, struct relevo_ip local);

/* Of what was received: the byte of its header that has DSCP and ECN, where the socket reports it. */
uint8_t relevo_batch_class(const struct relevo_batch *batch, size_t index);

/* How many went out, at least one, or -1. */
int relevo_batch_send(struct relevo_batch *batch, int socket, size_t first, size_t count);

/* How many came in, at least one, or -1; waits for the first one only, and only if asked to. */
int relevo_batch_receive(struct relevo_batch *batch, int socket, int waits);

#endif
