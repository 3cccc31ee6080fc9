/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Protocols that are described (Sources/Packs): rules say where the id of a datagram's session lies, and
 * what it does to the session. Sources/Packs/Pack+Match.swift says the same without haste.
 *
 * There are two programs, for what counts when a live 4-tuple and a known id disagree.
 */
#include "choice.bpf.h"
#include "sessions.bpf.h"

/* Eight bytes of a payload that ends before the window does; zeros behind its end. */
__noinline __u64 short_word(struct sk_reuseport_md *ctx, __u64 at, __u64 size)
{
    __u64 word = 0, left = size - at, end;
    __u32 four = 0;
    __u16 two = 0;
    __u8 one = 0;

    if (at >= size || at > 16)
        return 0;
    at += PAYLOAD;
    if (left >= 8)
        return bpf_skb_load_bytes(ctx, at, &word, 8) ? 0 : word;
    end = 0;
    if (left & 4) {
        if (bpf_skb_load_bytes(ctx, at, &four, 4))
            return 0;
        word = four;
        end = 4;
    }
    if (left & 2) {
        if (bpf_skb_load_bytes(ctx, at + end, &two, 2))
            return 0;
        word |= (__u64)two << (8 * end & 63);
        end += 2;
    }
    if (left & 1) {
        if (bpf_skb_load_bytes(ctx, at + end, &one, 1))
            return 0;
        word |= (__u64)one << (8 * end & 63);
    }
    return word;
}

/* The window of a datagram that ends before it does. */
#define SHORT_WORD(ctx, at, size) short_word(ctx, at, size)
#include "peers.bpf.h"

struct relevo_pack pack SEC(".bss.pack");

/* What a rule says of one datagram: as `what` has it, without the fewest bytes; 0 for nothing. */
#define ROLE_OF(found) ((found) >> RELEVO_RULE_ROLE_SHIFT & 0xff)
#define OFFSET_OF(found) ((found) >> RELEVO_RULE_OFFSET_SHIFT & 0xff)
#define LENGTH_OF(found) ((found) >> RELEVO_RULE_LENGTH_SHIFT & 0xff)

/* Handshakes of a 4-tuple have no id that is known to be one: one counts for a short time. */
static __always_inline __u64 opening_of(
    struct sk_reuseport_md *ctx __attribute__((unused)), __u64 tuple)
{
    return word_hash(tuple, IS_HANDSHAKE) | 1;
}

static __always_inline __u64 past_opening(
    struct sk_reuseport_md *ctx __attribute__((unused)), __u64 role __attribute__((unused)))
{
    return 0;
}

static __always_inline __u64 take_note(
    struct sk_reuseport_md *ctx __attribute__((unused)),
    __u64 placement __attribute__((unused)), __u64 role __attribute__((unused)))
{
    return 0;
}

#include "variants.bpf.h"

static __always_inline __u64 byte_at(__u64 w0, __u64 w1, __u64 w2, __u64 at)
{
    __u64 word = at < 8 ? w0 : at < 16 ? w1 : w2;

    return word >> (8 * (at & 7)) & 0xff;
}

/* The rule that a payload fits, with the length of the id that it has. */
__noinline __u64 rule_for(__u64 w0, __u64 w1, __u64 w2, __u64 size)
{
    __u64 what, told, length;

#pragma unroll
    for (int i = 0; i < RELEVO_PACK_RULES; i++) {
        const struct relevo_rule *rule = &pack.rule[i];

        what = rule->what;
        if (what == 0)
            return 0;
        if ((((w0 ^ rule->value[0]) & rule->mask[0]) | ((w1 ^ rule->value[1]) & rule->mask[1])
             | ((w2 ^ rule->value[2]) & rule->mask[2])) == 0
            && size >= (what & 0xffff))
            goto found;
    }
    return 0;
found:
    told = what >> RELEVO_RULE_TOLD_SHIFT & 0xff;
    if (told) {
        length = byte_at(w0, w1, w2, told - 1);
        /* An id that is not whole is none. */
        if (OFFSET_OF(what) + length > size)
            length = 0;
        if (length < LENGTH_OF(what))
            what = (what & ~(0xffull << RELEVO_RULE_LENGTH_SHIFT))
                | length << RELEVO_RULE_LENGTH_SHIFT;
    }
    return what >> RELEVO_RULE_OFFSET_SHIFT << RELEVO_RULE_OFFSET_SHIFT;
}

