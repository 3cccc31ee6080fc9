#ifndef RELEVO_NOTICES_H
#define RELEVO_NOTICES_H

#include <stdint.h>

/* A system call of another process that waits for an answer: seccomp_unotify(2). */
struct relevo_notice {
    uint64_t id;
    /* The calling thread, as this process numbers it. */
    int32_t thread;
    /* AUDIT_ARCH_*, by which `number` counts. */
    uint32_t architecture;
    int32_t number;
    uint64_t arguments[6];
};

/* Two calls of this process and its descendants wait for an answer from now on: bind(2), and setsockopt(2)
   where it attaches or detaches a program of steering. The holder of the descriptor that is returned
   gives the answer. The descriptor is CLOEXEC. EACCES: without CAP_SYS_ADMIN only once no_new_privs is set.
   Async-signal-safe. */
int relevo_intercept_bind(void);

/* Has caller and answerer take turns on one processor, which spares most of the way between them (Linux
   6.6; EINVAL before). */
int relevo_notices_take_turns(int listener);

/* Takes a call that waits into room for a struct seccomp_notif that has been cleared; it does not block
   when the descriptor is readable. ENOENT: it was given up meanwhile. */
int relevo_notice_take(int listener, void *room);

/* Clears room for a call, 128 bytes. */
void relevo_notice_clear(void *room);

/* What was taken into the room; an id of 0 where nothing was. */
void relevo_notice_read(const void *room, struct relevo_notice *notice);

/* Whether the call still waits: what was read of its process belongs to it. */
int relevo_notice_is_valid(int listener, uint64_t id);

/* Answers with 0, or with an errno. */
int relevo_notice_answer(int listener, uint64_t id, int error);

/* Lets the kernel do the call. */
int relevo_notice_continue(int listener, uint64_t id);

/* Puts a copy of a descriptor in the place of one of the process's. */
int relevo_notice_replace(int listener, uint64_t id, int source, int target, int close_on_exec);

/* Whether `number` of `architecture` is bind(2): 1, or 2 where its arguments lie in memory as three
   32-bit words at argument 1 (socketcall(2) of i386); 0 for any other call. */
int relevo_notice_is_bind(const struct relevo_notice *notice);

/* Whether it is setsockopt(2), which waits only where it is about a program that chooses in a group of
   sockets: SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_REUSEPORT_EBPF, SO_DETACH_REUSEPORT_BPF. */
int relevo_notice_is_steering(const struct relevo_notice *notice);

#endif
