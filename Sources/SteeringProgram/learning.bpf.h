/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What learns sessions, for one variant: included twice, with PLAIN and IN.
 *
 * At most eight functions deep, as the kernel allows. The deepest ways are program, other_id, by_id or
 * by_seal, follow and keep, pin, best_way, offer_of, or touch, find_elsewhere, find_in_region, way_of_flow.
 */

/* A function of its own: inlined it leaves too few registers, and what is spilled then is refused
 * without CAP_PERFMON before 6.12. 0 for what is neither IPv4 nor IPv6. */
__noinline __u64 IN(tuple)(struct sk_reuseport_md *ctx)
{
    __u64 hash = 0;

    return flow_hash(ctx, &hash, PLAIN) ? hash : 0;
}

/* The live placement of a hash, or 0; what is due is written. */
__noinline __u64 IN(touch)(__u64 hash, __u64 clock)
{
    __u64 found = place_of(hash), word;
    struct relevo_bucket *bucket;
    __u64 *entry;

    if (!found)
        return 0;
    bucket = bucket_at((found - 1) / RELEVO_WAYS);
    if (!bucket)
        return 0;
    entry = &bucket->way[masked(found - 1, RELEVO_WAYS)];
    word = READ_ONCE(*entry);
    if (!same_flow(word, hash) || !is_live(word, clock))
        return 0;
    if (is_due(word, clock))
        replace(entry, word, seen_again(word, clock), PLAIN);
    return placement_of(word);
}

/* Puts a hash in the table for a placement; once more when the table had to grow, or another CPU was
 * first. What holds then, or 0 when there is no room. */
__noinline __u64 IN(keep)(__u64 hash, __u64 clock, __u64 placement, __u64 gone)
{
    __u64 word = entry_for(hash, clock, placement), kept;

    kept = IN(pin)(hash, word, gone, clock);
    if (kept == 0)
        kept = IN(pin)(hash, word, gone, clock);
    if (kept == 0)
        kept = IN(pin)(hash, word, gone, clock);
    return kept;
}

/* Where the last session of the client's address went: the last one counts. */
static __always_inline void IN(hint_at)(
    struct sk_reuseport_md *ctx, __u64 clock, __u64 placement)
{
    __u64 hash = address_hash(ctx), old;

    if (!hash)
        return;
    placement |= RELEVO_ALIAS;
    old = IN(touch)(hash, clock);
    if (old != placement)
        IN(keep)(hash, clock, placement, old);
}

/* Leaves word that a 4-tuple had sessions of a stay, as long as its entry would have held a drain up. */
static __always_inline void IN(leave)(__u64 tuple, __u64 word, __u64 clock)
{
    __u64 gone = word_hash(tuple ^ placement_of(word), IS_GONE);

    word = (word << 32 >> 32 & ~(__u64)RELEVO_SECOND)
        | gone >> RELEVO_TAG_SHIFT << RELEVO_TAG_SHIFT;
    IN(pin)(gone, word, 0, clock);
}

/* Pays for a datagram at a generation that drains, for which nothing but a guess or a hint speaks. */
__noinline __u64 IN(spend)(void)
{
    __u64 left = READ_ONCE(ids.budget);

    return left && replace(&ids.budget, left, left - 1, PLAIN);
}

/* Takes one of the datagrams that may be handed over; another CPU may be first. */
static __always_inline int IN(take_copy)(void)
{
    __u64 copier = READ_ONCE(ids.copier);

    return (__u32)copier && replace(&ids.copier, copier, copier - 1, PLAIN);
}

/* Hands a datagram to the one who has each that may know it get a copy. */
__noinline __u64 IN(hand_over)(struct sk_reuseport_md *ctx, __u64 copier)
{
    __u32 socket = (copier >> 32) - 1;

    if (ctx->len > RELEVO_COPY_MOST)
        return 0;
    if (!IN(take_copy)() && !IN(take_copy)() && !IN(take_copy)())
        return 0;
    return bpf_sk_select_reuseport(ctx, &sockets, &socket, 0) == 0;
}

