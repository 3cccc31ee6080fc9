/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Picks the socket of a reuseport group for a datagram or a connection.
 *
 * No loop and no variable stack access: this loads with CAP_BPF alone. Two variants of the flow
 * program come from one source; the loader takes the first one that the kernel accepts.
 */
#include "choice.bpf.h"
#include "peers.bpf.h"

/* Steers a flow that is not pinned, and pins it; once more when the table had to grow, or another
 * CPU was first. */
#define OPEN(suffix)                                                                  \
    __noinline int open_flow##suffix(                                                 \
        struct sk_reuseport_md *ctx, __u64 hash, __u64 clock, __u64 gone)             \
    {                                                                                 \
        __u64 placement = steer_to_current(ctx, hash >> RELEVO_SEEN_SHIFT << 16);     \
        __u64 word = entry_for(hash, clock, placement);                               \
        __u64 kept;                                                                   \
                                                                                      \
        if (placement == 0) {                                                         \
            count(passed);                                                            \
            return SK_PASS;                                                           \
        }                                                                             \
        kept = pin##suffix(hash, word, gone, clock);                                  \
        if (kept == 0)                                                                \
            kept = pin##suffix(hash, word, gone, clock);                              \
        if (kept == 0)                                                                \
            kept = pin##suffix(hash, word, gone, clock);                              \
        if (kept == 0) {                                                              \
            count(unrecorded);                                                        \
            return SK_PASS;                                                           \
        }                                                                             \
        count(opened);                                                                \
        if (kept != placement && !steer_to(ctx, kept))                                \
            steer_to(ctx, placement);                                                 \
        return SK_PASS;                                                               \
    }

OPEN(_atomic)
OPEN(_plain)

#define open_flow(ctx, hash, clock, gone, plain)                                      \
    ((plain) ? open_flow_plain(ctx, hash, clock, gone)                                \
             : open_flow_atomic(ctx, hash, clock, gone))

static __always_inline int steer_flow(struct sk_reuseport_md *ctx, const int plain)
{
    __u64 hash, clock, *entry, word, placement, age, limit;

    if (!flow_hash(ctx, &hash, plain)) {
        if (!steer_to_current(ctx, ctx->hash))
            count(passed);
        else
            count(unrecorded);
        return SK_PASS;
    }
    clock = plain ? bpf_ktime_get_ns() : bpf_ktime_get_coarse_ns();
    entry = find(hash);
    if (!entry)
        return open_flow(ctx, hash, clock, 0, plain);

    word = READ_ONCE(*entry);
    placement = placement_of(word);
    age = age_of(word, clock);
    if (age > limit_of(word))
        return open_flow(ctx, hash, clock, 0, plain);
    if (!steer_to(ctx, placement)) {
        if (READ_ONCE(*slot_of(placement)) != RELEVO_CLOSED)
            count(fallback);
        return open_flow(ctx, hash, clock, placement, plain);
    }
    count(pinned);
    limit = word & RELEVO_CONFIRMED ? table.refresh : table.confirm;
    if (age >= limit || (word & (RELEVO_COARSE | RELEVO_CONFIRMED)) == RELEVO_COARSE) {
        replace(entry, word, seen_at(word | RELEVO_COARSE | RELEVO_CONFIRMED, clock), plain);
        if (is_looked_at(clock))
            tell_peer(ctx, placement, clock);
    }
    return SK_PASS;
}

SEC("sk_reuseport")
int flow(struct sk_reuseport_md *ctx)
{
    return steer_flow(ctx, 0);
}

/* For 5.10: no compare and exchange, no coarse clock, no direct packet access. */
SEC("sk_reuseport")
int flow_plain(struct sk_reuseport_md *ctx)
{
    return steer_flow(ctx, 1);
}

static __always_inline int steer_stateless(struct sk_reuseport_md *ctx)
{
    if (steer_to_current(ctx, ctx->hash))
        count(stateless);
    else
        count(passed);
    return SK_PASS;
}

SEC("sk_reuseport")
int stateless(struct sk_reuseport_md *ctx)
{
    return steer_stateless(ctx);
}

/* From 5.14 also asked where the pending connections of a closing TCP listener go. */
SEC("sk_reuseport/migrate")
int stateless_migrate(struct sk_reuseport_md *ctx)
{
    return steer_stateless(ctx);
}
