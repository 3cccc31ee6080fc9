/* How flows' peers are told; a part of SteeringABI.h. */
#ifndef STEERING_PEERS_ABI_H
#define STEERING_PEERS_ABI_H

/*
 * What is told of a flow's peer while somebody looks, each time that its entry's time is written: in words of 64 bits
 *
 *   0      the clock
 *   1      placement, from bit 16 on the listener's number, from bit 32 on 4 or 6
 *   2-5    the addresses of source and destination, as they stand in the header
 *   6-10   the UDP header, and where sessions have ids the first bytes of the payload; zeros behind the end
 */
enum {
    RELEVO_PEER_WORDS = 11,
    RELEVO_PEER_SIZE = 88,
    /* About a second. */
    RELEVO_LOOK_SHIFT = 30,
    /* Bytes for those that nobody has read yet. */
    RELEVO_PEERS_LEAST = 1 << 16,
    RELEVO_PEERS_MOST = 1 << 20,
};

#endif
