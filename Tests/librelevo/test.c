/*
 * librelevo through its header, against the supervisor's end of a channel that is held here. What it
 * says lies in the worker's queue before the worker asks: requests are numbered from 1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <relevo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define expect(what)                                                                 \
    do {                                                                             \
        if (!(what)) {                                                               \
            fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #what, errno); \
            failures++;                                                              \
        }                                                                            \
    } while (0)

static int failures;
static const char welcome[] =
    "WELCOME\nID=1\nVERSION=1\nSERVICE=echo\nGENERATION=2\nWORKER=1\nWORKERS=3";

static int open_descriptors(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count;
}

static void say(int supervisor, const char *text, const int *descriptors, size_t count) {
    char control[CMSG_SPACE(sizeof(int) * 64)] = {0};
    struct iovec part = {(void *)text, strlen(text)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
    }
    expect(sendmsg(supervisor, &message, 0) == (ssize_t)strlen(text));
}

/* The next packet of the worker; its descriptors are closed. */
static const char *hear(int supervisor) {
    static char text[8192];
    char control[CMSG_SPACE(sizeof(int) * 64)];
    struct iovec part = {text, sizeof text - 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t count = recvmsg(supervisor, &message, MSG_DONTWAIT);
    if (count < 0) return "";
    text[count] = '\0';
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
         header = CMSG_NXTHDR(&message, header)) {
        size_t arrived = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < arrived; i++) {
            int number;
            memcpy(&number, CMSG_DATA(header) + i * sizeof number, sizeof number);
            close(number);
        }
    }
    return text;
}

