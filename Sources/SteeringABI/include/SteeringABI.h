/* What the steering program and its loader share: the layout of the maps and of a flow's entry. */
#ifndef STEERING_ABI_H
#define STEERING_ABI_H

#ifdef __bpf__
#include <linux/types.h>
typedef __u64 uint64_t;
typedef __u32 uint32_t;
typedef __u16 uint16_t;
typedef __u8 uint8_t;
#else
#include <stdint.h>
#endif

/*
 * Flow table: an array of buckets, a cache line each, of eight entries. An entry is one word, so
 * that every change is one store and none is ever seen half done:
 *
 *   63      32 31   16 15       3 2        1        0
 *   | tag 32 | seen 16 | placement | coarse | second | confirmed |
 *
 * seen       when it was last seen, in coarse ticks, or when it was first seen, in fresh ones
 * placement  one stay of a socket in a slot, 1 to 8191; closed placements make the flow count as new
 * coarse     seen is in coarse ticks: every confirmed flow, and one that waits for long already
 * second     the bucket is the flow's second candidate (its number holds the base bits folded)
 *
 * Coarse ticks are as long as the idle time asks for, fresh ones never longer than 17 ms: whether a
 * flow is confirmed is told as well with an idle time of a week as with one of a minute.
 *
 * 0 is an entry never used since its bucket was last known not to overflow; a tombstone has
 * placement 0 and the second bit set, and the number of the sweep that made it where seen was.
 *
 * All listeners of a service that want the same share one table: placements are numbered for all of
 * them, and a listener's number is part of what is hashed, so that no two have an entry in common.
 *
 * Program and supervisor change the table at the same time, without a lock; nothing rests on the
 * order in which x86 alone lets stores be seen:
 *
 * - An entry says all of itself in its one word, and stands for nothing outside of it but its
 *   placement's slot. So plain loads do, and a compare and exchange (a full barrier in BPF as in
 *   Swift) for every change. What was read before it is looked at again by it.
 * - A choice is written before the one store that makes it current (releasing). The program reads
 *   them by address dependency, current first: every CPU keeps that order, and no verifier or JIT
 *   breaks it. That a choice of eight stores ago is written over is a matter of time, not of order.
 * - A placement's slot is stored before the number gets into a choice or an entry, by the same pair.
 *   Its owner is stored before its slot (releasing), and is read by supervisors alone.
 * - A flow being moved is copied by one compare and exchange and its old entry goes by another, at
 *   least 50 ms later; a look-up that began before the first has ended by then, and one that began
 *   after it looks into the region being left last: it finds one of the two. There the time between
 *   is what orders, on every machine.
 * - A region is changed by compare and exchange after its memory has been there since it was made.
 * - A time read on one CPU may be ahead of another's: RELEVO_SLACK.
 * - Counters have one writer, their CPU. They are 64 bits, never torn, and may be read late.
 */
enum {
    /* Of all that is written here, the meaning included: a supervisor takes over no other. */
    RELEVO_LAYOUT = 3,

    RELEVO_WAYS = 8,
    RELEVO_SLOTS = 512,
    RELEVO_PLACEMENTS = 8192,
    RELEVO_CHOICES = 8,
    RELEVO_CPUS = 1024,
    /* Networks whose clients a canary may have. */
    RELEVO_NETWORKS = 64,
    /* Counters of datagrams that went to others, which the CPUs share. */
    RELEVO_OTHERS = 16,
    RELEVO_KNOWS_CANARIES = 1,
    RELEVO_KNOWS_NETWORKS = 2,
    RELEVO_CLOSED = 0x7fffffff,

    /* Where sessions have ids a stay has two numbers, this far apart, for the same slot; see
     * sessions.bpf.h. So such a table has stays 1 to 4095. */
    RELEVO_ALIAS = RELEVO_PLACEMENTS / 2,
    /* In a byte of `lengths` and of `heard`. */
    RELEVO_ID_LENGTH = 31,
    /* Shorter ids are not followed: their sessions are their 4-tuples. No server known makes them. */
    RELEVO_SHORTEST_ID = 4,
    /* The id's first eight bytes are the cookie of its worker's socket. */
    RELEVO_OWNED = 128,
    /* What the hash of such a cookie has beside the listener's number, as a bit's number. */
    RELEVO_OWNER_SHIFT = 61,
    /* So many votes for one length are enough. */
    RELEVO_CLEAR = 64,

