/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sessions that carry an id of their own, beside the 4-tuple: both are entries of the one flow table.
 *
 * An entry for an id has its stay's other number (RELEVO_ALIAS), which steers to the same slot and
 * is not counted: a drain counts the 4-tuples. Where a session's 4-tuple is another stay's, its id
 * has the number that is counted.
 */
#ifndef SESSIONS_BPF_H
#define SESSIONS_BPF_H

/* Offset 0 is the UDP header. */
#define PAYLOAD 8

/* What a datagram is, as far as its session goes. */
enum {
    /* It may begin a session, and is not told by its id. */
    OPENS = 1,
    /* It may be part of a handshake that is under way: see `opening_of`. */
    KEYED = 2,
    /* It goes on with a session that is known, else it begins one. */
    EITHER = 4,
    /* From here on what the protocol has to say besides. */
    ROLE_SHIFT = 8,
};

/* An id's bytes are hashed whole, so that all that a length leaves out is the same for all. The last
 * word says what was hashed: the highest byte of a 4-tuple's is 0, of an id's its length. */
#define IS_HANDSHAKE (1ull << 63)
#define IS_ADDRESS (1ull << 62)
#define IS_GONE (3ull << 62)
#define IS_OWNER (1ull << RELEVO_OWNER_SHIFT)
#define IS_COPY ((__u64)RELEVO_COPY << RELEVO_COPY_SHIFT)

struct relevo_ids ids SEC(".bss.ids");

#define tell(what)                                                                    \
    do {                                                                              \
        struct relevo_rules *line_ =                                                  \
            &ids.rules[masked(bpf_get_smp_processor_id(), RELEVO_CPUS)];              \
        asm volatile("" : "+r"(line_)                                                 \
                     : "i"(__builtin_offsetof(struct relevo_rules, what)));           \
        line_->what++;                                                                \
    } while (0)

/* The lowest `length` bytes of a word. */
static __always_inline __u64 first_bytes(__u64 word, __u64 length)
{
    return length >= 8 ? word : word & ((1ull << (8 * length & 63)) - 1);
}

/* Of an id of up to 20 bytes, whose last four are in `w2`. */
static __always_inline __u64 id_hash(__u64 w0, __u64 w1, __u64 w2, __u64 length)
{
    struct siphash s;

    sip_start(&s, table.key[0], table.key[1]);
    sip_word(&s, first_bytes(w0, length));
    if (length > 8)
        sip_word(&s, first_bytes(w1, length - 8));
    w2 = length > 16 ? first_bytes(w2, length - 16) : 0;
    sip_word(&s, (w2 & 0xffffffff) | state.member << 16 | length << 56);
    return sip_end(&s);
}

/* Of one word of a listener's own. */
__noinline __u64 word_hash(__u64 word, __u64 kind)
{
    struct siphash s;

    sip_start(&s, table.key[0], table.key[1]);
    sip_word(&s, word);
    sip_word(&s, state.member | kind);
    return sip_end(&s);
}

/* Of the client's address alone, of IPv6 what a subscriber has; 0 for what is neither. */
__noinline __u64 address_hash(struct sk_reuseport_md *ctx)
{
    __u64 word = 0;

    if (ctx->eth_protocol == bpf_htons(ETH_P_IP)) {
        if (bpf_skb_load_bytes_relative(ctx, 12, &word, 4, BPF_HDR_START_NET))
            return 0;
        return word_hash(word, IS_ADDRESS);
    }
    if (ctx->eth_protocol == bpf_htons(ETH_P_IPV6)) {
        if (bpf_skb_load_bytes_relative(ctx, 8, &word, 8, BPF_HDR_START_NET))
            return 0;
        return word_hash(word, IS_ADDRESS | 1ull << 32);
    }
    return 0;
}

/* Where an entry lies, as `place` has it. */
static __always_inline __u64 place_of(__u64 hash)
{
    __u64 region = READ_ONCE(table.region);
    __u64 number = relevo_first(hash) & region_mask(region);
    __u64 found = place(number, way_of_flow(number, hash));

    return found ? found : find_elsewhere(hash, region);
}

/* The word of a live entry, or 0. */
__noinline __u64 word_of(__u64 hash, __u64 clock)
{
    __u64 found = place_of(hash), word;
    struct relevo_bucket *bucket;

    if (!found)
        return 0;
    bucket = bucket_at((found - 1) / RELEVO_WAYS);
    if (!bucket)
        return 0;
    word = READ_ONCE(bucket->way[masked(found - 1, RELEVO_WAYS)]);
    return same_flow(word, hash) && is_live(word, clock) ? word : 0;
}

static __always_inline int is_due(__u64 word, __u64 clock)
{
    __u64 limit = word & RELEVO_CONFIRMED ? table.refresh : table.confirm;

    return age_of(word, clock) >= limit
        || (word & (RELEVO_COARSE | RELEVO_CONFIRMED)) == RELEVO_COARSE;
}

static __always_inline __u64 is_to_be_written(__u64 hash, __u64 clock)
{
    __u64 word = word_of(hash, clock);

    return word && is_due(word, clock);
}

static __always_inline __u64 seen_again(__u64 word, __u64 clock)
{
    return seen_at(word | RELEVO_COARSE | RELEVO_CONFIRMED, clock);
}