static int channel(void) {
    int ends[2];
    char number[16];
    expect(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    snprintf(number, sizeof number, "%d", ends[1]);
    setenv("RELEVO_CHANNEL", number, 1);
    return ends[0];
}

static int is_readable(int descriptor) {
    struct pollfd polled = {.fd = descriptor, .events = POLLIN};
    return poll(&polled, 1, 0) == 1;
}

static void nothing_at_all_is_refused(void) {
    struct relevo_event event;
    expect(relevo_open(NULL, NULL) == -EINVAL);
    expect(relevo_ready(NULL) == -EINVAL);
    expect(relevo_next_event(NULL, &event) == -EINVAL);
    expect(relevo_socket(NULL, NULL, NULL) == -EINVAL);
    expect(relevo_generation(NULL) == 0 && relevo_workers(NULL) == 1);
    expect(relevo_link_adopt(open("/dev/null", O_RDONLY), NULL) == -EINVAL);
    expect(relevo_link_receive(NULL, NULL) == -EINVAL);
    expect(relevo_read_id(NULL, 5) == -EINVAL);
    relevo_close(NULL);
    relevo_link_close(NULL);
}

static void alone_it_binds(void) {
    struct relevo_worker *worker;
    struct relevo_event event;
    expect(relevo_open(NULL, &worker) == 0);
    expect(relevo_supervised(worker) == 0 && relevo_generation(worker) == 0);
    int udp = relevo_socket(worker, "a", "udp://127.0.0.1:0");
    expect(udp >= 0);
    struct sockaddr_in local;
    socklen_t length = sizeof local;
    expect(getsockname(udp, (struct sockaddr *)&local, &length) == 0 && local.sin_port != 0);
    expect(relevo_socket(worker, "a", "127.0.0.1:0") == -EINVAL);
    expect(relevo_ready(worker) == 0 && relevo_sessions(worker, 3) == 0);
    unsigned char id[20];
    expect(relevo_make_id(worker, udp, 0, id) == 15 && relevo_read_id(id, 15) == 0);
    expect(relevo_owns_id(worker, udp, id, 15) == 0);
    expect(relevo_drained(worker) == 0 && relevo_leave(worker, 0) == 0);
    expect(relevo_store(worker, "x", &udp, 1, 0, 0) == 0);
    expect(relevo_take(worker, "x") == -ENOENT);
    expect(relevo_link(worker, RELEVO_OLDER, -1, NULL, 0) == -EOPNOTSUPP);
    expect(relevo_next_event(worker, &event) == 0);
    expect(!is_readable(relevo_event_descriptor(worker)));
    close(udp);
    relevo_close(worker);
}

static void a_channel_is_spoken(void) {
    struct relevo_worker *worker;
    struct relevo_event event;
    int supervisor = channel();
    int files[] = {memfd_create("one", MFD_CLOEXEC), memfd_create("two", MFD_CLOEXEC),
                   memfd_create("three", MFD_CLOEXEC)};
    char text[512];
    snprintf(text, sizeof text, "%s\nSOCKET=4 3 udp://127.0.0.1:4433 front door\nSTORED=a\nSTORED=b\n"
             "IDS=770:0123456789abcdeffedcba9876543210",
             welcome);
    say(supervisor, text, files, 3);
    expect(relevo_open(NULL, &worker) == 0);
    expect(getenv("RELEVO_CHANNEL") == NULL);
    expect(strcmp(hear(supervisor), "HELLO\nVERSION=1\nID=1") == 0);
    expect(relevo_supervised(worker) == 1 && relevo_generation(worker) == 2);
    expect(relevo_index(worker) == 1 && relevo_workers(worker) == 3);

    int taken = relevo_socket(worker, "front door", NULL);
    expect(taken >= 0);
    expect(relevo_socket(worker, NULL, "udp://127.0.0.1:4433") == -ENOENT);
    unsigned char id[20];
    expect(relevo_make_id(worker, taken, 6, id) == 15 && id[0] == 0xce);
    expect(relevo_read_id(id, 15) == 770 && relevo_read_id(id, 14) == -EINVAL);
    expect(relevo_owns_id(worker, taken, id, 15) == 1 && relevo_owns_id(worker, taken, id, 14) == 0);
    id[14] ^= 1;
    expect(relevo_owns_id(worker, taken, id, 15) == 0 && relevo_owns_id(worker, 0, id, 15) == -ENOENT);
    expect(relevo_make_id(worker, taken, 7, id) == -EINVAL);
    const unsigned char server[] = {0xaa, 0xbb, 0xcc, 0xdd, 1, 2, 3, 4, 5, 6};
    expect(relevo_make_id_behind(worker, taken, 0, server, 9, id) == 20);
    expect(memcmp(id + 1, server, 9) == 0 && relevo_owns_id(worker, taken, id, 20) == 1);
    expect(relevo_make_id_behind(worker, taken, 0, server, 10, id) == -EINVAL);
    expect(relevo_make_id_behind(worker, taken, 0, NULL, 2, id) == -EINVAL);
    expect(relevo_owns_id(worker, taken, id, (size_t)-1) == 0);
    int kept = relevo_take(worker, "b");
    expect(kept >= 0 && relevo_take(worker, "b") == -ENOENT);

    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(4711),
                               .sin_addr.s_addr = htonl(0xc0000207)};
    expect(relevo_pin(worker, taken, (struct sockaddr *)&peer, sizeof peer, NULL, 0) == 0);
    expect(strcmp(hear(supervisor), "PIN\nLISTENER=4\nPEER=192.0.2.7:4711") == 0);
    expect(relevo_pin(worker, taken, (struct sockaddr *)&peer, 3, NULL, 0) == -EINVAL);

    say(supervisor, "DRAIN\nDEADLINE=1\nLEFT=60000", NULL, 0);
    expect(is_readable(relevo_event_descriptor(worker)));
    expect(relevo_next_event(worker, &event) == 1 && event.kind == RELEVO_DRAIN);
    expect(event.deadline > 0 && event.descriptor == -1);
    say(supervisor, "ERROR\nCODE=full\nREASON=no room", NULL, 0);
    expect(relevo_next_event(worker, &event) == 1 && event.kind == RELEVO_REFUSED);
    expect(event.code == ENOSPC && strcmp(event.text, "no room") == 0);

    say(supervisor, "OK\nID=2", NULL, 0);
    expect(relevo_store(worker, "state", files, 2, 1, 1000) == 0);
    expect(strcmp(hear(supervisor), "STORE\nNAME=state\nADD=1\nID=2") == 0);
    expect(relevo_store(worker, NULL, files, 2, 1, 1000) == -EINVAL);
    expect(relevo_store(worker, "state", NULL, 2, 1, 1000) == -EINVAL);
    expect(relevo_link(worker, RELEVO_OLDER, -1, NULL, 1) == -ETIMEDOUT);

    close(supervisor);
    expect(relevo_next_event(worker, &event) == 1 && event.kind == RELEVO_ENDED);
    expect(relevo_next_event(worker, &event) == 0 && relevo_supervised(worker) == 0);
    close(taken);
    close(kept);
    for (int i = 0; i < 3; i++) close(files[i]);
    relevo_close(worker);
}

static void a_supervisor_that_does_not_answer_is_told(void) {
    struct relevo_worker *worker = NULL;
    struct relevo_options options = {.timeout = 1};
    int supervisor = channel();
    expect(relevo_open(&options, &worker) == -ETIMEDOUT && worker == NULL);
    close(supervisor);
    close(channel());
    expect(relevo_open(NULL, &worker) == -ECONNRESET && worker == NULL);
    supervisor = channel();
    say(supervisor, "WELCOME\nID=1\nGENERATION=1\nWORKER=0\nSTORED=a", NULL, 0);
    expect(relevo_open(NULL, &worker) == -EPROTO && worker == NULL);
    close(supervisor);
    setenv("RELEVO_SOCKET", "/nowhere", 1);
    expect(relevo_open(NULL, &worker) == -ENOENT && worker == NULL);
    unsetenv("RELEVO_SOCKET");
}