/*
 * Nothing tells whose a datagram is. One that begins a session goes to the current choice. Any other is
 * somebody's: it goes where its address had a session last, else a copy of it to all that may know it, if
 * that is allowed, else to the generation that has the most of them, and to one that drains within a budget
 * only. Of what is copied nothing is learned: the next datagram is as unknown as this one.
 */
__noinline int IN(unknown)(
    struct sk_reuseport_md *ctx, __u64 tuple, __u64 opening, __u64 clock, __u64 role)
{
    __u64 placement = 0, gone = placement_of(word_of(tuple, clock)), kept, copier = 0;

    if (!(role & (OPENS | EITHER))) {
        placement = copy_of(ctx, tuple);
        if (placement)
            /* The others have theirs. */
            return steer_to(ctx, placement) ? SK_PASS : SK_DROP;
        placement = IN(touch)(address_hash(ctx), clock) & (RELEVO_ALIAS - 1);
        if (placement && is_draining(placement) && !IN(spend)())
            placement = 0;
        if (steer(ctx, placement)) {
            tell(hinted);
        } else {
            copier = READ_ONCE(ids.copier);
            if (copier >> 32) {
                if (IN(hand_over)(ctx, copier)) {
                    tell(copied);
                    return SK_PASS;
                }
                tell(uncopied);
            }
            placement = 0;
            if ((__u32)READ_ONCE(ids.guess) && IN(spend)()) {
                placement = steer_to_guess(ctx, share_of(tuple));
                if (placement)
                    tell(guessed);
            }
        }
        if (!placement)
            tell(unknown);
    }
    if (!placement)
        placement = steer_to_current(ctx, share_of(tuple));
    if (!placement) {
        count(passed);
        return SK_PASS;
    }
    /* A guess is not to stand where the next datagram may be copied. */
    if (copier >> 32)
        return SK_PASS;
    /* What nothing proves holds no drain up: its id's entry does, once it has come back. */
    if (is_draining(placement))
        placement |= RELEVO_ALIAS;
    kept = IN(keep)(tuple, clock, placement, gone);
    if (!kept) {
        count(unrecorded);
        return SK_PASS;
    }
    count(opened);
    if (kept != placement && steer(ctx, kept))
        placement = kept;
    if (opening)
        IN(keep)(opening, clock, placement | RELEVO_ALIAS, 0);
    if (role & (OPENS | EITHER))
        IN(hint_at)(ctx, clock, placement);
    return SK_PASS;
}

/* A session begins on a 4-tuple whose sessions are a generation's that drains: many connections of one
 * client on one port, or a port that is used again. */
__noinline int IN(open_beside)(
    struct sk_reuseport_md *ctx, __u64 tuple, __u64 opening, __u64 clock, __u64 old)
{
    __u64 placement = steer_to_current(ctx, share_of(tuple)), word = word_of(tuple, clock);

    if (!placement) {
        count(passed);
        return SK_PASS;
    }
    if (word)
        IN(leave)(tuple, word, clock);
    IN(keep)(tuple, clock, placement, old);
    IN(keep)(opening, clock, placement | RELEVO_ALIAS, 0);
    IN(hint_at)(ctx, clock, placement);
    count(opened);
    tell(moved);
    return SK_PASS;
}

/*
 * No id tells whose a datagram is: by its handshake, else by its 4-tuple. `id` and `other`: the hashes of
 * the id that it carries, at both lengths that there may be, or 0; it is learned here, from a session that
 * is known, at once.
 */
__noinline int IN(by_tuple)(
    struct sk_reuseport_md *ctx, __u64 id, __u64 other, __u64 clock, __u64 role)
{
    __u64 tuple = IN(tuple)(ctx), opening = 0, placement = 0, held, also, due = 0;