/*
 * A confirmed id's entry has, in place of the lowest bits of its time, a mark of the port that it came from:
 * so a datagram from another port is noticed, and its 4-tuple learned, at once (one in 256 only when its
 * time is due). The time is set back by as much, so that no entry is ever of the future.
 */
static __always_inline __u64 mark_of(__u64 port)
{
    return (port ^ port >> 8) & READ_ONCE(ids.mark);
}

static __always_inline __u64 marked(__u64 word, __u64 port)
{
    __u64 mask = READ_ONCE(ids.mark), seen = word >> RELEVO_SEEN_SHIFT;

    seen = ((seen - (mask + (mask & 1))) & ~mask) | mark_of(port);
    return (word & ~(0xffffull << RELEVO_SEEN_SHIFT)) | (seen & 0xffff) << RELEVO_SEEN_SHIFT;
}

static __always_inline int has_moved(__u64 word, __u64 port)
{
    return (word & (RELEVO_COARSE | RELEVO_CONFIRMED)) == (RELEVO_COARSE | RELEVO_CONFIRMED)
        && (word >> RELEVO_SEEN_SHIFT & READ_ONCE(ids.mark)) != mark_of(port);
}

static __always_inline int is_id_due(__u64 word, __u64 clock, __u64 port)
{
    if ((word & (RELEVO_COARSE | RELEVO_CONFIRMED)) != (RELEVO_COARSE | RELEVO_CONFIRMED))
        return is_due(word, clock);
    return has_moved(word, port) || age_of(word, clock) >= ids.refresh;
}

/*
 * Whether the 4-tuple that an id last came from is confirmed and counted still, as far as the id's entry tells:
 * both are written at the same time.
 */
static __always_inline __u64 was_counted(__u64 word, __u64 clock)
{
    return (word & (RELEVO_COARSE | RELEVO_CONFIRMED)) == (RELEVO_COARSE | RELEVO_CONFIRMED)
        && age_of(word, clock) < 2 * ids.refresh;
}

/* A session of a stay has another 4-tuple now, and leaves one behind that is still counted. */
static __always_inline void note_left(__u64 placement)
{
    __u32 *left = &ids.left[masked(placement, RELEVO_ALIAS)];

    WRITE_ONCE(*left, READ_ONCE(*left) + 1);
}

/* How long a handshake may take whose client's id says little. */
#define HANDSHAKE_TIME 10000000000ull

/* Where a handshake that is under way went; its entry has the time of its first datagram. */
static __always_inline __u64 handshake_of(__u64 hash, __u64 clock)
{
    __u64 word = word_of(hash, clock);

    if (hash & 1
        && (word & RELEVO_COARSE
            || age_of(word, clock) > RELEVO_SLACK + (HANDSHAKE_TIME >> (table.fresh_shift & 63))))
        return 0;
    return placement_of(word);
}

static __always_inline int is_draining(__u64 placement)
{
    return ids.draining[masked(placement, RELEVO_ALIAS)];
}

/*
 * Steers to a placement; one whose slot has no socket, and is not closed, is counted. A function of its
 * own: the verifier wants the range of the offset to be the same on every way that leads there.
 */
__noinline __u64 steer(struct sk_reuseport_md *ctx, __u64 placement)
{
    if (placement == 0)
        return 0;
    if (steer_to(ctx, placement))
        return 1;
    if (READ_ONCE(*slot_of(placement)) != RELEVO_CLOSED)
        count(fallback);
    return 0;
}

/* Steers to the generation that drains and has the more sessions; 0 where none has. */
__noinline __u64 steer_to_guess(struct sk_reuseport_md *ctx, __u64 share)
{
    __u64 guess = READ_ONCE(ids.guess), placement, at;

    if ((__u32)guess == 0)
        return 0;
    at = (guess >> 32) * RELEVO_SLOTS + ((__u32)share * (__u64)(__u32)guess >> 32);
    placement = READ_ONCE(ids.guessable[masked(at, 2 * RELEVO_SLOTS)]);
    return steer_to(ctx, placement) ? placement & (RELEVO_PLACEMENTS - 1) : 0;
}

/* The placement that a datagram was copied for, by its mark; 0 for one that is no copy of ours. */
__noinline __u64 copy_of(struct sk_reuseport_md *ctx, __u64 tuple)
{
    __u64 placement, at = 20, option = bpf_htons(RELEVO_COPY_OPTION);
    struct relevo_mark mark = {};

    if (ctx->eth_protocol == bpf_htons(ETH_P_IPV6)) {
        /* Behind the first two bytes of the options' own header. */
        at = 42;
        option = bpf_htons(RELEVO_COPY_OPTION6);
    }
    if (bpf_skb_load_bytes_relative(ctx, at, &mark, sizeof(mark), BPF_HDR_START_NET)
        || mark.option != option)
        return 0;
    placement = bpf_ntohs(mark.placement);
    if ((mark.tag[0] | (__u64)mark.tag[1] << 32) != word_hash(tuple ^ placement, IS_COPY))
        return 0;
    return placement;
}

static __always_inline __u64 share_of(__u64 hash)
{
    return hash >> RELEVO_SEEN_SHIFT << 16;
}

static __always_inline __u64 clock_now(const int plain)
{
    return plain ? bpf_ktime_get_ns() : bpf_ktime_get_coarse_ns();
}

#endif
