/* What the steering program and its loader share: the layout of the maps and of a flow's entry. */
#ifndef STEERING_ABI_H
#define STEERING_ABI_H

#ifdef __bpf__
#include <linux/types.h>
typedef __u64 uint64_t;
typedef __u32 uint32_t;
typedef __u16 uint16_t;
#else
#include <stdint.h>
#endif

/*
 * Flow table: an array of buckets, a cache line each, of eight entries. An entry is one word, so
 * that every change is one store and none is ever seen half done:
 *
 *   63      28 27   12 11       2 1      0
 *   | tag 36 | seen 16 | placement | second | confirmed |
 *
 * seen       in ticks; an unconfirmed flow keeps the time of its first datagram
 * placement  one stay of a socket in a slot, 1 to 1023; closed placements make the flow count as new
 * second     the bucket is the flow's second candidate (its number holds the base bits folded)
 *
 * 0 is an entry never used since its bucket was last known not to overflow; a tombstone has
 * placement 0 and the second bit set, and the number of the sweep that made it where seen was.
 */
enum {
    /* Of all that is written here, the meaning included: a supervisor takes over no other. */
    RELEVO_LAYOUT = 1,

    RELEVO_WAYS = 8,
    RELEVO_SLOTS = 512,
    RELEVO_PLACEMENTS = 1024,
    RELEVO_CHOICES = 8,
    RELEVO_CPUS = 1024,
    RELEVO_CLOSED = 0x7fffffff,

    RELEVO_CONFIRMED = 1,
    RELEVO_SECOND = 2,
    RELEVO_PLACEMENT_SHIFT = 2,
    RELEVO_SEEN_SHIFT = 12,
    RELEVO_TAG_SHIFT = 28,

    /* The few flows of a small service stay together in this many buckets (256 KiB). */
    RELEVO_DENSE_BITS = 12,
    RELEVO_DENSE_MASK = (1 << RELEVO_DENSE_BITS) - 1,

    /* Ticks that another CPU's clock may be ahead of ours without an entry looking expired. */
    RELEVO_SLACK = 256,
};

struct relevo_bucket {
    uint64_t way[RELEVO_WAYS];
};

/* One CPU's counters, alone on their cache line. */
struct relevo_counters {
    uint64_t pinned;
    uint64_t opened;
    uint64_t fallback;
    uint64_t evicted;
    uint64_t unrecorded;
    uint64_t passed;
    uint64_t stateless;
    uint64_t reserved;
};

/* The program's only global, mapped by the supervisor. The first line is all a datagram reads. */
struct relevo_state {
    uint64_t key[2];
    /* Region in use, as the number of bits in a bucket's number; from bit 8 and from bit 16 on those
     * that flows are still being moved out of, else 0. */
    uint64_t region;
    /* Where new flows go: number of a choice in the upper, its length in the lower 32 bits. */
    uint64_t current;
    /* Bits of the whole table, to which the program grows the region when a flow finds no room. */
    uint64_t full_bits;
    uint32_t tick_shift;
    /* Ages in ticks, RELEVO_SLACK included. */
    uint32_t idle;
    uint32_t refresh;
    uint32_t confirm;
    uint64_t reserved;

    uint32_t slot_of[RELEVO_PLACEMENTS];
    uint16_t choice[RELEVO_CHOICES * RELEVO_SLOTS];
    struct relevo_counters counters[RELEVO_CPUS];
};

/* Offsets for the loader, which does not import the arrays. */
enum {
    RELEVO_KEY_AT = 0,
    RELEVO_REGION_AT = 16,
    RELEVO_CURRENT_AT = 24,
    RELEVO_FULL_BITS_AT = 32,
    RELEVO_TICK_SHIFT_AT = 40,
    RELEVO_IDLE_AT = 44,
    RELEVO_REFRESH_AT = 48,
    RELEVO_CONFIRM_AT = 52,
    RELEVO_SLOT_OF_AT = 64,
    RELEVO_CHOICE_AT = 4160,
    RELEVO_COUNTERS_AT = 12352,
    RELEVO_STATE_SIZE = 77888,
};

#define RELEVO_AT(field, offset) \
    _Static_assert(__builtin_offsetof(struct relevo_state, field) == offset, #field)

_Static_assert(sizeof(struct relevo_bucket) == 64, "a bucket is a cache line");
_Static_assert(sizeof(struct relevo_counters) == 64, "a CPU's counters are a cache line");
RELEVO_AT(key, RELEVO_KEY_AT);
RELEVO_AT(region, RELEVO_REGION_AT);
RELEVO_AT(current, RELEVO_CURRENT_AT);
RELEVO_AT(full_bits, RELEVO_FULL_BITS_AT);
RELEVO_AT(tick_shift, RELEVO_TICK_SHIFT_AT);
RELEVO_AT(idle, RELEVO_IDLE_AT);
RELEVO_AT(refresh, RELEVO_REFRESH_AT);
RELEVO_AT(confirm, RELEVO_CONFIRM_AT);
RELEVO_AT(slot_of, RELEVO_SLOT_OF_AT);
RELEVO_AT(choice, RELEVO_CHOICE_AT);
RELEVO_AT(counters, RELEVO_COUNTERS_AT);
_Static_assert(sizeof(struct relevo_state) == RELEVO_STATE_SIZE, "state");

/*
 * The candidate buckets of a flow, before the region's mask. The base bits are the low bits of the
 * hash; the bits by which the table grows come from the tag, so that a flow can be moved to the
 * other region by its entry and its bucket's number alone. The third differs from the first in
 * growth bits only: in the smallest region the two are one.
 */
static inline uint64_t relevo_fold(uint64_t hash)
{
    return (hash >> 52) | 1;
}

static inline uint32_t relevo_first(uint64_t hash)
{
    return (uint32_t)(hash & RELEVO_DENSE_MASK)
        | (uint32_t)(hash >> RELEVO_TAG_SHIFT) << RELEVO_DENSE_BITS;
}

static inline uint32_t relevo_second(uint64_t hash)
{
    return (uint32_t)((hash ^ relevo_fold(hash)) & RELEVO_DENSE_MASK)
        | (uint32_t)(hash >> 40) << RELEVO_DENSE_BITS;
}

static inline uint32_t relevo_third(uint64_t hash)
{
    return relevo_first(hash) ^ ((uint32_t)(hash >> 34) | 1) << RELEVO_DENSE_BITS;
}

/* The hash's bits that choose buckets, from an entry and the bucket where it lies. */
static inline uint64_t relevo_hash_of(uint64_t entry, uint32_t bucket)
{
    uint64_t tag = entry >> RELEVO_TAG_SHIFT << RELEVO_TAG_SHIFT;
    uint64_t fold = entry & RELEVO_SECOND ? relevo_fold(tag) : 0;
    return tag | ((bucket ^ fold) & RELEVO_DENSE_MASK);
}

#endif
