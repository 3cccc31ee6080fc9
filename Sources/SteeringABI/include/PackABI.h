/* What a described protocol is to its program; a part of SteeringABI.h. */
#ifndef STEERING_PACK_ABI_H
#define STEERING_PACK_ABI_H

/*
 * A protocol's description, as the program for described protocols reads it: it is written before the
 * program is attached, and never again. Only the first bytes of a payload are seen.
 */
enum {
    RELEVO_PACK_RULES = 8,
    /* In 8-byte words. */
    RELEVO_PACK_WINDOW = 3,

    /* Of `what`: the fewest bytes of such a datagram in the lowest 16 bits, then a byte each. */
    RELEVO_RULE_OFFSET_SHIFT = 16,
    /* How many bytes of the id count, at most where another byte tells the length. */
    RELEVO_RULE_LENGTH_SHIFT = 24,
    /* Where the byte that tells the id's length is, and 1 more; 0 for none. */
    RELEVO_RULE_TOLD_SHIFT = 32,
    RELEVO_RULE_ROLE_SHIFT = 40,

    RELEVO_ROLE_OPENS = 1,
    RELEVO_ROLE_EITHER = 2,
    RELEVO_ROLE_CONTINUES = 3,
};

/* A datagram fits whose bits under the masks are those of the values. */
struct relevo_rule {
    uint64_t mask[RELEVO_PACK_WINDOW];
    uint64_t value[RELEVO_PACK_WINDOW];
    uint64_t what;
    uint64_t reserved;
};

/* The first rule that fits counts; one of role 0 is none, and has none behind it. */
struct relevo_pack {
    struct relevo_rule rule[RELEVO_PACK_RULES];
};

/* Offsets for the loader. */
enum {
    RELEVO_RULE_SIZE = 64,
    RELEVO_RULE_VALUE_AT = 24,
    RELEVO_RULE_WHAT_AT = 48,
    RELEVO_PACK_SIZE = 512,
};

_Static_assert(__builtin_offsetof(struct relevo_rule, value) == RELEVO_RULE_VALUE_AT, "value");
_Static_assert(__builtin_offsetof(struct relevo_rule, what) == RELEVO_RULE_WHAT_AT, "what");
_Static_assert(sizeof(struct relevo_rule) == RELEVO_RULE_SIZE, "a rule is a cache line");
_Static_assert(sizeof(struct relevo_pack) == RELEVO_PACK_SIZE, "pack");

#endif
