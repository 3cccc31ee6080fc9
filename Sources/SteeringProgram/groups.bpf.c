/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps what is sent to a group of hosts from the sockets that are not to hear it.
 *
 * The kernel gives a copy of a multicast or a broadcast to every socket that matches, and asks no
 * program of steering. What a filter drops it counts as dropped at the socket, like what found its
 * buffer full: so each drop is counted here too, to tell one from the other.
 */
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <bpf/bpf_helpers.h>
#include "SteeringABI.h"

char licence[] SEC("license") = "Dual BSD/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, RELEVO_GROUP_ENTRIES);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct relevo_group_key);
    __type(value, __u64);
} groups SEC(".maps");

enum { KEEP = -1, DROP = 0 };

/* The link tells, but that of the loopback interface does not: there a broadcast of a network is taken
 * for a datagram to the host. */
static __always_inline int is_to_group(struct __sk_buff *skb)
{
    __u8 version, first;

    if (skb->pkt_type != PACKET_HOST)
        return 1;
    if (bpf_skb_load_bytes_relative(skb, 0, &version, 1, BPF_HDR_START_NET))
        return 0;
    if (version >> 4 == 6)
        return !bpf_skb_load_bytes_relative(skb, 24, &first, 1, BPF_HDR_START_NET)
            && first == 0xff;
    return !bpf_skb_load_bytes_relative(skb, 16, &first, 1, BPF_HDR_START_NET) && first >= 224;
}

SEC("socket")
int group_filter(struct __sk_buff *skb)
{
    struct relevo_group_key key = {};
    __u64 *current, *hears, *unheard;

    if (!is_to_group(skb))
        return KEEP;
    current = bpf_map_lookup_elem(&groups, &key);
    if (!current)
        return KEEP;
    key.cookie = bpf_get_socket_cookie(skb);
    key.part = RELEVO_GROUP_HEARS;
    hears = bpf_map_lookup_elem(&groups, &key);
    if (!hears || *hears >> (*current & 1) & 1)
        return KEEP;
    key.part = RELEVO_GROUP_UNHEARD;
    unheard = bpf_map_lookup_elem(&groups, &key);
    if (unheard)
        __sync_fetch_and_add(unheard, 1);
    return DROP;
}
