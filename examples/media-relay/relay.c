/*
 * A media relay: one producer sends a stream of datagrams, subscribers receive it.
 *
 *   to the relay:   'P' number payload   a packet of the stream (number: 4 bytes, network order)
 *                   'B'                  the producer leaves
 *                   'S'                  a subscriber comes, or is still there
 *                   'U'                  a subscriber leaves
 *   from the relay: 'D' generation number payload   the packet (generation: 4 bytes)
 *                   'A' generation                  to the producer, for its first packet
 *
 * At an upgrade the producer and the subscribers that there are stay with this process, since their
 * flows are pinned to it. The next one asks for a link to every older process; whoever has the
 * producer sends a copy of the stream over each of its links. When nobody is left the process says
 * so, and is stopped.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <relevo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SUBSCRIBERS = 1024, MOST_LINKS = 64, BATCH = 64, LARGEST = 2048 };

struct subscriber {
    struct sockaddr_in address;
    time_t seen;
};

static struct relevo_worker *worker;
static int udp;
static uint32_t generation;
static struct subscriber subscribers[MOST_SUBSCRIBERS];
static int subscriber_count;
static struct sockaddr_in producer;
static time_t producer_seen;
static struct relevo_link *links[MOST_LINKS];
static int link_count;
static int is_draining, is_over;
static uint64_t lost_copies;

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static void check(int result, const char *what) {
    if (result >= 0) return;
    fprintf(stderr, "%s: %s\n", what, strerror(-result));
    exit(1);
}

static int is_same(const struct sockaddr_in *a, const struct sockaddr_in *b) {
    return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
}

/* Sends a packet of the stream ('P' number payload) to everybody who is with this process. */
static void deliver(const unsigned char *packet, size_t count) {
    static unsigned char out[LARGEST];
    static struct mmsghdr headers[MOST_SUBSCRIBERS];
    struct iovec part = {.iov_base = out, .iov_len = count + 4};
    uint32_t me = htonl(generation);
    out[0] = 'D';
    memcpy(out + 1, &me, 4);
    memcpy(out + 5, packet + 1, count - 1);
    for (int i = 0; i < subscriber_count; i++) {
        headers[i].msg_hdr = (struct msghdr){.msg_name = &subscribers[i].address,
                                             .msg_namelen = sizeof subscribers[i].address,
                                             .msg_iov = &part,
                                             .msg_iovlen = 1};
    }
    for (int sent = 0; sent < subscriber_count;) {
        int some = sendmmsg(udp, headers + sent, (unsigned)(subscriber_count - sent), 0);
        /* One that has gone without a word: the next may still be there. */
        sent += some > 0 ? some : 1;
    }
}

/* A copy for every other generation. A link without room gets a moment: it is full of our own. */
static void copy(const unsigned char *packet, size_t count, const struct sockaddr_in *source) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    uint64_t received = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
    for (int i = 0; i < link_count; i++) {
        int result = relevo_link_forward(links[i], packet, count,
                                         (const struct sockaddr *)source, sizeof *source, NULL, 0,
                                         received);
        if (result == -EAGAIN) {
            struct pollfd room = {.fd = relevo_link_descriptor(links[i]), .events = POLLOUT};
            poll(&room, 1, 100);
            result = relevo_link_forward(links[i], packet, count,
                                         (const struct sockaddr *)source, sizeof *source, NULL, 0,
                                         received);
        }
        if (result == -EAGAIN) lost_copies++;
    }
}

static void flush(void) {
    for (int i = 0; i < link_count; i++) (void)relevo_link_flush(links[i]);
}

static void subscribe(const struct sockaddr_in *address) {
    for (int i = 0; i < subscriber_count; i++) {
        if (!is_same(&subscribers[i].address, address)) continue;
        subscribers[i].seen = now();
        return;
    }
    if (subscriber_count == MOST_SUBSCRIBERS) return;
    subscribers[subscriber_count++] = (struct subscriber){*address, now()};
}

static void unsubscribe(const struct sockaddr_in *address) {
    for (int i = 0; i < subscriber_count; i++)
        if (is_same(&subscribers[i].address, address))
            subscribers[i] = subscribers[--subscriber_count];
}

/* Whoever has left has no flow any more: who is given the same port next is somebody new. */
static void end_flow(const struct sockaddr_in *peer) {
    (void)relevo_unpin(worker, udp, (const struct sockaddr *)peer, sizeof *peer, NULL, 0);
}

static void handle(unsigned char *packet, size_t count, const struct sockaddr_in *source) {
    switch (count == 0 ? 0 : packet[0]) {
    case 'P':
        if (count < 5) return;
        if (producer_seen == 0 || !is_same(&producer, source)) {
            unsigned char answer[5] = {'A'};
            uint32_t me = htonl(generation);
            memcpy(answer + 1, &me, 4);
            sendto(udp, answer, sizeof answer, 0, (const struct sockaddr *)source, sizeof *source);
        }
        producer = *source;
        producer_seen = now();
        deliver(packet, count);
        copy(packet, count, source);
        break;
    case 'B':
        if (is_same(&producer, source)) producer_seen = 0;
        end_flow(source);
        break;
    case 'S': subscribe(source); break;
    case 'U':
        unsubscribe(source);
        end_flow(source);
        break;
    }
}

