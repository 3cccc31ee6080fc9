#ifndef RELEVO_EVENTS_H
#define RELEVO_EVENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

/* One entry of epoll_wait(2) without the packed union that Swift cannot read. */
struct relevo_event {
    uint64_t token;
    uint32_t events;
};

int relevo_epoll_control(int epoll, int operation, int descriptor, uint32_t events,
                         uint64_t token);

/* Waits without a limit for at most 64 events; the count, or -1. */
int relevo_epoll_wait(int epoll, struct relevo_event *events, size_t capacity);

/* Arms a timer at an absolute time of its clock; 0 and 0 disarm it. */
int relevo_timer_set(int timer, int64_t seconds, int64_t nanoseconds);

/* poll(2) for one descriptor; the revents, 0 when the time is over, or -1. */
int relevo_poll_one(int descriptor, short events, int64_t seconds, int64_t nanoseconds);

/* A signalfd for the signals, which this thread no longer takes in any other way. */
int relevo_signal_descriptor(const int *signals, size_t count);

#endif
