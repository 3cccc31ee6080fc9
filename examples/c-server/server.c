/*
 * An echo server with sessions, in C with librelevo: each answer says which process gave it and the
 * how many-th datagram of its session it was (the format of `relevo-load send`, which checks both).
 *
 * How many datagrams the workers of this index have answered, in all generations, is kept in a
 * shared memory file that the supervisor holds: it outlives every process of the service.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <relevo.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, ROOM = 2048, BUCKETS = 4096, HEADER = 64, IDLE_SECONDS = 2 };

/* A client's session; over when it has been silent for IDLE_SECONDS. */
struct session {
    struct session *next;
    struct sockaddr_in peer;
    uint64_t flow;
    uint64_t count;
    time_t seen;
};

static struct session *sessions[BUCKETS];
static uint64_t session_count;
static _Atomic uint64_t *total;
static struct relevo_worker *worker;
static volatile sig_atomic_t is_over;

static void end(int signal) {
    (void)signal;
    is_over = 1;
}

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static int check(int result, const char *what) {
    if (result >= 0) return result;
    fprintf(stderr, "%s: %s\n", what, strerror(-result));
    exit(1);
}

static struct session *find(const struct sockaddr_in *peer, uint64_t flow) {
    unsigned bucket = (peer->sin_addr.s_addr * 31 + peer->sin_port) % BUCKETS;
    for (struct session *one = sessions[bucket]; one != NULL; one = one->next) {
        if (one->peer.sin_port != peer->sin_port ||
            one->peer.sin_addr.s_addr != peer->sin_addr.s_addr)
            continue;
        /* The port belongs to somebody else now. */
        if (one->flow != flow) one->count = 0;
        one->flow = flow;
        return one;
    }
    struct session *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    *made = (struct session){.next = sessions[bucket], .peer = *peer, .flow = flow};
    sessions[bucket] = made;
    session_count++;
    return made;
}

static void end_idle_sessions(void) {
    for (int i = 0; i < BUCKETS; i++) {
        for (struct session **place = &sessions[i]; *place != NULL;) {
            struct session *one = *place;
            if (now() - one->seen <= IDLE_SECONDS) {
                place = &one->next;
                continue;
            }
            *place = one->next;
            free(one);
            session_count--;
        }
    }
}

static void put(unsigned char *bytes, uint64_t number, int count) {
    while (count-- > 0) {
        bytes[count] = (unsigned char)number;
        number >>= 8;
    }
}

/* Turns a request into its answer; 0 for what is none. */
static int answer(unsigned char *packet, size_t count, const struct sockaddr_in *peer) {
    static const unsigned char request[] = {'R', 'L', 'V', 'O', 0, 1, 0, 1};
    if (count < HEADER || memcmp(packet, request, sizeof request) != 0) return 0;
    uint64_t flow;
    memcpy(&flow, packet + 8, sizeof flow);
    struct session *session = find(peer, flow);
    if (session == NULL) return 0;
    session->seen = now();
    packet[5] = 2;
    put(packet + 32, relevo_generation(worker), 4);
    put(packet + 36, relevo_index(worker), 4);
    put(packet + 40, (uint64_t)getpid(), 8);
    put(packet + 48, ++session->count, 8);
    atomic_fetch_add(total, 1);
    return 1;
}

/* Reads the socket until it is empty. */
static void serve(int udp) {
    static unsigned char room[BATCH][ROOM];
    static struct sockaddr_in peers[BATCH];
    struct mmsghdr headers[BATCH];
    struct iovec parts[BATCH];
    int count;
    do {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){room[i], ROOM};
            headers[i].msg_hdr = (struct msghdr){.msg_name = &peers[i],
                                                 .msg_namelen = sizeof peers[i],
                                                 .msg_iov = &parts[i],
                                                 .msg_iovlen = 1};
        }
        count = recvmmsg(udp, headers, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++) {
            if (!answer(room[i], headers[i].msg_len, &peers[i])) continue;
            sendto(udp, room[i], headers[i].msg_len, 0, (struct sockaddr *)&peers[i],
                   sizeof peers[i]);
        }
    } while (count == BATCH);
}

/* The counter of all generations: the predecessor's, or a new one. */
static void share_total(void) {
    int file = relevo_take(worker, "total");
    if (file < 0) {
        file = check(memfd_create("total", MFD_CLOEXEC), "memfd");
        if (ftruncate(file, sizeof *total) == -1) check(-errno, "ftruncate");
        check(relevo_store(worker, "total", &file, 1, 0, 5000), "store");
    }
    total = mmap(NULL, sizeof *total, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (total == MAP_FAILED) check(-errno, "mmap");
    close(file);
}

int main(void) {
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    check(relevo_open(NULL, &worker), "open");
    int udp = check(relevo_socket(worker, "echo", "udp://127.0.0.1:4433"), "socket");
    share_total();
    check(relevo_ready(worker), "ready");

    int is_draining = 0, has_said = 0;
    uint64_t told = UINT64_MAX;
    while (!is_over) {
        struct pollfd polled[] = {{.fd = udp, .events = POLLIN},
                                  {.fd = relevo_event_descriptor(worker), .events = POLLIN}};
        if (poll(polled, 2, 250) == -1 && errno != EINTR) break;
        serve(udp);
        struct relevo_event event;
        while (relevo_next_event(worker, &event) == 1) {
            if (event.kind == RELEVO_DRAIN) is_draining = 1;
            if (event.kind == RELEVO_RESUME) is_draining = 0;
            if (event.kind == RELEVO_STOP || event.kind == RELEVO_ENDED) is_over = 1;
            if (event.kind == RELEVO_LINK) close(event.descriptor);
        }
        end_idle_sessions();
        if (session_count != told) relevo_sessions(worker, told = session_count);
        /* The socket is empty: it was read above. */
        if (is_draining && session_count == 0 && !has_said) relevo_drained(worker);
        has_said = is_draining && session_count == 0;
    }
    serve(udp);
    printf("workers %llu of all generations together have answered %llu\n",
           (unsigned long long)relevo_index(worker), (unsigned long long)atomic_load(total));
    relevo_close(worker);
    return 0;
}
