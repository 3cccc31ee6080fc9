/* How busy a listener's slots are. Part of SteeringABI.h. */
#ifndef STEERING_LOADS_H
#define STEERING_LOADS_H

/*
 * What a program that places new flows by load reads and writes, in an array: row 0 says how busy each slot
 * is, and row 1 and on count each slot's datagrams, one row a CPU.
 *
 * The supervisor reads the counts once a second and writes what they were in that second. Between two times
 * a program adds `step` for each flow that it places. Two CPUs may add at once and one gets lost: it is an
 * estimate.
 */
struct relevo_loads {
    /* What a flow sends a second, on average; of row 0. */
    uint32_t step;
    uint32_t reserved[15];
    /* In row 0 datagrams of the last second; elsewhere datagrams since ever, and around. */
    uint32_t slot[RELEVO_SLOTS];
};

enum {
    RELEVO_LOAD_STEP_AT = 0,
    RELEVO_LOAD_SLOT_AT = 64,
    RELEVO_LOADS_SIZE = 2112,
};

RELEVO_AT(relevo_loads, step, RELEVO_LOAD_STEP_AT);
RELEVO_AT(relevo_loads, slot, RELEVO_LOAD_SLOT_AT);
_Static_assert(sizeof(struct relevo_loads) == RELEVO_LOADS_SIZE, "loads");

#endif
