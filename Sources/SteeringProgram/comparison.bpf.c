/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the steering program is measured against: nothing at all, and a table of BPF's own. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "SteeringABI.h"

char licence[] SEC("license") = "Dual BSD/GPL";

struct flow_key {
    __u32 source, local;
    __u16 port, reserved;
};

struct {
    __uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
    __uint(max_entries, RELEVO_SLOTS);
    __type(key, __u32);
    __type(value, __u64);
} sockets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1);
    __type(key, struct flow_key);
    __type(value, __u32);
} flows SEC(".maps");

/* Only the length of the current choice is used: slots from 0 on. */
struct relevo_state state;

/* The loader wants one in every object. */
struct relevo_table table SEC(".bss.table");

SEC("sk_reuseport")
int empty(struct sk_reuseport_md *ctx __attribute__((unused)))
{
    return SK_PASS;
}

/* The usual way: an LRU hash map from the 4-tuple to the slot, IPv4 alone, no time and no epoch. */
SEC("sk_reuseport")
int lru(struct sk_reuseport_md *ctx)
{
    struct flow_key key = {};
    __u16 *header = (void *)(long)ctx->data;
    __u32 *known, slot;

    if ((void *)(header + 1) > (void *)(long)ctx->data_end
        || ctx->eth_protocol != bpf_htons(ETH_P_IP))
        return SK_PASS;
    key.port = *header;
    if (bpf_skb_load_bytes_relative(ctx, 12, &key, 8, BPF_HDR_START_NET))
        return SK_PASS;
    known = bpf_map_lookup_elem(&flows, &key);
    if (known) {
        slot = *known;
    } else {
        slot = (__u64)ctx->hash * (__u32)state.current >> 32;
        bpf_map_update_elem(&flows, &key, &slot, BPF_ANY);
    }
    bpf_sk_select_reuseport(ctx, &sockets, &slot, 0);
    return SK_PASS;
}