    if (!tuple) {
        if (steer_to_current(ctx, ctx->hash))
            count(unrecorded);
        else
            count(passed);
        return SK_PASS;
    }
    if (role & KEYED) {
        opening = opening_of(ctx, tuple);
        if (opening)
            placement = handshake_of(opening, clock) & (RELEVO_ALIAS - 1);
    }
    /* One of which the 4-tuple's time is about to be written is told. */
    if (is_looked_at(clock))
        due = is_to_be_written(tuple, clock);
    held = IN(touch)(tuple, clock);
    if (placement) {
        opening = 0;
        if (role & OPENS) {
            role = past_opening(ctx, role);
            if (!role)
                id = 0;
        }
    } else {
        placement = held;
        if (role & OPENS) {
            id = 0;
            if (opening && placement && is_draining(placement))
                return IN(open_beside)(ctx, tuple, opening, clock, placement);
        }
    }
    if (!steer(ctx, placement))
        return IN(unknown)(ctx, tuple, opening, clock, role);
    count(pinned);
    tell(tuple);
    if (due)
        tell_peer(ctx, placement, clock);
    if (opening)
        IN(keep)(opening, clock, placement | RELEVO_ALIAS, 0);
    if (id) {
        IN(keep)(id, clock, placement | RELEVO_ALIAS, 0);
        tell(learned);
    }
    if (other)
        IN(keep)(other, clock, placement | RELEVO_ALIAS, 0);
    also = take_note(ctx, placement, role);
    if (also)
        IN(keep)(also, clock, placement | RELEVO_ALIAS, 0);
    return SK_PASS;
}

/*
 * Has the sender's address lead where its id led, and sees which of the two a drain is to count. An
 * address that others have had is the session's that has just come to it; one that it shares with others
 * stays as it is. `leaves`: whether the 4-tuple before is counted still.
 *
 * Returns the number that the id's entry is to have.
 */
__noinline __u64 IN(follow)(
    struct sk_reuseport_md *ctx, __u64 clock, __u64 placement, __u64 has_moved, __u64 leaves)
{
    __u64 tuple = IN(tuple)(ctx), word, held;

    placement &= RELEVO_ALIAS - 1;
    if (!tuple)
        return placement;
    held = IN(touch)(tuple, clock);
    if (!held || (held != placement && has_moved)) {
        word = held ? word_of(tuple, clock) : 0;
        if (word)
            IN(leave)(tuple, word, clock);
        held = IN(keep)(tuple, clock, placement, held);
        if (leaves && held == placement)
            note_left(placement);
        tell(rebound);
    }
    if (held != placement)
        return placement;
    IN(hint_at)(ctx, clock, placement);
    return placement | RELEVO_ALIAS;
}

/* Steers by an id that came from a port; 0 where it is not known. */
static __always_inline int IN(steer_by_id)(
    struct sk_reuseport_md *ctx, __u64 hash, __u64 clock, __u64 port)
{
    __u64 *entry = find(hash), word, number = 0, due;

    if (!entry)
        return 0;
    word = READ_ONCE(*entry);
    if (age_of(word, clock) > limit_of(word) || !steer_to(ctx, placement_of(word)))
        return 0;
    count(pinned);
    due = is_id_due(word, clock, port);
    /* One that is not confirmed has no mark of its port yet. */
    if (due || !(word & RELEVO_CONFIRMED))
        number = IN(follow)(
            ctx, clock, placement_of(word), has_moved(word, port), was_counted(word, clock));
    if (due) {
        number = number << RELEVO_PLACEMENT_SHIFT
            | (marked(seen_again(word, clock), port)
               & ~((RELEVO_PLACEMENTS - 1ull) << RELEVO_PLACEMENT_SHIFT));
        replace(entry, word, number, PLAIN);
        if (is_looked_at(clock))
            tell_peer(ctx, placement_of(word), clock);
    }
    return 1;
}

__noinline int IN(by_id)(struct sk_reuseport_md *ctx, __u64 hash, __u64 clock, __u64 port)
{
    return IN(steer_by_id)(ctx, hash, clock, port);
}