    /* The ids that the workers' library makes end with the stay that they lead to, two bytes with the high
     * one first, and a tag over all before it, four bytes with the low one first: RELEVO_SEAL bytes. Of their
     * first byte the lower five bits are how many follow. */
    RELEVO_SEAL = 6,
    RELEVO_SHORTEST_SEALED = 11,
    RELEVO_LONGEST_SEALED = 20,

    /* What the hash of a copy's mark has beside the listener's number, as a number's lowest bit. */
    RELEVO_COPY_SHIFT = 61,
    RELEVO_COPY = 5,
    /* The option of the network's header that the mark is in (RFC 4727: for experiments; nobody minds it),
     * with its length, as IPv4 and IPv6 have it: type and length in network order. */
    RELEVO_COPY_OPTION = 0x1e0c,
    RELEVO_COPY_OPTION6 = 0x1e0a,
    /* No datagram is copied that may not have room for it. */
    RELEVO_COPY_MOST = 65400,

    RELEVO_CONFIRMED = 1,
    RELEVO_SECOND = 2,
    RELEVO_COARSE = 4,
    RELEVO_PLACEMENT_SHIFT = 3,
    RELEVO_SEEN_SHIFT = 16,
    RELEVO_TAG_SHIFT = 32,

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
    /* Flows whose peers found no room where they are told. */
    uint64_t untold;
};

/* What the programs of all listeners that share a table have in common. Its first line is all of it
 * that a datagram reads, besides the placement's slot. */
struct relevo_table {
    uint64_t key[2];
    /* Region in use, as the number of bits in a bucket's number; from bit 8 and from bit 16 on those
     * that flows are still being moved out of, else 0. */
    uint64_t region;
    /* Bits of the whole table, to which a program grows the region when a flow finds no room. */
    uint64_t full_bits;
    uint32_t fresh_shift;
    uint32_t tick_shift;
    /* Ages, RELEVO_SLACK included: of a confirmed flow in coarse ticks, then in fresh ones. */
    uint32_t idle;
    uint32_t fresh_idle;
    /* In coarse ticks. */
    uint32_t refresh;
    /* In fresh ones. */
    uint32_t confirm;
    /* Number of the listener that came last; the programs do not read it. */
    uint32_t members;
    /* As long as the clock is before this, in units of RELEVO_LOOK_SHIFT, somebody looks who is there. It ends by
     * itself when who looks is gone. */
    uint32_t looked_until;

    uint32_t slot_of[RELEVO_PLACEMENTS];
    /* The listener that a placement belongs to; for supervisors alone. */
    uint16_t owner_of[RELEVO_PLACEMENTS];
};

/* All addresses that have the same bits where the mask has ones. Both stand as in the IP header; of IPv4 they
 * are the first four bytes. */
struct relevo_network {
    uint64_t address[2];
    uint64_t mask[2];
    uint64_t is_ipv6;
};

/* Datagrams that went to slots of `others_of`, by some of the CPUs: a cache line. */
struct relevo_others {
    uint64_t datagrams;
    uint64_t reserved[7];
};

/* What one listener's program has for itself. */
struct relevo_state {
    /* Where new flows go: number of a choice in the upper, its length in the lower 32 bits. */
    uint64_t current;
    /* The listener's number, shifted past the port that it is hashed with. */
    uint64_t member;
    /* Where new flows of a share of the clients go instead: a choice, as `current` is. It is written before
     * the share, and only while the one before is in use or none is. */
    uint64_t canary;
    /* The share, as a part of 2^32; 0 for none. */
    uint64_t canary_share;
    /* What a client's address is hashed with to tell whether it is one of the share. */
    uint64_t canary_key;
    /* RELEVO_KNOWS_CANARIES where the program heeds the two words before, RELEVO_KNOWS_NETWORKS where it heeds
     * networks too. */
    uint64_t knows_canaries;
    /* How many of the networks below are the canary's besides the share; 0 for none. They are written while
     * it is 0. */
    uint64_t canary_networks;
    /* 1 where datagrams to the slots of `others_of` are counted beside; 0 costs nothing. */
    uint64_t counts_others;
    uint16_t choice[RELEVO_CHOICES * RELEVO_SLOTS];
    struct relevo_counters counters[RELEVO_CPUS];
    /* Behind all that programs before had, so that these are taken over as they are. */
    struct relevo_network networks[RELEVO_NETWORKS];
    /* A bit for each slot that serves and is not where the newest choice is. */
    uint64_t others_of[RELEVO_SLOTS / 64];
    struct relevo_others others[RELEVO_OTHERS];
};

