/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is there: the table has no addresses, so they are told while somebody looks. */
#ifndef PEERS_BPF_H
#define PEERS_BPF_H

#ifdef RELEVO_WITHOUT_PEERS
#define is_looked_at(clock) 0
#define tell_peer(ctx, placement, clock)
#else

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    /* The loader makes it as large as the table asks for. */
    __uint(max_entries, RELEVO_PEERS_LEAST);
} peers SEC(".maps");

/* Asked only where the time of an entry is written: a datagram that writes none reads nothing more. */
static __always_inline int is_looked_at(__u64 clock)
{
    return clock >> RELEVO_LOOK_SHIFT < READ_ONCE(table.looked_until);
}

/*
 * Tells who sent a datagram of a known flow. What finds no room is counted; nobody is woken, for who looks comes
 * by itself.
 *
 * A function of its own with words alone: see the other ones for verifiers before 6.12.
 */
__noinline __u64 tell_peer(struct sk_reuseport_md *ctx, __u64 placement, __u64 clock)
{
    __u64 w[RELEVO_PEER_WORDS] = {};

    w[0] = clock;
#ifdef SESSIONS_BPF_H
    /* Of a stay's two numbers the first one. */
    placement &= RELEVO_ALIAS - 1;
#endif
    w[1] = (placement & (RELEVO_PLACEMENTS - 1)) | (state.member >> RELEVO_MEMBER_SHIFT) << 16;
    if (ctx->eth_protocol == bpf_htons(ETH_P_IP)) {
        w[1] |= 4ull << 32;
        if (bpf_skb_load_bytes_relative(ctx, 12, &w[2], 8, BPF_HDR_START_NET))
            return 0;
    } else if (ctx->eth_protocol == bpf_htons(ETH_P_IPV6)) {
        w[1] |= 6ull << 32;
        if (bpf_skb_load_bytes_relative(ctx, 8, &w[2], 32, BPF_HDR_START_NET))
            return 0;
    } else {
        return 0;
    }
#ifdef SESSIONS_BPF_H
    /* The id is told apart by who reads this. */
    if (bpf_skb_load_bytes(ctx, 0, &w[6], 40) && bpf_skb_load_bytes(ctx, 0, &w[6], 32)) {
        if (bpf_skb_load_bytes(ctx, 0, &w[6], 8))
            return 0;
#ifdef SHORT_WORD
        w[7] = SHORT_WORD(ctx, 0, ctx->len - PAYLOAD);
        w[8] = SHORT_WORD(ctx, 8, ctx->len - PAYLOAD);
        w[9] = SHORT_WORD(ctx, 16, ctx->len - PAYLOAD);
#endif
    }
#else
    if (bpf_skb_load_bytes(ctx, 0, &w[6], 8))
        return 0;
#endif
    if (bpf_ringbuf_output(&peers, w, sizeof(w), BPF_RB_NO_WAKEUP))
        count(untold);
    return 0;
}

#endif
#endif
