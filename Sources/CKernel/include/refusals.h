#ifndef RELEVO_REFUSALS_H
#define RELEVO_REFUSALS_H

/* Asks a socket, connected or not, to queue what ICMP says about the datagrams it has sent. */
int relevo_ask_refusals(int socket, int is_ipv6);

/* Takes one queued ICMP error: its errno, 0 when there is none. */
int relevo_take_refusal(int socket);

#endif
