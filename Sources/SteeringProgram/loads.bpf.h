/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How busy each slot is: what programs that place new flows by load count and read. */
#ifndef LOADS_BPF_H
#define LOADS_BPF_H

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    /* The loader makes it as large as the machine's CPUs ask for. */
    __uint(max_entries, 2);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct relevo_loads);
} loads SEC(".maps");

static __always_inline struct relevo_loads *loads_row(__u32 row)
{
    return bpf_map_lookup_elem(&loads, &row);
}

static __always_inline __u32 *load_of(struct relevo_loads *row, __u64 placement)
{
    return &row->slot[masked(READ_ONCE(*slot_of(placement)), RELEVO_SLOTS)];
}

/* A datagram has gone to a stay. */
static __always_inline void count_datagram(__u64 placement)
{
    struct relevo_loads *row = loads_row(1 + bpf_get_smp_processor_id());

    if (row)
        *load_of(row, placement) += 1;
}

/* Has the less busy one of two stays count as busier by a flow. Returns it. */
static __always_inline __u64 add_to_less_busy(__u64 one, __u64 two)
{
    struct relevo_loads *row = loads_row(0);
    __u32 *load;

    if (!row)
        return one;
    load = load_of(row, one);
    if (*load_of(row, two) < *load) {
        one = two;
        load = load_of(row, two);
    }
    WRITE_ONCE(*load, READ_ONCE(*load) + READ_ONCE(row->step));
    return one;
}

#endif
