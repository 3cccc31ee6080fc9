/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every steering program has: its maps, and the way to the sockets that new flows go to. */
#ifndef CHOICE_BPF_H
#define CHOICE_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "SteeringABI.h"
#include "siphash.bpf.h"

#define READ_ONCE(x) (*(volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))

char licence[] SEC("license") = "Dual BSD/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
    __uint(max_entries, RELEVO_SLOTS);
    __type(key, __u32);
    __type(value, __u64);
} sockets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct relevo_bucket);
} flows SEC(".maps");

struct relevo_state state;

/* Shared with the programs of other listeners, as the map of flows is. */
struct relevo_table table SEC(".bss.table");

#include "flows.bpf.h"

#ifdef RELEVO_BALANCED
#include "loads.bpf.h"
#endif

/* A datagram has gone to a stay: it is counted if that is none of the newest choice. */
__noinline __u64 count_if_others(__u64 placement)
{
    __u64 slot = masked(READ_ONCE(*slot_of(placement)), RELEVO_SLOTS);

    if (READ_ONCE(state.others_of[masked(slot >> 6, RELEVO_SLOTS / 64)]) >> (slot & 63) & 1)
        __sync_fetch_and_add(
            &state.others[masked(bpf_get_smp_processor_id(), RELEVO_OTHERS)].datagrams, 1);
    return 0;
}

static __always_inline __u32 steer_to(struct sk_reuseport_md *ctx, __u64 placement)
{
    if (bpf_sk_select_reuseport(ctx, &sockets, slot_of(placement), 0))
        return 0;
    if (READ_ONCE(state.counts_others))
        count_if_others(placement);
#ifdef RELEVO_BALANCED
    count_datagram(placement);
#endif
    return 1;
}

static __always_inline __u64 chosen(__u64 current, __u64 pick)
{
    __u64 at = (current >> 32) * RELEVO_SLOTS + pick;
    return READ_ONCE(state.choice[masked(at, RELEVO_CHOICES * RELEVO_SLOTS)]);
}

#ifdef RELEVO_BALANCED
/* The share of the less busy one of two slots, which gets a flow more. */
__noinline __u64 less_busy(__u64 current, __u64 share)
{
    __u64 length = (__u32)current, other = (__u32)(share * 0x9e3779b1);
    __u64 one = chosen(current, (__u32)share * length >> 32);
    __u64 two = chosen(current, other * length >> 32);

    return add_to_less_busy(one, two) == one ? share : other;
}
#endif

/*
 * Steers to a choice, beginning at its share for this hash. The plain hash would reach any
 * generation, so a slot without a socket is passed over for its neighbours. The verifier wants
 * the same range for the offset at every step, hence shares rather than a counter.
 * Returns the placement, or 0 when none of them took it.
 */
__noinline __u64 steer_by(struct sk_reuseport_md *ctx, __u64 current, __u64 share)
{
    __u64 length = (__u32)current, placement, step, missed = 0;

    if (length == 0)
        return 0;
#ifdef RELEVO_BALANCED
    share = less_busy(current, share);
#endif
    step = 0xffffffffull / length + 1;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        placement = chosen(current, (__u32)share * length >> 32);
        if (steer_to(ctx, placement))
            goto steered;
        missed++;
        share += step;
    }
    placement = 0;
steered:
    if (missed)
        count_all(fallback, missed);
    return placement & (RELEVO_PLACEMENTS - 1);
}

/* Whether an address is in one of so many networks. */
__noinline __u64 is_in_networks(__u64 first, __u64 second, __u64 is_ipv6, __u64 count)
{
    __u32 at;

    for (at = 0; at < RELEVO_NETWORKS && at < count; at++) {
        const struct relevo_network *network = &state.networks[at];

        if (READ_ONCE(network->is_ipv6) == is_ipv6
            && !((first ^ READ_ONCE(network->address[0])) & READ_ONCE(network->mask[0]))
            && !((second ^ READ_ONCE(network->address[1])) & READ_ONCE(network->mask[1])))
            return 1;
    }
    return 0;
}

/* Whether this client is the canary's. Ports do not count: all flows of a client go one way. */
__noinline __u64 is_canarys(struct sk_reuseport_md *ctx, __u64 share, __u64 networks)
{
    __u64 word[2] = {}, key = state.canary_key, is_ipv6, hash;

    is_ipv6 = ctx->eth_protocol == bpf_htons(ETH_P_IPV6);
    if (is_ipv6) {
        if (bpf_skb_load_bytes_relative(ctx, 8, word, 16, BPF_HDR_START_NET))
            return 0;
    } else if (bpf_skb_load_bytes_relative(ctx, 12, word, 4, BPF_HDR_START_NET)) {
        return 0;
    }
    if (networks && is_in_networks(word[0], word[1], is_ipv6, networks))
        return 1;
    /* Short, since each listener has this program. Whoever finds the key out can choose his version, and
     * nothing else. */
    hash = (word[0] ^ key) * 0x9e3779b97f4a7c15ull;
    hash = ((hash ^ hash >> 32) + word[1]) * (key | 1);
    hash = (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9ull;
    return hash >> 32 < share;
}

/* Steers to where new flows of this client go. Where no slot of a canary takes it, the others do. */
__noinline __u64 steer_to_current(struct sk_reuseport_md *ctx, __u64 share)
{
    __u64 part = READ_ONCE(state.canary_share), networks = READ_ONCE(state.canary_networks);
    __u64 placement;

    if ((part || networks) && is_canarys(ctx, part, networks)) {
        placement = steer_by(ctx, READ_ONCE(state.canary), share);
        if (placement)
            return placement;
    }
    return steer_by(ctx, READ_ONCE(state.current), share);
}

#endif
