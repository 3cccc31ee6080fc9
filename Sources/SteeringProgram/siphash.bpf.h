/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SipHash-1-3 (Aumasson, Bernstein), word by word: nobody without the key can aim at a bucket. */
#ifndef SIPHASH_BPF_H
#define SIPHASH_BPF_H

struct siphash {
    __u64 v0, v1, v2, v3;
};

#define ROTATE(x, n) ((x) << (n) | (x) >> (64 - (n)))

static __always_inline void sip_round(struct siphash *s)
{
    s->v0 += s->v1;
    s->v1 = ROTATE(s->v1, 13) ^ s->v0;
    s->v0 = ROTATE(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = ROTATE(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = ROTATE(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = ROTATE(s->v1, 17) ^ s->v2;
    s->v2 = ROTATE(s->v2, 32);
}

static __always_inline void sip_start(struct siphash *s, __u64 key0, __u64 key1)
{
    s->v0 = key0 ^ 0x736f6d6570736575ull;
    s->v1 = key1 ^ 0x646f72616e646f6dull;
    s->v2 = key0 ^ 0x6c7967656e657261ull;
    s->v3 = key1 ^ 0x7465646279746573ull;
}

static __always_inline void sip_word(struct siphash *s, __u64 word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

static __always_inline __u64 sip_end(struct siphash *s)
{
    s->v2 ^= 0xff;
    sip_round(s);
    sip_round(s);
    sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

#endif
