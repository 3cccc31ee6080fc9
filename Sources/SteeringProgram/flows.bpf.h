/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flow table: who a datagram belongs to, where its flow is kept, who makes room for whom. */
#ifndef FLOWS_BPF_H
#define FLOWS_BPF_H

/* A mask that the compiler cannot prove to be needless: verifiers before 6.10 do not follow it. */
#define masked(index, count) \
    ({                                                                                \
        __u64 index_ = (index);                                                       \
        asm volatile("%0 &= %1" : "+r"(index_) : "i"((count) - 1));                   \
        index_;                                                                       \
    })

/* The operand keeps the compiler from merging two counts into one with a computed offset, which
 * the verifier refuses to those with CAP_BPF alone. */
#define count_all(what, number)                                                       \
    do {                                                                              \
        struct relevo_counters *line_ =                                               \
            &state.counters[masked(bpf_get_smp_processor_id(), RELEVO_CPUS)];         \
        asm volatile("" : "+r"(line_)                                                 \
                     : "i"(__builtin_offsetof(struct relevo_counters, what)));        \
        line_->what += (number);                                                      \
    } while (0)
#define count(what) count_all(what, 1)

static __always_inline __u32 *slot_of(__u64 placement)
{
    return &table.slot_of[masked(placement, RELEVO_PLACEMENTS)];
}

static __always_inline __u32 placement_of(__u64 word)
{
    return word >> RELEVO_PLACEMENT_SHIFT & (RELEVO_PLACEMENTS - 1);
}

/* The first value for an entry whose time is in coarse ticks, else the second; without a branch,
 * which would be two ways for the verifier at each of eight entries. */
static __always_inline __u64 by_unit(__u64 word, __u32 coarse, __u32 fresh)
{
    return fresh ^ ((fresh ^ coarse) & -(word >> 2 & 1));
}

/* The time in the unit of the entry. */
static __always_inline __u64 time_for(__u64 word, __u64 clock)
{
    return clock >> (by_unit(word, table.tick_shift, table.fresh_shift) & 63);
}

/* In ticks, and RELEVO_SLACK more, so that a CPU whose clock lags sees no age below zero. */
static __always_inline __u64 age_of(__u64 word, __u64 clock)
{
    return (time_for(word, clock) + RELEVO_SLACK - (word >> RELEVO_SEEN_SHIFT)) & 0xffff;
}

/* The greatest age of a flow that has not ended. */
static __always_inline __u64 limit_of(__u64 word)
{
    return by_unit(word, table.idle, table.fresh_idle);
}

static __always_inline __u64 seen_at(__u64 word, __u64 clock)
{
    return (word & ~(0xffffull << RELEVO_SEEN_SHIFT))
        | (time_for(word, clock) & 0xffff) << RELEVO_SEEN_SHIFT;
}

static __always_inline __u64 entry_for(__u64 hash, __u64 clock, __u64 placement)
{
    __u64 word = hash >> RELEVO_TAG_SHIFT << RELEVO_TAG_SHIFT;

    return seen_at(word, clock) | placement << RELEVO_PLACEMENT_SHIFT;
}

static __always_inline int same_flow(__u64 word, __u64 hash)
{
    return word >> RELEVO_TAG_SHIFT == hash >> RELEVO_TAG_SHIFT;
}

static __always_inline int is_live(__u64 word, __u64 clock)
{
    return age_of(word, clock) <= limit_of(word)
        && READ_ONCE(*slot_of(placement_of(word))) != RELEVO_CLOSED;
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
    sip_start(&s, table.key[0], table.key[1]);
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
    sip_word(&s, port | state.member);
    *hash = sip_end(&s);
    return 1;
}

static __always_inline struct relevo_bucket *bucket_at(__u32 number)
{
    return bpf_map_lookup_elem(&flows, &number);
}

/*
 * The functions from here on that are not static are verified once, not anew at every call. All in
 * 64 bits: without CAP_PERFMON nothing shorter may be spilled where something longer was.
 */

/* The way of a flow's entry in one bucket, 1 to 8, or 0. */
__noinline __u64 way_of_flow(__u64 number, __u64 hash)
{
    struct relevo_bucket *bucket = bucket_at(number);

    if (!bucket)
        return 0;
#pragma unroll
    for (int i = 0; i < RELEVO_WAYS; i++)
        if (same_flow(READ_ONCE(bucket->way[i]), hash))
            return i + 1;
    return 0;
}

/* A bucket with an entry never used has never overflowed into the next candidate. */
__noinline __u64 may_overflow(__u64 number)
{
    struct relevo_bucket *bucket = bucket_at(number);

    if (!bucket)
        return 0;
#pragma unroll
    for (int i = 0; i < RELEVO_WAYS; i++)
        if (READ_ONCE(bucket->way[i]) == 0)
            return 0;
    return 1;
}

static __always_inline __u64 region_mask(__u32 bits)
{
    return (1ull << (bits & 31)) - 1;
}

/* Where an entry lies: number of its bucket, and in the lower three bits its way; 1 more, or 0. */
static __always_inline __u64 place(__u64 number, __u64 way)
{
    return way ? number * RELEVO_WAYS + way : 0;
}

/* Looks in all candidates of one region. */
__noinline __u64 find_in_region(__u64 hash, __u64 mask)
{
    __u64 number = relevo_first(hash) & mask, found = place(number, way_of_flow(number, hash));

    if (!found) {
        number = relevo_second(hash) & mask;
        found = place(number, way_of_flow(number, hash));
    }
    if (!found) {
        number = relevo_third(hash) & mask;
        found = place(number, way_of_flow(number, hash));
    }
    return found;
}

/*
 * Looks past the first candidate. While flows are being moved the regions that they come from are
 * looked at as a whole: there a bucket may have been emptied since it overflowed.
 */