#include "IdsABI.h"
#include "PackABI.h"
#include "PeersABI.h"

/* One word about one socket for the filter that keeps datagrams for groups of hosts from it. */
struct relevo_group_key {
    /* The kernel's number of the socket; 0 for what holds for all of the listener. */
    uint64_t cookie;
    uint64_t part;
};

enum {
    /* Of cookie 0: the number of the choice in force, 0 or 1; no socket is kept from anything before
     * there is one. A flip is the one store that changes it. */
    RELEVO_GROUP_CURRENT = 0,
    /* In which choices the socket hears groups: bit 0 and bit 1. */
    RELEVO_GROUP_HEARS = 1,
    /* How many datagrams were kept from it. */
    RELEVO_GROUP_UNHEARD = 2,

    /* Room for two words for each of the slots, and for those whose socket is changed. */
    RELEVO_GROUP_ENTRIES = 4 * RELEVO_SLOTS,
};

enum { /* Offsets for the loader, which does not import the arrays. */
    RELEVO_KEY_AT = 0,
    RELEVO_REGION_AT = 16,
    RELEVO_FULL_BITS_AT = 24,
    RELEVO_FRESH_SHIFT_AT = 32,
    RELEVO_TICK_SHIFT_AT = 36,
    RELEVO_IDLE_AT = 40,
    RELEVO_FRESH_IDLE_AT = 44,
    RELEVO_REFRESH_AT = 48,
    RELEVO_CONFIRM_AT = 52,
    RELEVO_MEMBERS_AT = 56,
    RELEVO_LOOKED_UNTIL_AT = 60,
    RELEVO_SLOT_OF_AT = 64,
    RELEVO_OWNER_OF_AT = 32832,
    RELEVO_TABLE_SIZE = 49216,

    RELEVO_MEMBER_SHIFT = 16,

    RELEVO_CURRENT_AT = 0,
    RELEVO_MEMBER_AT = 8,
    RELEVO_CANARY_AT = 16,
    RELEVO_CANARY_SHARE_AT = 24,
    RELEVO_CANARY_KEY_AT = 32,
    RELEVO_KNOWS_CANARIES_AT = 40,
    RELEVO_CANARY_NETWORKS_AT = 48,
    RELEVO_COUNTS_OTHERS_AT = 56,
    RELEVO_CHOICE_AT = 64,
    RELEVO_COUNTERS_AT = 8256,
    /* That of programs before there were networks. */
    RELEVO_STATE_SIZE_BEFORE = 73792,
    RELEVO_NETWORKS_AT = RELEVO_STATE_SIZE_BEFORE,
    RELEVO_NETWORK_SIZE = 40,
    RELEVO_OTHERS_OF_AT = RELEVO_NETWORKS_AT + RELEVO_NETWORKS * RELEVO_NETWORK_SIZE,
    RELEVO_OTHERS_AT = RELEVO_OTHERS_OF_AT + RELEVO_SLOTS / 8,
    RELEVO_OTHERS_SIZE = 64,
    RELEVO_STATE_SIZE = RELEVO_OTHERS_AT + RELEVO_OTHERS * RELEVO_OTHERS_SIZE,

    RELEVO_LENGTHS_AT = 0,
    RELEVO_GUESS_AT = 8,
    RELEVO_BUDGET_AT = 16,
    RELEVO_MARK_AT = 24,
    RELEVO_ID_REFRESH_AT = 32,
    RELEVO_SAID_AT = 40,
    RELEVO_COPIER_AT = 48,
    RELEVO_SERVER_AT = 56,
    RELEVO_GUESSABLE_AT = 64,
    RELEVO_COOKIE_AT = 2112,
    RELEVO_DRAINING_AT = 6208,
    RELEVO_HEARD_AT = 10304,
    RELEVO_SEAL_AT = 26688,
    RELEVO_LEFT_AT = 34880,
    RELEVO_RULES_AT = 51264,
    RELEVO_IDS_SIZE = 182336,
};

