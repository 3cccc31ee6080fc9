#define _GNU_SOURCE
#include "events.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

int relevo_epoll_control(int epoll, int operation, int descriptor, uint32_t events,
                         uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int relevo_epoll_wait(int epoll, struct relevo_event *events, size_t capacity) {
    struct epoll_event batch[64];
    size_t room = sizeof batch / sizeof batch[0];
    if (capacity < room) room = capacity;
    int count = epoll_wait(epoll, batch, (int)room, -1);
    for (int i = 0; i < count; i++) {
        events[i].token = batch[i].data.u64;
        events[i].events = batch[i].events;
    }
    return count;
}

int relevo_timer_set(int timer, int64_t seconds, int64_t nanoseconds) {
    struct itimerspec when = {.it_value = {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

int relevo_poll_one(int descriptor, short events, int64_t seconds, int64_t nanoseconds) {
    struct pollfd one = {.fd = descriptor, .events = events};
    struct timespec limit = {.tv_sec = seconds, .tv_nsec = nanoseconds};
    int count = ppoll(&one, 1, seconds < 0 ? NULL : &limit, NULL);
    return count > 0 ? one.revents : count;
}

int relevo_signal_descriptor(const int *signals, size_t count) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++)
        if (sigaddset(&set, signals[i]) == -1) return -1;
    int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor >= 0) pthread_sigmask(SIG_BLOCK, &set, NULL);
    return descriptor;
}
