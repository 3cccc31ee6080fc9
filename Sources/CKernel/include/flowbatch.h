#ifndef RELEVO_FLOWBATCH_H
#define RELEVO_FLOWBATCH_H

#include <stdint.h>

/* Many datagrams in one call, each with its peer and its local address (recvmmsg(2), sendmmsg(2),
   IP_PKTINFO, IPV6_PKTINFO). */

/* An address with a port; IPv4 as ::ffff:a.b.c.d, in network order, the port in host order. All
   zero: none. */
struct relevo_endpoint {
    uint64_t address[2];
    uint32_t scope;
    uint16_t port;
};

struct relevo_flowbatch;

/* A batch for sockets of one family; NULL without memory. */
struct relevo_flowbatch *relevo_flowbatch_create(int capacity, int slot_size, int is_ipv6);
void relevo_flowbatch_destroy(struct relevo_flowbatch *batch);

/* Asks a socket to tell the local address of each datagram. */
int relevo_flowbatch_ask_local(int socket, int is_ipv6);
/* Asks an unconnected socket to queue what ICMP says about the datagrams it has sent. */
int relevo_flowbatch_ask_refusals(int socket, int is_ipv6);

/* Fills the batch with waiting datagrams; with `waits` waits for the first one. */
int relevo_flowbatch_receive(struct relevo_flowbatch *batch, int socket, int waits);
/* Sends the datagrams from `first` up to `end`; says how many were sent. */
int relevo_flowbatch_send(struct relevo_flowbatch *batch, int socket, int first, int end);
/* Takes one queued ICMP error: its errno, 0 when there is none. */
int relevo_flowbatch_refusal(int socket);

/* Makes the received datagrams answers to their peers, from the address they were sent to. */
void relevo_flowbatch_turn(struct relevo_flowbatch *batch, int count);

uint8_t *relevo_flowbatch_payload(struct relevo_flowbatch *batch, int index);
int relevo_flowbatch_length(const struct relevo_flowbatch *batch, int index);
void relevo_flowbatch_set_length(struct relevo_flowbatch *batch, int index, int length);
struct relevo_endpoint relevo_flowbatch_peer(const struct relevo_flowbatch *batch, int index);
struct relevo_endpoint relevo_flowbatch_local(const struct relevo_flowbatch *batch, int index);
/* Sets where a datagram goes and, unless it is all zero, the local address it comes from. */
void relevo_flowbatch_address(struct relevo_flowbatch *batch, int index,
                              struct relevo_endpoint peer, struct relevo_endpoint local);

#endif
