#define _GNU_SOURCE
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Newer than the headers of some C libraries; numbers of the kernel's uapi headers. */
enum {
    IP_BIND_NO_PORT = 24,
    IP_CHECK_SUM = 23,
    IP6_DONT_FRAGMENT = 62,
    IP6_ORIGINAL_DESTINATION = 74,
    IP6_FREE_BIND = 78,
    IP6_MIN_HOPS = 73,
    IP6_AUTO_FLOW_LABEL = 70,
    IP6_MULTICAST_ALL = 29,
    SO_BUSY_POLL_PREFERRED = 69,
    SO_BUSY_POLL_BUDGET_SIZE = 70,
    SO_TIMESTAMP_64 = 63,
    SO_TIMESTAMPNS_64 = 64,
    SO_TIMESTAMPING_64 = 65,
    UDP_CORKED = 1,
    UDP_ENCAPSULATION = 100,
    UDP_NO_CHECK6_SEND = 101,
    UDP_NO_CHECK6_RECEIVE = 102,
    UDP_SEGMENT_SIZE = 103,
    UDP_COALESCE = 104,
};

static const struct relevo_option options[] = {
    /* What lets others bind beside it: a server that opens a socket a session counts on it. */
    {SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR"},
    {SOL_SOCKET, SO_BROADCAST, "SO_BROADCAST"},
    {SOL_SOCKET, SO_MARK, "SO_MARK"},
    {SOL_SOCKET, SO_DONTROUTE, "SO_DONTROUTE"},
    {SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE"},
    {SOL_SOCKET, SO_OOBINLINE, "SO_OOBINLINE"},
    {SOL_SOCKET, SO_LINGER, "SO_LINGER"},
    {SOL_SOCKET, SO_RCVLOWAT, "SO_RCVLOWAT"},
    {SOL_SOCKET, SO_RCVTIMEO, "SO_RCVTIMEO"},
    {SOL_SOCKET, SO_SNDTIMEO, "SO_SNDTIMEO"},
    {SOL_SOCKET, SO_NO_CHECK, "SO_NO_CHECK"},
    {SOL_SOCKET, SO_PASSSEC, "SO_PASSSEC"},
    {SOL_SOCKET, SO_TIMESTAMP, "SO_TIMESTAMP"},
    {SOL_SOCKET, SO_TIMESTAMP_64, "SO_TIMESTAMP_NEW"},
    {SOL_SOCKET, SO_TIMESTAMPNS, "SO_TIMESTAMPNS"},
    {SOL_SOCKET, SO_TIMESTAMPNS_64, "SO_TIMESTAMPNS_NEW"},
    {SOL_SOCKET, SO_TIMESTAMPING, "SO_TIMESTAMPING"},
    {SOL_SOCKET, SO_TIMESTAMPING_64, "SO_TIMESTAMPING_NEW"},
    {SOL_SOCKET, SO_RXQ_OVFL, "SO_RXQ_OVFL"},
    {SOL_SOCKET, SO_WIFI_STATUS, "SO_WIFI_STATUS"},
    {SOL_SOCKET, SO_SELECT_ERR_QUEUE, "SO_SELECT_ERR_QUEUE"},
    {SOL_SOCKET, SO_BUSY_POLL, "SO_BUSY_POLL"},
    {SOL_SOCKET, SO_BUSY_POLL_PREFERRED, "SO_PREFER_BUSY_POLL"},
    {SOL_SOCKET, SO_BUSY_POLL_BUDGET_SIZE, "SO_BUSY_POLL_BUDGET"},
    {SOL_SOCKET, SO_MAX_PACING_RATE, "SO_MAX_PACING_RATE"},
    {SOL_SOCKET, SO_INCOMING_CPU, "SO_INCOMING_CPU"},
    {SOL_SOCKET, SO_ZEROCOPY, "SO_ZEROCOPY"},
    {IPPROTO_IP, IP_TOS, "IP_TOS"},
    /* The type of service sets it, too. */
    {SOL_SOCKET, SO_PRIORITY, "SO_PRIORITY"},
    {IPPROTO_IP, IP_TTL, "IP_TTL"},
    {IPPROTO_IP, IP_MINTTL, "IP_MINTTL"},
    {IPPROTO_IP, IP_PKTINFO, "IP_PKTINFO"},
    {IPPROTO_IP, IP_RECVTTL, "IP_RECVTTL"},
    {IPPROTO_IP, IP_RECVTOS, "IP_RECVTOS"},
    {IPPROTO_IP, IP_RECVOPTS, "IP_RECVOPTS"},
    {IPPROTO_IP, IP_RETOPTS, "IP_RETOPTS"},
    {IPPROTO_IP, IP_RECVERR, "IP_RECVERR"},
    {IPPROTO_IP, IP_PASSSEC, "IP_PASSSEC"},
    {IPPROTO_IP, IP_RECVORIGDSTADDR, "IP_RECVORIGDSTADDR"},
    {IPPROTO_IP, IP_CHECK_SUM, "IP_CHECKSUM"},
    {IPPROTO_IP, IP_MTU_DISCOVER, "IP_MTU_DISCOVER"},
    {IPPROTO_IP, IP_FREEBIND, "IP_FREEBIND"},
    {IPPROTO_IP, IP_TRANSPARENT, "IP_TRANSPARENT"},
    {IPPROTO_IP, IP_BIND_NO_PORT, "IP_BIND_ADDRESS_NO_PORT"},
    {IPPROTO_IP, IP_MULTICAST_TTL, "IP_MULTICAST_TTL"},
    {IPPROTO_IP, IP_MULTICAST_LOOP, "IP_MULTICAST_LOOP"},
    {IPPROTO_IP, IP_MULTICAST_ALL, "IP_MULTICAST_ALL"},
    {IPPROTO_IP, IP_MULTICAST_IF, "IP_MULTICAST_IF"},
    {IPPROTO_IPV6, IPV6_TCLASS, "IPV6_TCLASS"},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS"},
    {IPPROTO_IPV6, IP6_MIN_HOPS, "IPV6_MINHOPCOUNT"},
    {IPPROTO_IPV6, IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO"},
    {IPPROTO_IPV6, IPV6_RECVHOPLIMIT, "IPV6_RECVHOPLIMIT"},
    {IPPROTO_IPV6, IPV6_RECVTCLASS, "IPV6_RECVTCLASS"},
    {IPPROTO_IPV6, IPV6_RECVERR, "IPV6_RECVERR"},
    {IPPROTO_IPV6, IPV6_RECVPATHMTU, "IPV6_RECVPATHMTU"},
    {IPPROTO_IPV6, IP6_ORIGINAL_DESTINATION, "IPV6_RECVORIGDSTADDR"},
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER, "IPV6_MTU_DISCOVER"},
    {IPPROTO_IPV6, IP6_DONT_FRAGMENT, "IPV6_DONTFRAG"},
    {IPPROTO_IPV6, IP6_FREE_BIND, "IPV6_FREEBIND"},
    {IPPROTO_IPV6, IPV6_TRANSPARENT, "IPV6_TRANSPARENT"},
    {IPPROTO_IPV6, IP6_AUTO_FLOW_LABEL, "IPV6_AUTOFLOWLABEL"},
    {IPPROTO_IPV6, IPV6_MULTICAST_HOPS, "IPV6_MULTICAST_HOPS"},
    {IPPROTO_IPV6, IPV6_MULTICAST_LOOP, "IPV6_MULTICAST_LOOP"},
    {IPPROTO_IPV6, IP6_MULTICAST_ALL, "IPV6_MULTICAST_ALL"},
    {IPPROTO_IPV6, IPV6_MULTICAST_IF, "IPV6_MULTICAST_IF"},
    {IPPROTO_UDP, UDP_CORKED, "UDP_CORK"},
    {IPPROTO_UDP, UDP_ENCAPSULATION, "UDP_ENCAP"},
    {IPPROTO_UDP, UDP_NO_CHECK6_SEND, "UDP_NO_CHECK6_TX"},
    {IPPROTO_UDP, UDP_NO_CHECK6_RECEIVE, "UDP_NO_CHECK6_RX"},
    {IPPROTO_UDP, UDP_SEGMENT_SIZE, "UDP_SEGMENT"},
    {IPPROTO_UDP, UDP_COALESCE, "UDP_GRO"},
    {IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY"},
    {IPPROTO_TCP, TCP_MAXSEG, "TCP_MAXSEG"},
    {IPPROTO_TCP, TCP_DEFER_ACCEPT, "TCP_DEFER_ACCEPT"},
    {IPPROTO_TCP, TCP_KEEPIDLE, "TCP_KEEPIDLE"},
    {IPPROTO_TCP, TCP_KEEPINTVL, "TCP_KEEPINTVL"},
    {IPPROTO_TCP, TCP_KEEPCNT, "TCP_KEEPCNT"},
    {IPPROTO_TCP, TCP_SYNCNT, "TCP_SYNCNT"},
    {IPPROTO_TCP, TCP_LINGER2, "TCP_LINGER2"},
    {IPPROTO_TCP, TCP_QUICKACK, "TCP_QUICKACK"},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT"},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT"},
    {IPPROTO_TCP, TCP_FASTOPEN, "TCP_FASTOPEN"},
    {IPPROTO_TCP, TCP_SAVE_SYN, "TCP_SAVE_SYN"},
    {IPPROTO_TCP, TCP_CONGESTION, "TCP_CONGESTION"},
};

const struct relevo_option *relevo_option_at(size_t index) {
    return index < sizeof options / sizeof *options ? options + index : NULL;
}

int relevo_option_carry(const struct relevo_option *option, int from, int to) {
    unsigned char wanted[64], present[64];
    socklen_t length = sizeof wanted, other = sizeof present;
    memset(wanted, 0, sizeof wanted);
    memset(present, 0, sizeof present);
    /* One that this kind of socket, or this kernel, does not know was not set either. */
    if (getsockopt(from, option->level, option->name, wanted, &length) == -1) return 0;
    if (getsockopt(to, option->level, option->name, present, &other) == -1) return -1;
    if (length == other && memcmp(wanted, present, length) == 0) return 0;
    return setsockopt(to, option->level, option->name, wanted, length) == -1 ? -1 : 1;
}

int relevo_option_differs(const struct relevo_option *option, int one, int other) {
    unsigned char first[64], second[64];
    socklen_t length = sizeof first, other_length = sizeof second;
    memset(first, 0, sizeof first);
    memset(second, 0, sizeof second);
    if (getsockopt(one, option->level, option->name, first, &length) == -1) return 0;
    if (getsockopt(other, option->level, option->name, second, &other_length) == -1) return 0;
    return length != other_length || memcmp(first, second, length) != 0;
}

int relevo_has_filter(int socket) {
    socklen_t length = 0;
    /* EACCES: there is one that was not written as classic BPF. */
    if (getsockopt(socket, SOL_SOCKET, SO_GET_FILTER, NULL, &length) == -1) return errno == EACCES;
    return length > 0;
}

int relevo_hear_packets(int packet) {
    struct sockaddr_ll every = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    return bind(packet, (struct sockaddr *)&every, sizeof every);
}
