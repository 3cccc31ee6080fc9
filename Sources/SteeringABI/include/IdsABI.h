/* What programs for sessions with an id of their own have beside the state; a part of SteeringABI.h. */
#ifndef STEERING_IDS_ABI_H
#define STEERING_IDS_ABI_H

/* How often each rule for sessions with an id of their own told where a datagram goes, by one CPU. What
 * else is pinned went by an id that was known. */
struct relevo_rules {
    /* By its handshake or its 4-tuple. */
    uint64_t tuple;
    /* Ids learned. */
    uint64_t learned;
    /* 4-tuples learned from an id: the client's address has changed. */
    uint64_t rebound;
    /* Of nobody known: to where a session of the same address went. */
    uint64_t hinted;
    /* The same: to the generation that drains and has more sessions than the current one. */
    uint64_t guessed;
    /* The same: to the current choice. */
    uint64_t unknown;
    /* Sessions opened on a 4-tuple whose others are a generation's that drains. */
    uint64_t moved;
    /* By an id that tells its worker, and was not known. */
    uint64_t owner;
    /* Of nobody known: handed over so that each that may know it gets a copy. */
    uint64_t copied;
    /* The same, beyond what may be handed over: they went on as if nothing was copied. */
    uint64_t uncopied;
    uint64_t reserved[6];
};

/* What a program for sessions with an id of their own has beside the state. */
struct relevo_ids {
    /* How long ids are where no header tells it: in the lowest byte those of the current choice as a
     * rule, in the next one other ones that are in use, 0 for none; RELEVO_OWNED beside it. */
    uint64_t lengths;
    /* Where a guess goes: number of a row of `guessable` in the upper, its length in the lower 32 bits. */
    uint64_t guess;
    /* How many datagrams more may go to a generation that drains without anything that proves it. */
    uint64_t budget;
    /* Bits of an id's time, in coarse ticks, in which it has a mark of its port; 0 where all are needed. */
    uint64_t mark;
    /* An id's time is written again after so many coarse ticks, RELEVO_SLACK included. */
    uint64_t refresh;
    /* The length of ids where it was said: then nobody else is believed. 0 where it is learned. */
    uint64_t said;
    /* Who copies what nobody is known to own: 1 more than its number in the map of sockets in the upper 32
     * bits, 0 for nobody; in the lower ones how many more it may be handed. */
    uint64_t copier;
    /* How many bytes behind their first one tell the worker in ids of the plaintext form of QUIC-LB, 2 to 8; 0
     * where they do not. */
    uint64_t server;
    uint16_t guessable[2 * RELEVO_SLOTS];
    /* By slot: the socket's cookie as it stands in the ids of servers that put it there (nginx); else the id of
     * its server, where `server` says that there are such, or 0. */
    uint64_t cookie[RELEVO_SLOTS];
    /* By stay: whether it is in no current choice. */
    uint8_t draining[RELEVO_ALIAS];
    /* By stay: a length in the lowest byte, and above it the votes for it. */
    uint32_t heard[RELEVO_ALIAS];
    /* By slot: the key of the tags in the ids that its worker makes, for one stay alone; zeros for none. It is
     * stored before its stay's slot is. */
    uint64_t seal[RELEVO_SLOTS][2];
    /* By stay: 4-tuples that its sessions have left for another one. It goes round; CPUs may lose some. */
    uint32_t left[RELEVO_ALIAS];
    struct relevo_rules rules[RELEVO_CPUS];
};

#endif
