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

/* Every entry of the kernel that a program can bind through, those of other word sizes as well. */
#if defined(__x86_64__)
enum { I386_SOCKETCALL = 102, I386_BIND = 361, SOCKETCALL_BIND = 2, X32 = 0x40000000 };
static struct sock_filter instructions[] = {
    LOAD(arch),
    EQUAL(AUDIT_ARCH_X86_64, 0, 3),
    LOAD(nr),
    EQUAL(__NR_bind, 7, 0),
    EQUAL(__NR_bind + X32, 6, 7),
    EQUAL(AUDIT_ARCH_I386, 0, 6),
    LOAD(nr),
    EQUAL(I386_BIND, 3, 0),
    EQUAL(I386_SOCKETCALL, 0, 3),
    LOAD(args[0]),
    EQUAL(SOCKETCALL_BIND, 0, 1),
    NOTIFY,
    ALLOW,
};
#elif defined(__aarch64__)
enum { ARM_BIND = 282 };
static struct sock_filter instructions[] = {
    LOAD(arch),
    EQUAL(AUDIT_ARCH_AARCH64, 0, 2),
    LOAD(nr),
    EQUAL(__NR_bind, 3, 4),
    EQUAL(AUDIT_ARCH_ARM, 0, 3),
    LOAD(nr),
    EQUAL(ARM_BIND, 0, 1),
    NOTIFY,
    ALLOW,
};
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