static void links_carry_datagrams_and_descriptors(void) {
    int ends[2];
    struct relevo_link *near, *far;
    struct relevo_received received;
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_port = htons(4711),
                                 .sin_addr.s_addr = htonl(0xc0000207)};
    struct sockaddr_in6 target = {.sin6_family = AF_INET6, .sin6_port = htons(53),
                                  .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    unsigned char bytes[70000];
    memset(bytes, 7, sizeof bytes);
    expect(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    expect(relevo_link_adopt(ends[0], &near) == 0);
    expect(relevo_link_adopt(ends[1], &far) == 0);
    expect(relevo_link_receive(far, &received) == 0);
    for (unsigned size = 0; size < 3000; size += 37)
        expect(relevo_link_forward(near, bytes, size, (struct sockaddr *)&source, sizeof source,
                                   (struct sockaddr *)&target, sizeof target, size) == 0);
    expect(relevo_link_forward(near, bytes, sizeof bytes, NULL, 0, NULL, 0, 0) == -EINVAL);
    expect(relevo_link_forward(near, bytes, 65507, NULL, 0, NULL, 0, 0) == 0);
    int file = memfd_create("given", MFD_CLOEXEC);
    expect(relevo_link_send(near, "hello", 5, &file, 1) == 0);
    for (unsigned size = 0; size < 3000; size += 37) {
        expect(relevo_link_receive(far, &received) == 1 && received.kind == RELEVO_DATAGRAM);
        expect(received.count == size && received.received == size);
        expect(memcmp(received.bytes, bytes, size) == 0);
        expect(received.source_length == sizeof source &&
               memcmp(received.source, &source, sizeof source) == 0);
        expect(received.destination_length == sizeof target &&
               memcmp(received.destination, &target, sizeof target) == 0);
    }
    expect(relevo_link_receive(far, &received) == 1 && received.count == 65507);
    expect(received.source_length == 0);
    expect(relevo_link_receive(far, &received) == 1 && received.kind == RELEVO_MESSAGE);
    expect(received.count == 5 && memcmp(received.bytes, "hello", 5) == 0);
    expect(received.descriptor_count == 1);
    close(received.descriptors[0]);
    close(file);
    while (relevo_link_forward(near, bytes, 1000, NULL, 0, NULL, 0, 0) == 0) continue;
    expect(relevo_link_flush(near) == -EAGAIN);
    while (relevo_link_receive(far, &received) == 1) continue;
    expect(relevo_link_flush(near) == 0);
    relevo_link_close(near);
    while (relevo_link_receive(far, &received) == 1) continue;
    expect(relevo_link_receive(far, &received) == -ECONNRESET);
    relevo_link_close(far);
}

static void count_strays(void *context, const void *bytes, size_t count,
                         const struct sockaddr *source, uint32_t length) {
    (void)bytes;
    expect(count == 1 && source->sa_family == AF_INET && length == sizeof(struct sockaddr_in));
    ++*(int *)context;
}

static void a_peer_gets_a_socket(void) {
    struct relevo_worker *worker;
    int strays = 0;
    expect(relevo_open(NULL, &worker) == 0);
    int listener = relevo_socket(worker, NULL, "udp://127.0.0.1:0");
    int client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in local;
    socklen_t length = sizeof local;
    expect(bind(client, (struct sockaddr *)&peer, sizeof peer) == 0);
    expect(getsockname(listener, (struct sockaddr *)&local, &length) == 0);
    expect(getsockname(client, (struct sockaddr *)&peer, &length) == 0);
    expect(relevo_accept(worker, listener, (struct sockaddr *)&peer, sizeof peer, NULL, 0, NULL,
                         NULL) == -EINVAL);
    int made = relevo_accept(worker, listener, (struct sockaddr *)&peer, sizeof peer, NULL, 0,
                             count_strays, &strays);
    /* A kernel on which no way is sound says so. */
    expect(made >= 0 || made == -EOPNOTSUPP);
    if (made >= 0) {
        char bytes[4];
        expect(sendto(client, "abc", 3, 0, (struct sockaddr *)&local, sizeof local) == 3);
        expect(recv(made, bytes, sizeof bytes, MSG_DONTWAIT) == 3);
        expect(send(made, "de", 2, 0) == 2);
        expect(recv(client, bytes, sizeof bytes, MSG_DONTWAIT) == 2);
        close(made);
    }
    expect(strays == 0);
    close(client);
    close(listener);
    relevo_close(worker);
}

int main(void) {
    int before = open_descriptors();
    nothing_at_all_is_refused();
    alone_it_binds();
    a_channel_is_spoken();
    a_supervisor_that_does_not_answer_is_told();
    links_carry_datagrams_and_descriptors();
    a_peer_gets_a_socket();
    expect(open_descriptors() == before);
    if (failures == 0) puts("librelevo: sound");
    return failures == 0 ? 0 : 1;
}