/* The words of a payload from an offset on. */
#define FROM(offset, w0, w1, w2)                                                      \
    do {                                                                              \
        __u64 shift_ = 8 * ((offset) & 7);                                            \
                                                                                      \
        if ((offset) >= 16)                                                           \
            w0 = w2, w1 = 0, w2 = 0;                                                  \
        else if ((offset) >= 8)                                                       \
            w0 = w1, w1 = w2, w2 = 0;                                                 \
        w0 = w0 >> shift_ | w1 << 1 << (63 - shift_);                                 \
        w1 = w1 >> shift_ | w2 << 1 << (63 - shift_);                                 \
        w2 = w2 >> shift_;                                                            \
    } while (0)

/* The hash of the id that a rule has found. */
__noinline __u64 id_found(__u64 found, __u64 w0, __u64 w1, __u64 w2)
{
    FROM(OFFSET_OF(found), w0, w1, w2);
    return id_hash(w0, w1, w2, LENGTH_OF(found));
}

/* What a 4-tuple's entry has of its session's id in place of a port's mark (see `mark_of`). */
__noinline __u64 mark_found(__u64 found, __u64 w0, __u64 w1, __u64 w2)
{
    __u64 length = LENGTH_OF(found), fold;

    FROM(OFFSET_OF(found), w0, w1, w2);
    fold = first_bytes(w0, length);
    if (length > 8)
        fold ^= first_bytes(w1, length - 8);
    if (length > 16)
        fold ^= first_bytes(w2, length - 16);
    fold ^= fold >> 32;
    return (fold ^ fold >> 16) & 0xffff;
}

/* What the datagram does, as the ways that all protocols share know it. */
static __always_inline __u64 role_of(__u64 found, const int is_keyed)
{
    __u64 role = ROLE_OF(found);

    if (role == RELEVO_ROLE_CONTINUES)
        return 0;
    if (role == RELEVO_ROLE_EITHER)
        return EITHER;
    return is_keyed && role == RELEVO_ROLE_OPENS ? OPENS | KEYED : OPENS;
}

/* The UDP header and the window of its payload; where they lie in one piece, without a call. */
#define LOAD(ctx, w, size, plain)                                                     \
    do {                                                                              \
        __u64 *data_ = (void *)(long)(ctx)->data;                                     \
                                                                                      \
        if (!(plain) && (void *)(data_ + 4) <= (void *)(long)(ctx)->data_end) {       \
            w[0] = data_[0];                                                          \
            w[1] = data_[1];                                                          \
            w[2] = data_[2];                                                          \
            w[3] = data_[3];                                                          \
        } else if (bpf_skb_load_bytes(ctx, 0, w, 32)) {                               \
            bpf_skb_load_bytes(ctx, 0, w, 8);                                         \
            w[1] = short_word(ctx, 0, size);                                          \
            w[2] = short_word(ctx, 8, size);                                          \
            w[3] = short_word(ctx, 16, size);                                         \
        }                                                                             \
    } while (0)

#define ID_FIRST(name, suffix, plain)                                                 \
    SEC("sk_reuseport")                                                               \
    int name(struct sk_reuseport_md *ctx)                                             \
    {                                                                                 \
        __u64 w[4] = {}, size = ctx->len - PAYLOAD, clock = clock_now(plain);         \
        __u64 hash = 0, found;                                                        \
                                                                                      \
        LOAD(ctx, w, size, plain);                                                    \
        found = rule_for(w[1], w[2], w[3], size);                                     \
        if (LENGTH_OF(found)) {                                                       \
            hash = id_found(found, w[1], w[2], w[3]);                                 \
            if (steer_by_id##suffix(ctx, hash, clock, w[0] & 0xffff))                 \
                return SK_PASS;                                                       \
        }                                                                             \
        return by_tuple##suffix(ctx, hash, 0, clock, role_of(found, 1));              \
    }

ID_FIRST(id_first, _atomic, 0)
/* For 5.10: no compare and exchange, no coarse clock, no direct packet access. */
ID_FIRST(id_first_plain, _plain, 1)

/*
 * What is known of a 4-tuple's session is written again: its id leads to its stay, as it may come from
 * another address next.
 *
 * Returns whether that is confirmed, so that no flood pushes it out: the 4-tuple has the id's mark from then
 * on, and the id is looked at again with each datagram before.
 */
#define RENEW(suffix)                                                                 \
    __noinline int renew##suffix(                                                     \
        struct sk_reuseport_md *ctx, __u64 id, __u64 clock, __u64 placement)          \
    {                                                                                 \
        placement &= RELEVO_ALIAS - 1;                                                \
        hint_at##suffix(ctx, clock, placement);                                       \
        if (!id)                                                                      \
            return 1;                                                                 \
        if (touch##suffix(id, clock))                                                 \
            return word_of(id, clock) & RELEVO_CONFIRMED;                             \
        keep##suffix(id, clock, placement | RELEVO_ALIAS, 0);                         \
        tell(learned);                                                                \
        return 0;                                                                     \
    }                                                                                 \
                                                                                      \
    /* No 4-tuple tells whose a datagram is: its id, whose client has moved, or nothing. */ \
    __noinline int by_session##suffix(                                                \
        struct sk_reuseport_md *ctx, __u64 tuple, __u64 id, __u64 clock, __u64 role)  \
    {                                                                                 \
        __u64 known = id ? word_of(id, clock) : 0;                                    \
        __u64 placement = known ? touch##suffix(id, clock) : 0;                       \
        __u64 gone = placement_of(word_of(tuple, clock)), kept;                       \
                                                                                      \
        /* Its slot has lost its socket. */                                           \
        if (gone)                                                                     \
            count(fallback);                                                          \
        if (!steer(ctx, placement))                                                   \
            return unknown##suffix(ctx, tuple, 0, clock, role);                       \
        count(pinned);                                                                \
        tell(rebound);                                                                \
        placement &= RELEVO_ALIAS - 1;                                                \
        kept = keep##suffix(tuple, clock, placement, gone);                           \
        if (kept == placement && was_counted(known, clock))                           \
            note_left(placement);                                                     \
        hint_at##suffix(ctx, clock, placement);                                       \
        return SK_PASS;                                                               \
    }

