/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * QUIC, of any version that has the form of versions 1 and 2 (RFC 8999, 9000, 9369): the connection id
 * first, which a client keeps when its address changes; a 4-tuple may be many connections'.
 *
 * The bit that says nothing (RFC 9287) is not looked at.
 */
#include "choice.bpf.h"
#include "sessions.bpf.h"

#define LONG_HEADER 0x80
#define VERSION_1 bpf_htonl(1)
#define VERSION_2 bpf_htonl(0x6b3343cf)
#define DRAFT bpf_htonl(0xff000000)
#define HANDSHAKE 2

/* What a packet with a long header is. */
static __always_inline __u64 role_of(__u64 head)
{
    __u32 version = head >> 8, type = head >> 4 & 3, shift = 0;
    __u64 length = head >> 40 & 0xff;

    if (version == VERSION_2)
        shift = 1;
    else if (version != VERSION_1 && (version & bpf_htonl(0xffffff00)) != DRAFT)
        /* Any generation answers with the versions that it knows. */
        return OPENS | LONG;
    type = (type - shift) & 3;
    if (type < HANDSHAKE)
        /* With the type of what may follow in the same datagram. */
        return OPENS | LONG | (__u64)(HANDSHAKE + shift) << HEARD_SHIFT;
    if (type == HANDSHAKE && length <= 20)
        return HEARD | LONG | length << HEARD_SHIFT;
    return LONG;
}

/* The id of a packet with a long header tells its length. */
__noinline __u64 long_id(struct sk_reuseport_md *ctx, __u64 head)
{
    __u64 id[3] = {}, length = head >> 40 & 0xff;

    if (length == 0 || length > 20 || bpf_skb_load_bytes(ctx, PAYLOAD + 6, id, 20))
        return 0;
    return id_hash(id[0], id[1], id[2], length);
}

/* That of a short header does not: see `hear`. `w`: the UDP header and the payload's first 24 bytes. */
static __always_inline __u64 short_id(const __u64 *w, __u64 length)
{
    length &= RELEVO_ID_LENGTH;
    if (length == 0)
        return 0;
    return id_hash(w[1] >> 8 | w[2] << 56, w[2] >> 8 | w[3] << 56, w[3] >> 8, length);
}

/* A short header whose id is not known at the length that came first. */
#define OTHER_ID(suffix, plain)                                                       \
    __noinline int other_id##suffix(struct sk_reuseport_md *ctx, __u64 id, __u64 clock) \
    {                                                                                 \
        __u64 w[4] = {}, lengths = READ_ONCE(ids.lengths), other, placement;          \
                                                                                      \
        if (bpf_skb_load_bytes(ctx, 0, w, 32))                                        \
            return by_tuple##suffix(ctx, 0, 0, clock, OPENS);                         \
        other = short_id(w, lengths >> 8);                                            \
        if (other && by_id##suffix(ctx, other, clock, w[0] & 0xffff))                              \
            return SK_PASS;                                                           \
        if ((lengths | lengths >> 8) & RELEVO_OWNED) {                                \
            placement = touch##suffix(                                                \
                word_hash(w[1] >> 8 | w[2] << 56, IS_OWNER), clock);                  \
            if (steer(ctx, placement)) {                                              \
                count(pinned);                                                        \
                tell(owner);                                                          \
                placement = follow##suffix(ctx, clock, placement, 1);                 \
                keep##suffix(id ? id : other, clock, placement, 0);                   \
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
        if (w[1] & LONG_HEADER)                                                       \
            return by_tuple##suffix(ctx, hash, 0, clock, role_of(w[1]));              \
        return other_id##suffix(ctx, hash, clock);                                    \
    }

QUIC(quic, _atomic, 0)
/* For 5.10: no compare and exchange, no coarse clock, no direct packet access. */
QUIC(quic_plain, _plain, 1)
