/*
 * relevo_accept() on the kernel that this runs on, for each kind of listener: whatever happens to the
 * listener's group, each peer's datagrams come to its socket, nobody else's do, and listeners that
 * are bound later obey the group's program. Prints a line for each kind; exit code 1 when one lies.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <relevo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PEERS = 20, STRANGERS = 60, LISTENERS = 4 };

struct place {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    socklen_t length;
};

static int strays;

static void count(void *context, const void *bytes, size_t size, const struct sockaddr *source,
                  uint32_t length) {
    (void)context, (void)bytes, (void)size, (void)source, (void)length;
    strays++;
}

static struct place place(const char *host, unsigned short port) {
    struct place made = {.length = sizeof made.v4};
    made.v4.sin_family = AF_INET;
    made.v4.sin_port = htons(port);
    if (inet_pton(AF_INET, host, &made.v4.sin_addr) == 1) return made;
    memset(&made, 0, sizeof made);
    made.length = sizeof made.v6;
    made.v6.sin6_family = AF_INET6;
    made.v6.sin6_port = htons(port);
    inet_pton(AF_INET6, host, &made.v6.sin6_addr);
    return made;
}

static int bound(const struct place *at, int shares) {
    int made = socket(at->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(made, SOL_SOCKET, SO_REUSEPORT, &shares, sizeof shares);
    if (bind(made, &at->any, at->length) == 0) return made;
    close(made);
    return -1;
}

/* How many datagrams wait in it, and whether all of them are of this number. */
static int drain(int socket, int number, int *foreign) {
    int found = 0;
    unsigned char byte;
    while (recv(socket, &byte, 1, MSG_DONTWAIT) == 1) {
        found++;
        if (byte != number) ++*foreign;
    }
    return found;
}

struct bed {
    int listeners[LISTENERS];
    int peers[PEERS];
    int accepted[PEERS];
    int accepted_count;
    int strangers[STRANGERS];
    struct place target;
};

/* Makes the worker one that has a supervisor, whose groups never run without a program. */
static int supervise(void) {
    static const char welcome[] = "WELCOME\nID=1\nVERSION=1\nGENERATION=1\nWORKER=0";
    char number[16];
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    if (send(ends[0], welcome, sizeof welcome - 1, 0) < 0) return -1;
    snprintf(number, sizeof number, "%d", ends[1]);
    setenv("RELEVO_CHANNEL", number, 1);
    return ends[0];
}

/* Everybody sends once; what came to the wrong one is counted. */
static int wrong(struct bed *bed, int only_first) {
    int foreign = 0, missing = 0, heard = 0, others = 0, expected = STRANGERS;
    for (int i = 0; i < PEERS; i++) {
        unsigned char byte = (unsigned char)i;
        sendto(bed->peers[i], &byte, 1, 0, &bed->target.any, bed->target.length);
        if (i >= bed->accepted_count) expected++;
    }
    for (int i = 0; i < STRANGERS; i++) {
        unsigned char byte = 255;
        sendto(bed->strangers[i], &byte, 1, 0, &bed->target.any, bed->target.length);
    }
    /* Under emulation a datagram may be on its way for a moment. */
    poll(NULL, 0, 20);
    for (int i = 0; i < bed->accepted_count; i++)
        missing += drain(bed->accepted[i], i, &foreign) != 1;
    int ignored = 0;
    for (int i = 0; i < LISTENERS; i++) {
        if (bed->listeners[i] < 0) continue;
        int some = drain(bed->listeners[i], 0, &ignored);
        heard += some;
        if (i > 0) others += some;
    }
    if (heard != expected) missing += expected - heard;
    return foreign + (missing < 0 ? -missing : missing) + (only_first ? others : 0);
}

static int try_kind(const char *host, int with_program) {
    struct bed bed = {.listeners = {-1, -1, -1, -1}};
    struct relevo_worker *worker;
    int is_six = strchr(host, ':') != NULL;
    const char *home = is_six ? "::1" : "127.0.0.1";
    struct place at = place(host, 4433), from = place(home, 0);
    int failed = 0, made = 0;
    bed.target = place(home, 4433);
    strays = 0;
    int supervisor = with_program ? supervise() : -1;
    if (relevo_open(NULL, &worker) != 0) return 1;
    bed.listeners[0] = bound(&at, 1);
    bed.listeners[1] = bound(&at, 1);
    if (with_program) {
        struct sock_filter first = BPF_STMT(BPF_RET | BPF_K, 0);
        struct sock_fprog program = {.len = 1, .filter = &first};
        failed += setsockopt(bed.listeners[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
                             sizeof program) != 0;
    }
    for (int i = 0; i < PEERS; i++) bed.peers[i] = bound(&from, 0);
    for (int i = 0; i < STRANGERS; i++) bed.strangers[i] = bound(&from, 0);
    int family = 0;
    for (int i = 0; i < PEERS; i++) {
        struct place peer = {.length = sizeof peer.v6};
        getsockname(bed.peers[i], &peer.any, &peer.length);
        made = relevo_accept(worker, bed.listeners[0], &peer.any, peer.length, NULL, 0, count,
                             NULL);
        if (made < 0) break;
        socklen_t length = sizeof family;
        getsockopt(made, SOL_SOCKET, SO_DOMAIN, &family, &length);
        bed.accepted[bed.accepted_count++] = made;
        if (i == PEERS / 2) failed += wrong(&bed, with_program);
    }
    failed += wrong(&bed, with_program);
    for (int i = 2; i < LISTENERS; i++) bed.listeners[i] = bound(&at, 1);
    failed += bed.listeners[3] < 0;
    failed += wrong(&bed, with_program);
    close(bed.listeners[1]);
    bed.listeners[1] = -1;
    failed += wrong(&bed, with_program);
    printf("%-10s %-12s %s: %d of %d, %d strays, %d wrong\n", host,
           with_program ? "with program" : "plain hash",
           made < 0 ? strerror(-made) : family == AF_INET6 && !is_six ? "mapped" : "same family",
           bed.accepted_count, PEERS, strays, failed);
    for (int i = 0; i < LISTENERS; i++)
        if (bed.listeners[i] >= 0) close(bed.listeners[i]);
    for (int i = 0; i < PEERS; i++) close(bed.peers[i]);
    for (int i = 0; i < STRANGERS; i++) close(bed.strangers[i]);
    for (int i = 0; i < bed.accepted_count; i++) close(bed.accepted[i]);
    relevo_close(worker);
    if (supervisor >= 0) close(supervisor);
    return failed > 0 || (made < 0 && made != -EOPNOTSUPP);
}

int main(void) {
    static const char *hosts[] = {"127.0.0.1", "0.0.0.0", "::1", "::"};
    int failed = 0;
    for (unsigned i = 0; i < sizeof hosts / sizeof *hosts; i++)
        for (int with_program = 0; with_program < 2; with_program++)
            failed |= try_kind(hosts[i], with_program);
    return failed;
}
