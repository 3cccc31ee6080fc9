#define _GNU_SOURCE
#include "relevo_system.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"

_Static_assert(RELEVO_SYS_NO_ENTRY == ENOENT && RELEVO_SYS_IO == EIO &&
                   RELEVO_SYS_AGAIN == EAGAIN && RELEVO_SYS_NO_MEMORY == ENOMEM &&
                   RELEVO_SYS_NO_ACCESS == EACCES && RELEVO_SYS_BUSY == EBUSY &&
                   RELEVO_SYS_INVALID == EINVAL && RELEVO_SYS_NO_SPACE == ENOSPC &&
                   RELEVO_SYS_PIPE == EPIPE && RELEVO_SYS_PROTOCOL == EPROTO &&
                   RELEVO_SYS_BAD_MESSAGE == EBADMSG && RELEVO_SYS_TOO_LONG == EMSGSIZE &&
                   RELEVO_SYS_NOT_SUPPORTED == EOPNOTSUPP && RELEVO_SYS_IN_USE == EADDRINUSE &&
                   RELEVO_SYS_RESET == ECONNRESET && RELEVO_SYS_NOT_CONNECTED == ENOTCONN &&
                   RELEVO_SYS_TIMED_OUT == ETIMEDOUT && RELEVO_SYS_ALREADY == EALREADY,
               "the numbers of this machine");

void relevo_sys_close(int descriptor) { close(descriptor); }

int relevo_sys_is_open(int descriptor) { return fcntl(descriptor, F_GETFD) != -1; }

int relevo_sys_set_cloexec(int descriptor) {
    return answer(fcntl(descriptor, F_SETFD, FD_CLOEXEC));
}

int relevo_sys_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags == -1 ? -errno : answer(fcntl(descriptor, F_SETFL, flags | O_NONBLOCK));
}

int relevo_sys_epoll(void) { return answer(epoll_create1(EPOLL_CLOEXEC)); }

int relevo_sys_epoll_add(int epoll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    return answer(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event));
}

int relevo_sys_epoll_writable(int epoll, int descriptor, int wanted) {
    struct epoll_event event = {.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN,
                                .data.fd = descriptor};
    return answer(epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event));
}

int relevo_sys_event(void) { return answer(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int relevo_sys_event_raise(int event) {
    uint64_t one = 1;
    return write(event, &one, sizeof one) == -1 && errno != EAGAIN ? -errno : 0;
}

int relevo_sys_event_clear(int event) {
    uint64_t value;
    return read(event, &value, sizeof value) == -1 && errno != EAGAIN ? -errno : 0;
}

int relevo_sys_wait(int descriptor, int writable, int milliseconds) {
    struct pollfd waited = {.fd = descriptor, .events = writable ? POLLIN | POLLOUT : POLLIN};
    uint64_t end = relevo_sys_monotonic() + (uint64_t)milliseconds * 1000000;
    while (1) {
        int result = poll(&waited, 1, milliseconds);
        if (result != -1 || errno != EINTR) return answer(result);
        if (milliseconds < 0) continue;
        uint64_t now = relevo_sys_monotonic();
        milliseconds = now >= end ? 0 : (int)((end - now) / 1000000);
    }
}

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

uint64_t relevo_sys_monotonic(void) { return nanoseconds(CLOCK_MONOTONIC); }

uint64_t relevo_sys_boottime(void) { return nanoseconds(CLOCK_BOOTTIME); }

int relevo_sys_random(void *bytes, size_t count) {
    /* Up to 256 bytes come whole (random(4)); nobody asks for more. */
    return getrandom(bytes, count, 0) == (ssize_t)count ? 0 : -EIO;
}

int relevo_sys_process(void) { return getpid(); }

const char *relevo_sys_variable(const char *name) { return getenv(name); }

void relevo_sys_remove_variable(const char *name) { unsetenv(name); }