/* Reads the listener until it is empty. */
static void read_socket(void) {
    static unsigned char room[BATCH][LARGEST];
    static struct sockaddr_in sources[BATCH];
    struct mmsghdr headers[BATCH];
    struct iovec parts[BATCH];
    int count;
    do {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){room[i], LARGEST - 8};
            headers[i].msg_hdr = (struct msghdr){.msg_name = &sources[i],
                                                 .msg_namelen = sizeof sources[i],
                                                 .msg_iov = &parts[i],
                                                 .msg_iovlen = 1};
        }
        count = recvmmsg(udp, headers, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++) handle(room[i], headers[i].msg_len, &sources[i]);
        flush();
    } while (count == BATCH);
}

/* The stream as it comes from another generation. */
static void read_link(int index) {
    struct relevo_received received;
    int result;
    while ((result = relevo_link_receive(links[index], &received)) == 1) {
        if (received.kind == RELEVO_DATAGRAM && received.count >= 5 &&
            received.count < LARGEST - 8)
            deliver(received.bytes, received.count);
        for (uint32_t i = 0; received.kind == RELEVO_MESSAGE && i < received.descriptor_count; i++)
            close(received.descriptors[i]);
    }
    if (result == 0 || result == -EPROTO) return;
    /* The other process has ended. */
    relevo_link_close(links[index]);
    links[index] = links[--link_count];
}

static void adopt(int descriptor) {
    struct relevo_link *link;
    if (link_count == MOST_LINKS) {
        close(descriptor);
        return;
    }
    if (relevo_link_adopt(descriptor, &link) == 0) links[link_count++] = link;
}

static void read_events(void) {
    struct relevo_event event;
    while (relevo_next_event(worker, &event) == 1) {
        switch (event.kind) {
        case RELEVO_DRAIN: is_draining = 1; break;
        case RELEVO_RESUME: is_draining = 0; break;
        case RELEVO_STOP:
        case RELEVO_ENDED: is_over = 1; break;
        case RELEVO_LINK: adopt(event.descriptor); break;
        case RELEVO_REFUSED: fprintf(stderr, "refused: %s\n", event.text); break;
        }
    }
}

/* Who has said nothing for long is gone; the supervisor hears how many there are. */
static void account(void) {
    static uint64_t told = UINT64_MAX;
    static int has_said;
    for (int i = 0; i < subscriber_count; i++)
        if (now() - subscribers[i].seen > 10) subscribers[i--] = subscribers[--subscriber_count];
    if (producer_seen != 0 && now() - producer_seen > 2) producer_seen = 0;
    uint64_t count = (uint64_t)subscriber_count + (producer_seen != 0);
    if (count != told) relevo_sessions(worker, told = count);
    if (is_draining && count == 0 && !has_said) relevo_drained(worker);
    has_said = is_draining && count == 0;
}

int main(void) {
    check(relevo_open(NULL, &worker), "open");
    generation = (uint32_t)relevo_generation(worker);
    check(udp = relevo_socket(worker, "media", "udp://127.0.0.1:5004"), "socket");
    /* Before READY: the stream is here before the first subscriber can be. */
    for (int64_t older = (int64_t)generation - 1; older > 0 && link_count < MOST_LINKS; older--) {
        int descriptor = relevo_link(worker, older, -1, "stream", 5000);
        if (descriptor >= 0) adopt(descriptor);
        /* That one has ended, or is just ending. */
        else if (descriptor != -ENOENT && descriptor != -ENOTCONN) check(descriptor, "link");
    }
    check(relevo_ready(worker), "ready");
    while (!is_over) {
        struct pollfd polled[MOST_LINKS + 2] = {
            {.fd = udp, .events = POLLIN},
            {.fd = relevo_event_descriptor(worker), .events = POLLIN},
        };
        int watched = link_count;
        for (int i = 0; i < watched; i++)
            polled[i + 2] =
                (struct pollfd){.fd = relevo_link_descriptor(links[i]), .events = POLLIN};
        if (poll(polled, (nfds_t)watched + 2, 1000) == -1 && errno != EINTR) break;
        /* From the last on: one that has ended is replaced by the last. */
        for (int i = watched - 1; i >= 0; i--)
            if (polled[i + 2].revents != 0) read_link(i);
        read_socket();
        if (polled[1].revents != 0) read_events();
        account();
    }
    if (lost_copies > 0) fprintf(stderr, "%lu copies found no room\n", (unsigned long)lost_copies);
    relevo_close(worker);
    return 0;
}
