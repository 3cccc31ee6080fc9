/* relevo.h: a process as a worker of a Relevo service. Link with -lrelevo. */
#ifndef RELEVO_H
#define RELEVO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Every call that returns an int gives 0 or more, or a negative errno(3) number. The library starts
 * no thread, takes no signal, and never waits but where a call has a timeout. A worker or link is
 * for one thread at a time. Timeouts are in milliseconds; below 0 is for ever. All descriptors are
 * close-on-exec.
 *
 * Without a supervisor every call does what helps while a program is written: sockets are bound,
 * nothing drains, nothing is kept. Where there is no supervisor but systemd, LISTEN_FDS and
 * NOTIFY_SOCKET are used.
 */

struct sockaddr;

/* This process as a worker. */
struct relevo_worker;
/* One end of a link to a worker of another generation. */
struct relevo_link;

/* For a worker that the supervisor did not start (RELEVO_SOCKET); all may be NULL or 0. */
struct relevo_options {
    /* Workers of the same group are one generation... */
    const char *group;
    /* ... which is whole with that many of them. */
    uint32_t workers;
    /* How long to wait for the supervisor; 0 is 30 s. */
    int32_t timeout;
    /* What the status shows as its command. */
    const char *command;
};

/*
 * Finds the supervisor, says hello and waits for the answer. Before other threads start: it takes
 * RELEVO_CHANNEL out of the environment. `options` may be NULL. Once a process.
 */
int relevo_open(const struct relevo_options *options, struct relevo_worker **worker);
/* Closes the channel, and the sockets and kept descriptors that have not been taken. */
void relevo_close(struct relevo_worker *worker);

/* Whether a supervisor listens: 1 or 0. */
int relevo_supervised(const struct relevo_worker *worker);
/* The generation's number, from 1; 0 without a supervisor. */
uint64_t relevo_generation(const struct relevo_worker *worker);
/* The index in the generation, from 0, and how many workers that has. */
uint64_t relevo_index(const struct relevo_worker *worker);
uint64_t relevo_workers(const struct relevo_worker *worker);

/*
 * The socket of the listener with this name (may be NULL), or with this address,
 * "udp://[::]:4433" or "tcp://127.0.0.1:80". The caller owns it. A second call gives the next one,
 * or -ENOENT. Without a supervisor it is bound to the address, with SO_REUSEPORT. It may be a
 * blocking one and shares that with the supervisor: use MSG_DONTWAIT rather than change it.
 */
int relevo_socket(struct relevo_worker *worker, const char *name, const char *address);

/* All sockets are being served. New flows come when the whole generation is ready. */
int relevo_ready(struct relevo_worker *worker);
/* This worker cannot serve, and why (one line); then end the process. Waits up to 5 s. */
int relevo_failed(struct relevo_worker *worker, const char *reason);
/*
 * How many sessions there are, as often as it changes, some times a second at most. A count above
 * 0 holds the drain until 0 or relevo_drained() is said, however idle the flows are.
 */
int relevo_sessions(struct relevo_worker *worker, uint64_t count);
/* In a drain: no session is left, this worker may be stopped. Empty the sockets before. */
int relevo_drained(struct relevo_worker *worker);
/* Asks to be drained, for a worker that somebody else is about to end. */
int relevo_leave(struct relevo_worker *worker, int timeout);

/* What the supervisor says. */
enum {
    /* New flows go to another generation; serve the sessions there are, then relevo_drained(). */
    RELEVO_DRAIN = 1,
    /* The drain is off, and new flows may come again. */
    RELEVO_RESUME = 2,
    /* End now; the process is killed at the deadline. */
    RELEVO_STOP = 3,
    /* `descriptor` is a link: relevo_link_adopt() it, or close it. */
    RELEVO_LINK = 4,
    /* What this worker said had no effect; `code` says why, `text` for people. */
    RELEVO_REFUSED = 5,
    /* The service is over for this worker: nobody will answer any more. */
    RELEVO_ENDED = 6,
};

