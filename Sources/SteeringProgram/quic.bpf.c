/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * QUIC, of any version that has the form of versions 1 and 2 (RFC 8999, 9000, 9369): the connection id
 * first, which a client keeps when its address changes; a 4-tuple may be many connections'.
 *
 * The bit that says nothing (RFC 9287) is not looked at.
 */
#include "choice.bpf.h"
#include "sessions.bpf.h"
#include "peers.bpf.h"

#define LONG_HEADER 0x80
#define VERSION_1 bpf_htonl(1)
#define VERSION_2 bpf_htonl(0x6b3343cf)
#define DRAFT bpf_htonl(0xff000000)
#define HANDSHAKE 2

/* In a role: the id is the server's for certain; how long that is stands from HEARD_SHIFT on. */
#define HEARD (1 << ROLE_SHIFT)
#define HEARD_SHIFT 16

/*
 * All long headers of one connection carry the client's own id: with the 4-tuple it names a
 * handshake, also where a client has many connections on one port (QUIC-LB draft, section 4.2).
 * 0 where there is none. Bit 0 is set where the id says little, so that another connection on the
 * same port could have the same.
 */
__noinline __u64 handshake_hash(struct sk_reuseport_md *ctx, __u64 tuple)
{
    struct siphash s;
    __u64 own = 0;
    __u8 length = 0;
    __u64 server;

    if (bpf_skb_load_bytes(ctx, PAYLOAD + 5, &length, 1) || length > 20)
        return 0;
    server = length;
    if (bpf_skb_load_bytes(ctx, PAYLOAD + 6 + server, &length, 1) || length > 20)
        return 0;
    if (bpf_skb_load_bytes(ctx, PAYLOAD + 7 + server, &own, 8))
        return 0;
    own = first_bytes(own, length);
    sip_start(&s, table.key[0], table.key[1]);
    sip_word(&s, tuple);
    sip_word(&s, own);
    sip_word(&s, (__u64)length << 56 | IS_HANDSHAKE);
    return (sip_end(&s) & ~1ull) | (length < 4);
}

/*
 * Notes how long the server's ids are, by what its clients answer with: a majority by Boyer and Moore
 * for each stay, which stays as it is once it is clear. A length not known yet is looked up from here
 * on, beside the one that is; the supervisor puts them in order once a second.
 *
 * Anybody may say how long they are. So short ones are not believed: as few as a length of 1 has would
 * be the same for sessions of all generations. Where the length was said, no other one is.
 */
__noinline __u64 hear(struct sk_reuseport_md *ctx, __u64 placement, __u64 length)
{
    __u32 *heard = &ids.heard[masked(placement, RELEVO_ALIAS)];
    __u64 word = READ_ONCE(*heard), votes = word >> 8, lengths = READ_ONCE(ids.lengths);
    __u64 first = 0, said = READ_ONCE(ids.said);

    if (length < RELEVO_SHORTEST_ID || (said && length != said))
        return 0;
    if (length == 20 && !READ_ONCE(ids.server) && !bpf_skb_load_bytes(ctx, PAYLOAD + 6, &first, 8)
        && first == READ_ONCE(ids.cookie[masked(*slot_of(placement), RELEVO_SLOTS)]))
        length |= RELEVO_OWNED;
    if ((word & 0xff) == length)
        votes += votes < RELEVO_CLEAR;
    else if (votes == 0)
        word = length, votes = 1;
    else if (votes < RELEVO_CLEAR)
        votes--;
    WRITE_ONCE(*heard, (__u32)(votes << 8 | (word & 0xff)));

    if (!(length & RELEVO_ID_LENGTH) || (lengths & RELEVO_ID_LENGTH) == (length & RELEVO_ID_LENGTH)
        || (lengths >> 8 & RELEVO_ID_LENGTH) == (length & RELEVO_ID_LENGTH))
        return length;
    if (!(lengths & RELEVO_ID_LENGTH))
        WRITE_ONCE(ids.lengths, (lengths & ~0xffull) | length);
    else if (!(lengths >> 8 & RELEVO_ID_LENGTH))
        WRITE_ONCE(ids.lengths, (lengths & 0xff) | length << 8);
    return length;
}

/* How long the server's id is in a Handshake packet that follows an Initial in one datagram, or 0. The
 * Initial has the same one (RFC 9000, section 12.2), which is not the client's own choice any more. */
__noinline __u64 id_behind_initial(struct sk_reuseport_md *ctx, __u64 type)
{
    __u64 at = PAYLOAD + 5, number, size;
    __u8 byte = 0, head[6] = {};

    /* Both ids. */
    if (bpf_skb_load_bytes(ctx, at, &byte, 1) || byte > 20)
        return 0;
    at += 1 + (__u64)byte;
    if (bpf_skb_load_bytes(ctx, at, &byte, 1) || byte > 20)
        return 0;
    at += 1 + (__u64)byte;
    /* The token and the rest, each behind a number of one to eight bytes, of which two are enough here. */
#pragma unroll
    for (int i = 0; i < 2; i++) {
        if (bpf_skb_load_bytes(ctx, at, head, 2))
            return 0;
        size = head[0] >> 6;
        if (size > 1)
            return 0;
        number = size ? (head[0] & 0x3full) << 8 | head[1] : head[0];
        at += 1 + size + number;
    }
    if (at > 4096 || bpf_skb_load_bytes(ctx, at, head, 6))
        return 0;
    return (head[0] & 0x80) && (head[0] >> 4 & 3) == type && head[5] <= 20 ? head[5] : 0;
}

