/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flow table: who a datagram belongs to, where its flow is kept, who makes room for whom. */
#ifndef FLOWS_BPF_H
#define FLOWS_BPF_H

#define count(what) \
    (state.counters[bpf_get_smp_processor_id() & (RELEVO_CPUS - 1)].what++)

static __always_inline __u32 placement_of(__u64 word)
{
    return word >> RELEVO_PLACEMENT_SHIFT & (RELEVO_PLACEMENTS - 1);
}

/* In ticks, and RELEVO_SLACK more, so that a CPU whose clock lags sees no age below zero. */
static __always_inline __u32 age_of(__u64 word, __u32 now)
{
    return (now + RELEVO_SLACK - (__u32)(word >> RELEVO_SEEN_SHIFT)) & 0xffff;
}

static __always_inline __u64 seen_at(__u64 word, __u32 now)
{
    return (word & ~(0xffffull << RELEVO_SEEN_SHIFT)) | (__u64)(now & 0xffff) << RELEVO_SEEN_SHIFT;
}

static __always_inline int same_flow(__u64 word, __u64 hash)
{
    return word >> RELEVO_TAG_SHIFT == hash >> RELEVO_TAG_SHIFT;
}

static __always_inline int is_live(__u64 word, __u32 now)
{
    return age_of(word, now) <= state.idle
        && READ_ONCE(state.slot_of[placement_of(word)]) != RELEVO_CLOSED;
}

/* Stores `new` where `old` was, unless another CPU or the supervisor was first. */
static __always_inline int replace(__u64 *entry, __u64 old, __u64 new, const int plain)
{
    if (plain) {
        if (READ_ONCE(*entry) != old)
            return 0;
        WRITE_ONCE(*entry, new);
        return 1;
    }
    return __sync_val_compare_and_swap(entry, old, new) == old;
}

/* Hash of source and local address and source port; false for what is neither IPv4 nor IPv6. */
static __always_inline int flow_hash(struct sk_reuseport_md *ctx, __u64 *hash, const int plain)
{
    struct siphash s;
    __u64 word[4];
    __u16 port;

    if (plain) {
        if (bpf_skb_load_bytes(ctx, 0, &port, sizeof(port)))
            return 0;
    } else {
        __u16 *header = (void *)(long)ctx->data;

        if ((void *)(header + 1) > (void *)(long)ctx->data_end)
            return 0;
        port = *header;
    }
    sip_start(&s, state.key[0], state.key[1]);
    if (ctx->eth_protocol == bpf_htons(ETH_P_IP)) {
        if (bpf_skb_load_bytes_relative(ctx, 12, word, 8, BPF_HDR_START_NET))
            return 0;
        sip_word(&s, word[0]);
    } else if (ctx->eth_protocol == bpf_htons(ETH_P_IPV6)) {
        if (bpf_skb_load_bytes_relative(ctx, 8, word, 32, BPF_HDR_START_NET))
            return 0;
        sip_word(&s, word[0]);
        sip_word(&s, word[1]);
        sip_word(&s, word[2]);
        sip_word(&s, word[3]);
    } else {
        return 0;
    }
    /* The two families differ in the number of words before this one. */
    sip_word(&s, port);
    *hash = sip_end(&s);
    return 1;
}

static __always_inline struct relevo_bucket *bucket_at(__u32 number)
{
    return bpf_map_lookup_elem(&flows, &number);
}

static __always_inline __u64 *way_of_flow(struct relevo_bucket *bucket, __u64 hash)
{
#pragma unroll
    for (int i = 0; i < RELEVO_WAYS; i++)
        if (same_flow(READ_ONCE(bucket->way[i]), hash))
            return &bucket->way[i];
    return 0;
}

static __always_inline int has_zero(struct relevo_bucket *bucket)
{
#pragma unroll
    for (int i = 0; i < RELEVO_WAYS; i++)
        if (READ_ONCE(bucket->way[i]) == 0)
            return 1;
    return 0;
}

/*
 * Looks past the first candidate. While flows are being moved the region that they come from is
 * looked at as a whole; else a bucket with a zero entry has never overflowed into the next.
 */
static __noinline __u64 *find_elsewhere(__u64 hash, __u64 region)
{
    __u32 mask = region, other = region >> 32;
    struct relevo_bucket *bucket;
    __u64 *entry;

    bucket = bucket_at(relevo_first(hash) & mask);
    if (bucket && !has_zero(bucket)) {
        bucket = bucket_at(relevo_second(hash) & mask);
        if (bucket) {
            entry = way_of_flow(bucket, hash);
            if (entry)
                return entry;
        }
        bucket = bucket_at(relevo_third(hash) & mask);
        if (bucket) {
            entry = way_of_flow(bucket, hash);
            if (entry)
                return entry;
        }
    }
    if (other == 0)
        return 0;
    bucket = bucket_at(relevo_first(hash) & other);
    if (bucket) {
        entry = way_of_flow(bucket, hash);
        if (entry)
            return entry;
    }
    bucket = bucket_at(relevo_second(hash) & other);
    if (bucket) {
        entry = way_of_flow(bucket, hash);
        if (entry)
            return entry;
    }
    bucket = bucket_at(relevo_third(hash) & other);
    return bucket ? way_of_flow(bucket, hash) : 0;
}

static __always_inline __u64 *find(__u64 hash)
{
    __u64 region = READ_ONCE(state.region), *entry = 0;
    struct relevo_bucket *bucket = bucket_at(relevo_first(hash) & (__u32)region);

    if (bucket)
        entry = way_of_flow(bucket, hash);
    return entry ? entry : find_elsewhere(hash, region);
}