RENEW(_atomic)
RENEW(_plain)

/* The mark that an entry has, or another one where it is the id's: so it is looked at again. */
static __always_inline __u64 mark_beside(__u64 word, __u64 mark)
{
    __u64 old = word >> RELEVO_SEEN_SHIFT & READ_ONCE(ids.mark);

    return old ^ (old == mark_of(mark));
}

/* The mark of an id in place of that of a port: so an id that is new is learned at once. Where there is none,
 * the mark stays. */
#define TUPLE_FIRST(name, suffix, plain)                                              \
    SEC("sk_reuseport")                                                               \
    int name(struct sk_reuseport_md *ctx)                                             \
    {                                                                                 \
        __u64 w[4] = {}, size = ctx->len - PAYLOAD, clock = clock_now(plain);         \
        __u64 id = 0, found, mark, tuple, word = 0, due, *entry;                      \
                                                                                      \
        LOAD(ctx, w, size, plain);                                                    \
        found = rule_for(w[1], w[2], w[3], size);                                     \
        tuple = tuple##suffix(ctx);                                                   \
        if (!tuple) {                                                                 \
            if (steer_to_current(ctx, ctx->hash))                                     \
                count(unrecorded);                                                    \
            else                                                                      \
                count(passed);                                                        \
            return SK_PASS;                                                           \
        }                                                                             \
        entry = find(tuple);                                                          \
        if (entry)                                                                    \
            word = READ_ONCE(*entry);                                                 \
        if (!entry || age_of(word, clock) > limit_of(word)                            \
            || !steer_to(ctx, placement_of(word))) {                                  \
            if (LENGTH_OF(found))                                                     \
                id = id_found(found, w[1], w[2], w[3]);                               \
            return by_session##suffix(ctx, tuple, id, clock, role_of(found, 0));      \
        }                                                                             \
        count(pinned);                                                                \
        mark = LENGTH_OF(found) ? mark_found(found, w[1], w[2], w[3])                 \
                                : word >> RELEVO_SEEN_SHIFT & READ_ONCE(ids.mark);    \
        due = is_id_due(word, clock, mark);                                           \
        if (!due && word & RELEVO_CONFIRMED)                                          \
            return SK_PASS;                                                           \
        if (LENGTH_OF(found))                                                         \
            id = id_found(found, w[1], w[2], w[3]);                                   \
        if (!renew##suffix(ctx, id, clock, placement_of(word)))                       \
            mark = mark_beside(word, mark);                                           \
        if (due) {                                                                    \
            replace(entry, word, marked(seen_again(word, clock), mark), plain);       \
            if (is_looked_at(clock))                                                  \
                tell_peer(ctx, placement_of(word), clock);                            \
        }                                                                             \
        return SK_PASS;                                                               \
    }

TUPLE_FIRST(tuple_first, _atomic, 0)
TUPLE_FIRST(tuple_first_plain, _plain, 1)