/* What a packet with a long header is. */
static __always_inline __u64 role_of(__u64 head)
{
    __u32 version = head >> 8, type = head >> 4 & 3, shift = 0;
    __u64 length = head >> 40 & 0xff;

    if (version == VERSION_2)
        shift = 1;
    else if (version != VERSION_1 && (version & bpf_htonl(0xffffff00)) != DRAFT)
        /* Any generation answers with the versions that it knows. */
        return OPENS | KEYED;
    type = (type - shift) & 3;
    if (type < HANDSHAKE)
        /* With the type of what may follow in the same datagram. */
        return OPENS | KEYED | (__u64)(HANDSHAKE + shift) << HEARD_SHIFT;
    if (type == HANDSHAKE && length <= 20)
        return HEARD | KEYED | length << HEARD_SHIFT;
    return KEYED;
}

static __always_inline __u64 opening_of(struct sk_reuseport_md *ctx, __u64 tuple)
{
    return handshake_hash(ctx, tuple);
}

/* The id of a client's first Initial is its own choice, and not worth a place. */
static __always_inline __u64 past_opening(struct sk_reuseport_md *ctx, __u64 role)
{
    __u64 length = id_behind_initial(ctx, role >> HEARD_SHIFT & 3);

    return length ? HEARD | length << HEARD_SHIFT : 0;
}

/* Notes how long the server's ids are; where they tell their worker, that is known from here on. */
static __always_inline __u64 take_note(
    struct sk_reuseport_md *ctx, __u64 placement, __u64 role)
{
    __u64 cookie = 0, length;

    if (!(role & HEARD))
        return 0;
    length = hear(ctx, placement, role >> HEARD_SHIFT & RELEVO_ID_LENGTH);
    if (!(length & RELEVO_OWNED) || bpf_skb_load_bytes(ctx, PAYLOAD + 6, &cookie, 8))
        return 0;
    return word_hash(cookie, IS_OWNER);
}

#include "variants.bpf.h"

/* Where an id lies, in what `sealed` and `id_at` are told of it; above it its length. */
#define AT_LENGTH(at, length) ((at) | (__u64)(length) << 32)

__noinline __u64 id_at(struct sk_reuseport_md *ctx, __u64 where)
{
    __u64 id[3] = {};

    if (bpf_skb_load_bytes(ctx, (__u32)where, id, 20))
        return 0;
    return id_hash(id[0], id[1], id[2], where >> 32);
}

/*
 * The stay that an id of the workers' library leads to, and above it the id's length; 0 for an id that is
 * none, or that nobody made who had the key. Nothing else is needed, so ids never seen are good.
 *
 * Where a length is not said by a header, an id says it itself.
 */
__noinline __u64 sealed(struct sk_reuseport_md *ctx, __u64 where)
{
    struct siphash s;
    __u64 w[2] = {}, tail = 0, length, placement, slot, key, at = (__u32)where;

    if (bpf_skb_load_bytes(ctx, at, w, 16))
        return 0;
    length = (w[0] & 31) + 1;
    if (length < RELEVO_SHORTEST_SEALED || length > RELEVO_LONGEST_SEALED
        || (where >> 32 && where >> 32 != length))
        return 0;
    if (bpf_skb_load_bytes(ctx, at + length - RELEVO_SEAL, &tail, RELEVO_SEAL))
        return 0;
    placement = (tail & 0xff) << 8 | (tail >> 8 & 0xff);
    if (placement == 0 || placement >= RELEVO_ALIAS)
        return 0;
    slot = READ_ONCE(*slot_of(placement));
    if (slot >= RELEVO_SLOTS)
        return 0;
    slot = masked(slot, RELEVO_SLOTS);
    key = READ_ONCE(ids.seal[slot][0]);
    if (!key)
        return 0;
    sip_start(&s, key, READ_ONCE(ids.seal[slot][1]));
    /* The tag is not under itself. */
    sip_word(&s, first_bytes(w[0], length - 4));
    sip_word(&s, length > 12 ? first_bytes(w[1], length - 12) : 0);
    sip_word(&s, length);
    return (__u32)sip_end(&s) == (__u32)(tail >> 16) ? placement | length << 32 : 0;
}