static __always_inline __u64 entry_for(__u64 hash, __u32 now, __u32 placement)
{
    __u64 word = hash >> RELEVO_TAG_SHIFT << RELEVO_TAG_SHIFT;

    return seen_at(word, now) | (__u64)placement << RELEVO_PLACEMENT_SHIFT;
}

static __always_inline __u32 seen_of(__u64 word)
{
    return word >> RELEVO_SEEN_SHIFT & 0xffff;
}

/*
 * Pins in one bucket: over the flow's own old entry, else in the first way that is free or whose
 * flow has ended. Returns the placement that holds, another CPU's if it was first, or 0: no room.
 */
static __always_inline __u32 pin_in(
    struct relevo_bucket *bucket, __u64 word, __u32 gone, const int plain)
{
    __u64 *entry, *room, old, held;

#pragma unroll
    for (int attempt = 0; attempt < 2; attempt++) {
        room = 0;
        held = 0;
#pragma unroll
        for (int i = 0; i < RELEVO_WAYS; i++) {
            entry = &bucket->way[i];
            old = READ_ONCE(*entry);
            if (old != 0 && same_flow(old, word)) {
                if (is_live(old, seen_of(word)) && placement_of(old) != gone)
                    return placement_of(old);
                room = entry;
                held = old;
                break;
            }
            if (!room && (old == 0 || !is_live(old, seen_of(word)))) {
                room = entry;
                held = old;
            }
        }
        if (!room)
            return 0;
        if (replace(room, held, word, plain))
            return placement_of(word);
    }
    return 0;
}

/* The oldest unconfirmed flow of the bucket, if older than `age`; confirmed ones are never taken. */
#define consider(bucket, victim, held, age, now)                                      \
    do {                                                                              \
        _Pragma("unroll") for (int i = 0; i < RELEVO_WAYS; i++) {                     \
            __u64 old = READ_ONCE((bucket)->way[i]);                                  \
            if (!(old & RELEVO_CONFIRMED) && age_of(old, now) > age) {                \
                age = age_of(old, now);                                               \
                victim = &(bucket)->way[i];                                           \
                held = old;                                                           \
            }                                                                         \
        }                                                                             \
    } while (0)

/*
 * Makes room among unconfirmed flows. A flow that finds confirmed ones alone is not kept: made-up
 * sources, answered or not, never get past a real session.
 */
static __always_inline __u32 evict_for(__u64 hash, __u64 word, __u32 mask, const int plain)
{
    struct relevo_bucket *bucket;
    __u64 *victim = 0, held = 0;
    __u32 age = 0, second = 0;

    bucket = bucket_at(relevo_first(hash) & mask);
    if (bucket)
        consider(bucket, victim, held, age, seen_of(word));
    bucket = bucket_at(relevo_third(hash) & mask);
    if (bucket)
        consider(bucket, victim, held, age, seen_of(word));
    bucket = bucket_at(relevo_second(hash) & mask);
    if (bucket) {
        second = age;
        consider(bucket, victim, held, age, seen_of(word));
        if (age != second)
            word |= RELEVO_SECOND;
    }
    if (!victim || !replace(victim, held, word, plain))
        return 0;
    count(evicted);
    return placement_of(word);
}

/* The functions of one variant; apart from `find`, none of them is on the way of a pinned flow. */
#define VARIANT(suffix, plain)                                                        \
    static __noinline __u32 pin_in##suffix(                                           \
        struct relevo_bucket *bucket, __u64 word, __u32 gone)                         \
    {                                                                                 \
        return bucket ? pin_in(bucket, word, gone, plain) : 0;                        \
    }                                                                                 \
                                                                                      \
    static __noinline __u32 pin_in_region##suffix(                                    \
        __u64 hash, __u64 word, __u32 mask, __u32 gone)                               \
    {                                                                                 \
        __u32 kept = pin_in##suffix(bucket_at(relevo_first(hash) & mask), word, gone);\
        if (!kept)                                                                    \
            kept = pin_in##suffix(                                                    \
                bucket_at(relevo_second(hash) & mask), word | RELEVO_SECOND, gone);   \
        if (!kept)                                                                    \
            kept = pin_in##suffix(bucket_at(relevo_third(hash) & mask), word, gone);  \
        return kept;                                                                  \
    }                                                                                 \
                                                                                      \
    static __noinline __u32 evict_for##suffix(__u64 hash, __u64 word, __u32 mask)     \
    {                                                                                 \
        return evict_for(hash, word, mask, plain);                                    \
    }                                                                                 \
                                                                                      \
    static __noinline __u32 pin##suffix(                                              \
        __u64 hash, __u32 now, __u32 placement, __u32 gone)                           \
    {                                                                                 \
        __u64 word = entry_for(hash, now, placement), region = READ_ONCE(state.region);\
        __u64 grown = state.grown;                                                    \
        __u32 kept = pin_in_region##suffix(hash, word, region, gone);                 \
                                                                                      \
        if (!kept && grown && (__u32)region == RELEVO_DENSE_MASK) {                   \
            replace(&state.region, region, grown, plain);                             \
            region = grown;                                                           \
            kept = pin_in_region##suffix(hash, word, region, gone);                   \
        }                                                                             \
        return kept ? kept : evict_for##suffix(hash, word, region);                   \
    }

VARIANT(_atomic, 0)
VARIANT(_plain, 1)
#endif