struct relevo_event {
    int32_t kind;
    /* RELEVO_LINK: the link, which is the caller's; else -1. */
    int32_t descriptor;
    /* RELEVO_DRAIN, RELEVO_STOP: in nanoseconds of CLOCK_MONOTONIC; 0 is never. */
    uint64_t deadline;
    /* RELEVO_LINK: who is at the other end. */
    uint64_t generation;
    uint64_t worker;
    /* RELEVO_LINK: whether this worker asked for it. */
    int32_t asked;
    /* RELEVO_REFUSED: an errno(3) number. */
    int32_t code;
    /* RELEVO_LINK: what the one that asked gave it. RELEVO_REFUSED: why. */
    char text[520];
};

/* Readable when relevo_next_event() has something. Never read or close it. */
int relevo_event_descriptor(const struct relevo_worker *worker);
/* 1 and the next event, or 0 when there is none; never waits. Call it until it is 0. */
int relevo_next_event(struct relevo_worker *worker, struct relevo_event *event);

/*
 * Leaves descriptors (such as a memfd with state) with the supervisor for the later workers of this
 * index, in the place of what is kept under the name, or with it (`adding`). They stay the
 * caller's as well. At most 32 at once and 64 in all.
 */
int relevo_store(struct relevo_worker *worker, const char *name, const int *descriptors,
                 size_t count, int adding, int timeout);
/* The first descriptor that is kept under the name; the caller owns it. -ENOENT: none, or no more. */
int relevo_take(struct relevo_worker *worker, const char *name);
/* Asks again for all that is kept, also by this worker itself, for relevo_take(). */
int relevo_fetch(struct relevo_worker *worker, int timeout);
/* Lets go of what is kept under the name. */
int relevo_forget(struct relevo_worker *worker, const char *name, int timeout);

/*
 * Pins the flow of a peer on a listener's socket to this worker, or ends it: its next datagram
 * counts as a new flow's. `local` is what the peer sends to, needed where the listener is bound to
 * a wildcard; else NULL. A refusal comes as an event; -EAGAIN: the channel has no room now.
 */
int relevo_pin(struct relevo_worker *worker, int socket, const struct sockaddr *peer,
               uint32_t peer_length, const struct sockaddr *local, uint32_t local_length);
int relevo_unpin(struct relevo_worker *worker, int socket, const struct sockaddr *peer,
                 uint32_t peer_length, const struct sockaddr *local, uint32_t local_length);

/*
 * A socket of a peer's own beside a UDP listener's, connected to it; the caller owns it. How it is
 * made is tried out once on loopback, since each kernel breaks another way. -EOPNOTSUPP: none is
 * sound here, or the listener's sockets are another user's: serve the peer through the listener.
 * When a session moves to another address, accept that one as well; never connect it a second time.
 *
 * `local` is the address that the peer sends to (IP_PKTINFO), for a listener bound to a wildcard;
 * else NULL. What the socket caught before it was the peer's alone is handed to `stray` (may not be
 * NULL) with its source: treat it as received from the listener, the peer's own too. On some
 * kernels and under a flood a stranger's datagram may still come later: look at the source.
 *
 * The socket has the listener's options. For an IPv4 listener it may be an IPv6 one that says
 * mapped addresses: use send(2) and recv(2).
 */
typedef void (*relevo_stray)(void *context, const void *bytes, size_t count,
                             const struct sockaddr *source, uint32_t source_length);
int relevo_accept(struct relevo_worker *worker, int listener, const struct sockaddr *peer,
                  uint32_t peer_length, const struct sockaddr *local, uint32_t local_length,
                  relevo_stray stray, void *context);

/*
 * A new QUIC connection id that leads to this worker's slot of the listener whose socket this is, from
 * wherever it comes and also when it has never been seen. Its length, 15. It asks nobody. For
 * Steering=quic; under any other, and under a supervisor of before ids, -EOPNOTSUPP: make ids of your
 * own then. Without a supervisor it leads nowhere. `configuration` is 0 to 6.
 *
 *     0    configuration (3 bits), how many bytes follow (5 bits)
 *     1    `server`, what a load balancer in front knows its server by, 0 to 9 bytes
 *          8 random bytes, or as many as there is room for
 *          the stay of the socket in its slot, 2 bytes in network order
 *          SipHash-1-3 over all before it with a key of the stay's own, 4 bytes
 *
 * To a load balancer this is the plaintext form of draft-ietf-quic-load-balancers. An id that somebody
 * made who has not the key counts as unknown. So do those of a stay that is over: when a worker dies that
 * is not started again, and when its generation ends. A worker that is started again in the place of a
 * dead one has its stay.
 */