/* Steers by an id that tells its stay, and learns it: from then on it is one that is known. */
#define BY_SEAL(suffix)                                                               \
    __noinline int by_seal##suffix(struct sk_reuseport_md *ctx, __u64 where, __u64 clock) \
    {                                                                                 \
        __u64 found = sealed(ctx, where), placement = (__u32)found, hash;             \
                                                                                      \
        if (!steer(ctx, placement))                                                   \
            return 0;                                                                 \
        count(pinned);                                                                \
        tell(owner);                                                                  \
        hear(ctx, placement, found >> 32);                                            \
        placement = follow##suffix(ctx, clock, placement, 1, 0);                       \
        hash = id_at(ctx, AT_LENGTH((__u32)where, found >> 32));                      \
        if (hash)                                                                     \
            keep##suffix(hash, clock, placement, 0);                                  \
        return 1;                                                                     \
    }

BY_SEAL(_atomic)
BY_SEAL(_plain)

/* The id of a packet with a long header tells its length. */
__noinline __u64 long_id(struct sk_reuseport_md *ctx, __u64 head)
{
    __u64 length = head >> 40 & 0xff;

    if (length == 0 || length > 20)
        return 0;
    return id_at(ctx, AT_LENGTH(PAYLOAD + 6, length));
}

/* That of a short header does not: see `hear`. `w`: the UDP header and the payload's first 24 bytes. */
static __always_inline __u64 short_id(const __u64 *w, __u64 length)
{
    length &= RELEVO_ID_LENGTH;
    if (length == 0)
        return 0;
    return id_hash(w[1] >> 8 | w[2] << 56, w[2] >> 8 | w[3] << 56, w[3] >> 8, length);
}

/* The word of an id that may tell its worker: the id of its server, or the cookie of its socket; 0 for none. */
static __always_inline __u64 owner_word(const __u64 *w, __u64 lengths)
{
    __u64 server = READ_ONCE(ids.server);

    if (server)
        return first_bytes(w[1] >> 16 | w[2] << 48, server);
    return (lengths | lengths >> 8) & RELEVO_OWNED ? w[1] >> 8 | w[2] << 56 : 0;
}

/* A short header whose id is not known at the length that came first. */
#define OTHER_ID(suffix, plain)                                                       \
    __noinline int other_id##suffix(struct sk_reuseport_md *ctx, __u64 id, __u64 clock) \
    {                                                                                 \
        __u64 w[4] = {}, lengths = READ_ONCE(ids.lengths), other, owner, placement;   \
                                                                                      \
        if (bpf_skb_load_bytes(ctx, 0, w, 32))                                        \
            return by_tuple##suffix(ctx, 0, 0, clock, OPENS);                         \
        other = short_id(w, lengths >> 8);                                            \
        if (other && by_id##suffix(ctx, other, clock, w[0] & 0xffff))                              \
            return SK_PASS;                                                           \
        if (by_seal##suffix(ctx, PAYLOAD + 1, clock))                                 \
            return SK_PASS;                                                           \
        owner = owner_word(w, lengths);                                               \
        if (owner) {                                                                  \
            placement = touch##suffix(word_hash(owner, IS_OWNER), clock);             \
            if (steer(ctx, placement)) {                                              \
                count(pinned);                                                        \
                tell(owner);                                                          \
                placement = follow##suffix(ctx, clock, placement, 1, 0);              \
                if (id | other)                                                       \
                    keep##suffix(id ? id : other, clock, placement, 0);               \
                return SK_PASS;                                                       \
            }                                                                         \
        }                                                                             \
        return by_tuple##suffix(ctx, id, other, clock, 0);                            \
    }

OTHER_ID(_atomic, 0)
OTHER_ID(_plain, 1)

#define QUIC(name, suffix, plain)                                                     \
    SEC("sk_reuseport")                                                               \
    int name(struct sk_reuseport_md *ctx)                                             \
    {                                                                                 \
        __u64 w[4] = {}, hash, clock = clock_now(plain);                              \
                                                                                      \
        /* No packet with an id is shorter (RFC 9000, section 17.3; RFC 9001, 5.4.2). */ \
        if (bpf_skb_load_bytes(ctx, 0, w, 32))                                        \
            return by_tuple##suffix(ctx, 0, 0, clock, OPENS);                         \
        if (w[1] & LONG_HEADER)                                                       \
            hash = long_id(ctx, w[1]);                                                \
        else                                                                          \
            hash = short_id(w, READ_ONCE(ids.lengths));                               \
        if (hash && steer_by_id##suffix(ctx, hash, clock, w[0] & 0xffff))                           \
            return SK_PASS;                                                           \
        if (w[1] & LONG_HEADER) {                                                     \
            if (hash && by_seal##suffix(ctx, AT_LENGTH(PAYLOAD + 6, w[1] >> 40 & 0xff), clock)) \
                return SK_PASS;                                                       \
            return by_tuple##suffix(ctx, hash, 0, clock, role_of(w[1]));              \
        }                                                                             \
        return other_id##suffix(ctx, hash, clock);                                    \
    }

QUIC(quic, _atomic, 0)
/* For 5.10: no compare and exchange, no coarse clock, no direct packet access. */
QUIC(quic_plain, _plain, 1)