#define RELEVO_AT(of, field, offset) \
    _Static_assert(__builtin_offsetof(struct of, field) == offset, #field)

_Static_assert(sizeof(struct relevo_bucket) == 64, "a bucket is a cache line");
_Static_assert(sizeof(struct relevo_counters) == 64, "a CPU's counters are a cache line");
RELEVO_AT(relevo_table, key, RELEVO_KEY_AT);
RELEVO_AT(relevo_table, region, RELEVO_REGION_AT);
RELEVO_AT(relevo_table, full_bits, RELEVO_FULL_BITS_AT);
RELEVO_AT(relevo_table, fresh_shift, RELEVO_FRESH_SHIFT_AT);
RELEVO_AT(relevo_table, tick_shift, RELEVO_TICK_SHIFT_AT);
RELEVO_AT(relevo_table, idle, RELEVO_IDLE_AT);
RELEVO_AT(relevo_table, fresh_idle, RELEVO_FRESH_IDLE_AT);
RELEVO_AT(relevo_table, refresh, RELEVO_REFRESH_AT);
RELEVO_AT(relevo_table, confirm, RELEVO_CONFIRM_AT);
RELEVO_AT(relevo_table, members, RELEVO_MEMBERS_AT);
RELEVO_AT(relevo_table, looked_until, RELEVO_LOOKED_UNTIL_AT);
RELEVO_AT(relevo_table, slot_of, RELEVO_SLOT_OF_AT);
RELEVO_AT(relevo_table, owner_of, RELEVO_OWNER_OF_AT);
_Static_assert(sizeof(struct relevo_table) == RELEVO_TABLE_SIZE, "table");
RELEVO_AT(relevo_state, current, RELEVO_CURRENT_AT);
RELEVO_AT(relevo_state, member, RELEVO_MEMBER_AT);
RELEVO_AT(relevo_state, choice, RELEVO_CHOICE_AT);
RELEVO_AT(relevo_state, counters, RELEVO_COUNTERS_AT);
RELEVO_AT(relevo_state, canary_networks, RELEVO_CANARY_NETWORKS_AT);
RELEVO_AT(relevo_state, networks, RELEVO_NETWORKS_AT);
RELEVO_AT(relevo_state, counts_others, RELEVO_COUNTS_OTHERS_AT);
RELEVO_AT(relevo_state, others_of, RELEVO_OTHERS_OF_AT);
RELEVO_AT(relevo_state, others, RELEVO_OTHERS_AT);
_Static_assert(sizeof(struct relevo_others) == RELEVO_OTHERS_SIZE, "others");
_Static_assert(sizeof(struct relevo_network) == RELEVO_NETWORK_SIZE, "network");
_Static_assert(sizeof(struct relevo_state) == RELEVO_STATE_SIZE, "state");
RELEVO_AT(relevo_ids, lengths, RELEVO_LENGTHS_AT);
RELEVO_AT(relevo_ids, guess, RELEVO_GUESS_AT);
RELEVO_AT(relevo_ids, budget, RELEVO_BUDGET_AT);
RELEVO_AT(relevo_ids, mark, RELEVO_MARK_AT);
RELEVO_AT(relevo_ids, refresh, RELEVO_ID_REFRESH_AT);
RELEVO_AT(relevo_ids, said, RELEVO_SAID_AT);
RELEVO_AT(relevo_ids, copier, RELEVO_COPIER_AT);
RELEVO_AT(relevo_ids, server, RELEVO_SERVER_AT);
RELEVO_AT(relevo_ids, guessable, RELEVO_GUESSABLE_AT);
RELEVO_AT(relevo_ids, cookie, RELEVO_COOKIE_AT);
RELEVO_AT(relevo_ids, draining, RELEVO_DRAINING_AT);
RELEVO_AT(relevo_ids, heard, RELEVO_HEARD_AT);
RELEVO_AT(relevo_ids, seal, RELEVO_SEAL_AT);
RELEVO_AT(relevo_ids, left, RELEVO_LEFT_AT);
RELEVO_AT(relevo_ids, rules, RELEVO_RULES_AT);
_Static_assert(sizeof(struct relevo_ids) == RELEVO_IDS_SIZE, "ids");

/* What tells a copy, in an option of the header: the placement that it is for, in network order, and the
 * keyed hash of that and of the 4-tuple. Nobody else can make one. */
struct relevo_mark {
    uint16_t option;
    uint16_t placement;
    uint32_t tag[2];
};
_Static_assert(sizeof(struct relevo_mark) == 12, "mark");

#include "SteeringLoads.h"

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