int relevo_make_id(struct relevo_worker *worker, int socket, unsigned configuration,
                   unsigned char id[20]);
/* The same with the server's id of a load balancer in front of it. */
int relevo_make_id_behind(struct relevo_worker *worker, int socket, unsigned configuration,
                          const unsigned char *server, size_t server_length, unsigned char id[20]);
/* 1 for an id that this worker has made, or one before it in the same stay; else 0. */
int relevo_owns_id(struct relevo_worker *worker, int socket, const unsigned char *id, size_t count);
/* The stay that an id names, whoever made it; 0: none. -EINVAL: it has another form. */
int relevo_read_id(const unsigned char *id, size_t count);

/* Where a link is to lead to, besides a generation's number. */
#define RELEVO_CURRENT ((int64_t)-1)
/* The newest living generation before the worker's own. */
#define RELEVO_OLDER ((int64_t)-2)
/* The oldest living generation after the worker's own. */
#define RELEVO_NEWER ((int64_t)-3)

/*
 * The link's socket, which is the caller's. -ENOENT: no such worker lives; -ENOTCONN: it has no
 * channel; -ETIMEDOUT. A `worker_index` below 0 is this one's own, the label may be NULL.
 */
int relevo_link(struct relevo_worker *worker, int64_t generation, int64_t worker_index,
                const char *label, int timeout);
/* The same, not waited for: it comes as an event, or a refusal does. */
int relevo_ask_link(struct relevo_worker *worker, int64_t generation, int64_t worker_index,
                    const char *label);

/* Takes over a link's socket, also when it fails. */
int relevo_link_adopt(int descriptor, struct relevo_link **link);
void relevo_link_close(struct relevo_link *link);
/* Readable when relevo_link_receive() has something, writable when there is room. */
int relevo_link_descriptor(const struct relevo_link *link);
/*
 * Passes a datagram on with its source, the address that it was sent to (each may be NULL) and the
 * time it was received at in nanoseconds of CLOCK_REALTIME. It is gathered with others and goes
 * out when a packet (64 KiB) is full, or with relevo_link_flush(). -EAGAIN: there is no room and
 * it was not taken. -ECONNRESET: the other end is gone.
 */
int relevo_link_forward(struct relevo_link *link, const void *bytes, size_t count,
                        const struct sockaddr *source, uint32_t source_length,
                        const struct sockaddr *destination, uint32_t destination_length,
                        uint64_t received);
/* Sends what has been gathered. -EAGAIN: no room now, and it stays gathered. */
int relevo_link_flush(struct relevo_link *link);
/* Sends a message of at most 64 KiB with descriptors, which stay the caller's. */
int relevo_link_send(struct relevo_link *link, const void *bytes, size_t count,
                     const int *descriptors, size_t descriptor_count);

struct relevo_received {
    /* RELEVO_DATAGRAM or RELEVO_MESSAGE. */
    int32_t kind;
    /* A message's descriptors, which are the caller's. */
    uint32_t descriptor_count;
    int32_t descriptors[253];
    /* In the link until the next call. */
    const void *bytes;
    size_t count;
    /* A datagram's, as it was passed on; 0 where it was not said. */
    uint64_t received;
    uint32_t source_length;
    uint32_t destination_length;
    /* Each a struct sockaddr_in or sockaddr_in6 of that length. */
    unsigned char source[32];
    unsigned char destination[32];
};

enum { RELEVO_DATAGRAM = 1, RELEVO_MESSAGE = 2 };

/*
 * 1 and the next datagram or message, or 0 when there is none now. -ECONNRESET: the other worker
 * has closed its end, or died, and all it sent has been taken. -EPROTO: a packet that is none; the
 * link goes on.
 */
int relevo_link_receive(struct relevo_link *link, struct relevo_received *received);

#ifdef __cplusplus
}
#endif

#endif
