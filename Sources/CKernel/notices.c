#define _GNU_SOURCE
#include "notices.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define EQUAL(value, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define NOTIFY BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

/* As sys/socket.h has them where it is new enough. */
enum { SOCKET_LEVEL = 1, ATTACH_CLASSIC = 51, ATTACH_EBPF = 52, DETACH = 68 };
#define TO(from, to) ((to) - (from) - 1)
/* From `check` on: lets go of what is no program of steering. */
#define STEERING(check, notify, allow)                                                             \
    LOAD(args[1]), EQUAL(SOCKET_LEVEL, 0, TO((check) + 1, allow)), LOAD(args[2]),                  \
        EQUAL(ATTACH_CLASSIC, TO((check) + 3, notify), 0),                                         \
        EQUAL(ATTACH_EBPF, TO((check) + 4, notify), 0),                                            \
        EQUAL(DETACH, TO((check) + 5, notify), TO((check) + 5, allow))

/* Every entry of the kernel by which a program can bind, or choose what steers a group of sockets, those of
   other word sizes as well; socketcall(2) for bind alone, since its arguments are in memory. */
#if defined(__x86_64__)
enum {
    I386_SOCKETCALL = 102, I386_BIND = 361, I386_SETSOCKOPT = 366, SOCKETCALL_BIND = 2,
    X32 = 0x40000000, X32_SETSOCKOPT = X32 + 541,
};
enum { CHECK = 14, WAIT = CHECK + 6, GO = WAIT + 1 };
static struct sock_filter instructions[] = {
    LOAD(arch),
    EQUAL(AUDIT_ARCH_X86_64, 0, TO(1, 7)),
    LOAD(nr),
    EQUAL(__NR_bind, TO(3, WAIT), 0),
    EQUAL(__NR_bind + X32, TO(4, WAIT), 0),
    EQUAL(__NR_setsockopt, TO(5, CHECK), 0),
    EQUAL(X32_SETSOCKOPT, TO(6, CHECK), TO(6, GO)),
    EQUAL(AUDIT_ARCH_I386, 0, TO(7, GO)),
    LOAD(nr),
    EQUAL(I386_BIND, TO(9, WAIT), 0),
    EQUAL(I386_SETSOCKOPT, TO(10, CHECK), 0),
    EQUAL(I386_SOCKETCALL, 0, TO(11, GO)),
    LOAD(args[0]),
    EQUAL(SOCKETCALL_BIND, TO(13, WAIT), TO(13, GO)),
    STEERING(CHECK, WAIT, GO),
    NOTIFY,
    ALLOW,
};
#elif defined(__aarch64__)
enum { ARM_BIND = 282, ARM_SETSOCKOPT = 294 };
enum { CHECK = 9, WAIT = CHECK + 6, GO = WAIT + 1 };
static struct sock_filter instructions[] = {
    LOAD(arch),
    EQUAL(AUDIT_ARCH_AARCH64, 0, TO(1, 5)),
    LOAD(nr),
    EQUAL(__NR_bind, TO(3, WAIT), 0),
    EQUAL(__NR_setsockopt, TO(4, CHECK), TO(4, GO)),
    EQUAL(AUDIT_ARCH_ARM, 0, TO(5, GO)),
    LOAD(nr),
    EQUAL(ARM_BIND, TO(7, WAIT), 0),
    EQUAL(ARM_SETSOCKOPT, TO(8, CHECK), TO(8, GO)),
    STEERING(CHECK, WAIT, GO),
    NOTIFY,
    ALLOW,
};
#endif
#if defined(__x86_64__) || defined(__aarch64__)
_Static_assert(sizeof instructions / sizeof *instructions == GO + 1, "each jump is counted from its place");
#endif

int relevo_intercept_bind(void) {
#if defined(__x86_64__) || defined(__aarch64__)
    struct sock_fprog program = {sizeof instructions / sizeof *instructions, instructions};
    unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    /* A signal to the caller must not make it call again what has been answered. */
    long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                            flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
    if (listener == -1 && errno == EINVAL)
        listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return (int)listener;
#else
    errno = ENOSYS;
    return -1;
#endif
}

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

int relevo_notices_take_turns(int listener) {
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

int relevo_notice_is_bind(const struct relevo_notice *notice) {
#if defined(__x86_64__)
    if (notice->architecture == AUDIT_ARCH_X86_64)
        return notice->number == __NR_bind || notice->number == __NR_bind + X32;
    if (notice->architecture == AUDIT_ARCH_I386) {
        if (notice->number == I386_BIND) return 1;
        return notice->number == I386_SOCKETCALL && notice->arguments[0] == SOCKETCALL_BIND ? 2 : 0;
    }
#elif defined(__aarch64__)
    if (notice->architecture == AUDIT_ARCH_AARCH64) return notice->number == __NR_bind;
    if (notice->architecture == AUDIT_ARCH_ARM) return notice->number == ARM_BIND;
#endif
    (void)notice;
    return 0;
}

int relevo_notice_is_steering(const struct relevo_notice *notice) {
#if defined(__x86_64__)
    if (notice->architecture == AUDIT_ARCH_X86_64)
        return notice->number == __NR_setsockopt || notice->number == X32_SETSOCKOPT;
    if (notice->architecture == AUDIT_ARCH_I386) return notice->number == I386_SETSOCKOPT;
#elif defined(__aarch64__)
    if (notice->architecture == AUDIT_ARCH_AARCH64) return notice->number == __NR_setsockopt;
    if (notice->architecture == AUDIT_ARCH_ARM) return notice->number == ARM_SETSOCKOPT;
#endif
    (void)notice;
    return 0;
}

enum { ROOM = 128 };
_Static_assert(sizeof(struct seccomp_notif) <= ROOM, "a call has more room than it needs");

int relevo_notice_take(int listener, void *room) {
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, room);
}

void relevo_notice_clear(void *room) {
    memset(room, 0, ROOM);
}

void relevo_notice_read(const void *room, struct relevo_notice *notice) {
    struct seccomp_notif raw;
    memcpy(&raw, room, sizeof raw);
    notice->id = raw.id;
    notice->thread = (int32_t)raw.pid;
    notice->architecture = raw.data.arch;
    notice->number = raw.data.nr;
    for (int i = 0; i < 6; i++) notice->arguments[i] = raw.data.args[i];
}

int relevo_notice_is_valid(int listener, uint64_t id) {
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

static int respond(int listener, uint64_t id, int error, uint32_t flags) {
    struct seccomp_notif_resp response = {.id = id, .val = 0, .error = -error, .flags = flags};
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

int relevo_notice_answer(int listener, uint64_t id, int error) {
    return respond(listener, id, error, 0);
}

int relevo_notice_continue(int listener, uint64_t id) {
    return respond(listener, id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

int relevo_notice_replace(int listener, uint64_t id, int source, int target, int close_on_exec) {
    struct seccomp_notif_addfd place = {
        .id = id,
        .flags = SECCOMP_ADDFD_FLAG_SETFD,
        .srcfd = (uint32_t)source,
        .newfd = (uint32_t)target,
        .newfd_flags = close_on_exec ? O_CLOEXEC : 0,
    };
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &place) == -1 ? -1 : 0;
}