__noinline __u64 find_elsewhere(__u64 hash, __u64 region)
{
    __u64 mask = region_mask(region), found = 0;

    if (may_overflow(relevo_first(hash) & mask))
        found = find_in_region(hash, mask);
    if (!found && region >> 8)
        found = find_in_region(hash, region_mask(region >> 8));
    if (!found && region >> 16)
        found = find_in_region(hash, region_mask(region >> 16));
    return found;
}

static __always_inline __u64 *find(__u64 hash)
{
    __u64 region = READ_ONCE(table.region), found;
    struct relevo_bucket *bucket = bucket_at(relevo_first(hash) & region_mask(region));

    if (!bucket)
        return 0;
#pragma unroll
    for (int i = 0; i < RELEVO_WAYS; i++)
        if (same_flow(READ_ONCE(bucket->way[i]), hash))
            return &bucket->way[i];
    found = find_elsewhere(hash, region);
    if (!found)
        return 0;
    bucket = bucket_at((found - 1) / RELEVO_WAYS);
    return bucket ? &bucket->way[masked(found - 1, RELEVO_WAYS)] : 0;
}

/* What the best way of a bucket has to offer: its own flow's entry, an entry whose flow has ended,
 * or the age of an unconfirmed one; with the number of the way in the lowest bits. */
#define OWN (1ull << 40)
#define ENDED (1ull << 39)
#define AGE_SHIFT 8

/* Straight on, and a function of its own: in `best_way` eight of it would be, for the verifier and
 * without CAP_PERFMON, a million ways in which the processor may guess. */
__noinline __u64 offer_of(__u64 old, __u64 word, __u64 clock)
{
    __u64 age = age_of(old, clock), slot = READ_ONCE(*slot_of(placement_of(old)));
    __u64 offer = (((old ^ word) >> RELEVO_TAG_SHIFT) - 1) & OWN;

    offer |= (slot << 9 | (limit_of(old) - age)) & ENDED;
    /* A time in coarse ticks is of longer ago than one in fresh ticks. */
    age |= (old & RELEVO_COARSE) << 14;
    return offer | (age << AGE_SHIFT & ((old & RELEVO_CONFIRMED) - 1));
}

__noinline __u64 best_way(__u64 number, __u64 word, __u64 clock)
{
    struct relevo_bucket *bucket = bucket_at(number);
    __u64 best = 0, offer;
    __s64 less;

    if (!bucket)
        return 0;
#pragma unroll
    for (int i = 0; i < RELEVO_WAYS; i++) {
        offer = offer_of(READ_ONCE(bucket->way[i]), word, clock) | (RELEVO_WAYS - 1 - i);
        less = best - offer;
        best -= less & less >> 63;
    }
    return best;
}

/*
 * The functions that change the table, in two variants. `claim` looks again at what `best_way`
 * saw: it returns the placement that holds, another CPU's if it was first, or 0 to try once more.
 * `pin` returns 0 also when there is no room: made-up sources, answered or not, never push out a
 * confirmed flow.
 */
#define VARIANT(suffix, plain)                                                        \
    __noinline __u64 claim##suffix(                                                   \
        __u64 number, __u64 way, __u64 word, __u64 gone, __u64 clock)                 \
    {                                                                                 \
        struct relevo_bucket *bucket = bucket_at(number);                             \
        __u64 *entry, old;                                                            \
        int live;                                                                     \
                                                                                      \
        if (!bucket)                                                                  \
            return 0;                                                                 \
        entry = &bucket->way[masked(way, RELEVO_WAYS)];                               \
        old = READ_ONCE(*entry);                                                      \
        live = is_live(old, clock);                                                   \
        if (live && same_flow(old, word)) {                                           \
            if (placement_of(old) != gone)                                            \
                return placement_of(old);                                             \
        } else if (live && old & RELEVO_CONFIRMED) {                                  \
            return 0;                                                                 \
        }                                                                             \
        if (!replace(entry, old, word, plain))                                        \
            return 0;                                                                 \
        if (live && !same_flow(old, word))                                            \
            count(evicted);                                                           \
        return placement_of(word);                                                    \
    }                                                                                 \
                                                                                      \
    __noinline __u64 pin##suffix(__u64 hash, __u64 word, __u64 gone, __u64 clock)     \
    {                                                                                 \
        __u64 region = READ_ONCE(table.region), best, other;                          \
        __u64 mask = region_mask(region), number = relevo_first(hash) & mask, next;   \
                                                                                      \
        best = best_way(number, word, clock);                                        \
        if (best < ENDED) {                                                           \
            next = relevo_third(hash) & mask;                                         \
            other = best_way(next, word, clock);                                     \
            if (other > best) {                                                       \
                best = other;                                                         \
                number = next;                                                        \
            }                                                                         \
        }                                                                             \
        if (best < ENDED) {                                                           \
            next = relevo_second(hash) & mask;                                        \
            other = best_way(next, word, clock);                                     \
            if (other > best) {                                                       \
                best = other;                                                         \
                number = next;                                                        \
                word |= RELEVO_SECOND;                                                \
            }                                                                         \
        }                                                                             \
        if (best < ENDED && (region & 0xff) < table.full_bits) {                      \
            /* At most two regions were in use: the full one never grows. */          \
            replace(&table.region, region, region << 8 | table.full_bits, plain);     \
            return 0;                                                                 \
        }                                                                             \
        if (best < 1 << AGE_SHIFT)                                                    \
            return 0;                                                                 \
        return claim##suffix(number, RELEVO_WAYS - 1 - (best & 7), word, gone, clock);\
    }

VARIANT(_atomic, 0)
VARIANT(_plain, 1)
#endif
