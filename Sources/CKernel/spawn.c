#define _GNU_SOURCE
#include "spawn.h"

#include "notices.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From clone to exec only async-signal-safe calls, and raw ones for identities: glibc's setuid and
   its kin would look for threads that this process does not have. */

static void fail(int report, enum relevo_step step, int index) {
    struct relevo_report words = {.step = step, .error = errno, .index = index};
    ssize_t written;
    do written = write(report, &words, sizeof words);
    while (written == -1 && errno == EINTR);
    _exit(127);
}

/* The slow way round close_range(2), for sandboxes that refuse it. */
static int close_one_by_one(unsigned first, unsigned last) {
    struct rlimit limit;
    int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder == -1) {
        if (getrlimit(RLIMIT_NOFILE, &limit) == -1) return -1;
        for (unsigned fd = first; fd <= last && fd < limit.rlim_max; fd++) close((int)fd);
        return 0;
    }
    char entries[2048];
    long length;
    int found;
    do {
        found = 0;
        lseek(folder, 0, SEEK_SET);
        while ((length = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
            for (long at = 0; at < length;) {
                /* struct linux_dirent64: the record's length at 16, the name at 19. */
                unsigned short record;
                memcpy(&record, entries + at + 16, sizeof record);
                unsigned fd = 0;
                int is_number = 0;
                for (const char *name = entries + at + 19; *name >= '0' && *name <= '9'; name++) {
                    fd = fd * 10 + (unsigned)(*name - '0');
                    is_number = 1;
                }
                if (is_number && fd >= first && fd <= last && (int)fd != folder) {
                    close((int)fd);
                    found = 1;
                }
                at += record;
            }
        }
    } while (found && length == 0);
    close(folder);
    return length < 0 ? -1 : 0;
}

static int close_between(unsigned first, unsigned last) {
    if (first > last) return 0;
    if (syscall(SYS_close_range, first, last, 0) == 0) return 0;
    return close_one_by_one(first, last);
}

/* Puts every source at its target and closes all else but the report; that one's new number. */
static int place_descriptors(const struct relevo_spawn_plan *plan) {
    size_t count = plan->placement_count;
    int report = plan->report;
    int above = count == 0 ? 0 : plan->placements[count - 1].target + 1;
    /* Sources move out of the targets' way first, so that no placement overwrites a later source. */
    for (size_t i = 0; i < count; i++) {
        int moved = fcntl(plan->placements[i].source, F_DUPFD_CLOEXEC, above + 1);
        if (moved == -1) fail(report, RELEVO_STEP_DESCRIPTORS, (int)i);
        plan->placements[i].source = moved;
    }
    if (report != above) {
        if (dup3(report, above, O_CLOEXEC) == -1) fail(report, RELEVO_STEP_DESCRIPTORS, -1);
        report = above;
    }
    unsigned next = 0;
    for (size_t i = 0; i < count; i++) {
        struct relevo_placement placement = plan->placements[i];
        if (dup2(placement.source, placement.target) == -1)
            fail(report, RELEVO_STEP_DESCRIPTORS, (int)i);
        if ((unsigned)placement.target > next &&
            close_between(next, (unsigned)placement.target - 1) == -1)
            fail(report, RELEVO_STEP_CLOSE, -1);
        next = (unsigned)placement.target + 1;
    }
    if (close_between((unsigned)above + 1, ~0u) == -1) fail(report, RELEVO_STEP_CLOSE, -1);
    return report;
}

static void make_private_folders(const struct relevo_spawn_plan *plan) {
    if (plan->private_folders == NULL || plan->private_folders[0] == NULL) return;
    if (unshare(CLONE_NEWNS) == -1) fail(plan->report, RELEVO_STEP_NAMESPACE, -1);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
        fail(plan->report, RELEVO_STEP_NAMESPACE, -1);
    /* Found from here even if a mount hides the way to them. */
    int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (before == -1 || chdir(plan->private_names[0]) == -1)
        fail(plan->report, RELEVO_STEP_PRIVATE_FOLDER, 0);
    for (int i = 0; plan->private_folders[i] != NULL; i++) {
        if (mount(plan->private_names[i + 1], plan->private_folders[i], NULL, MS_BIND, NULL) == -1)
            fail(plan->report, RELEVO_STEP_PRIVATE_FOLDER, i);
    }
    if (fchdir(before) == -1) fail(plan->report, RELEVO_STEP_NAMESPACE, -1);
}

/* Hands the descriptor that calls of bind(2) are answered through to the parent, or tells why there is
   none: the program runs all the same. */
static void report_interception(int report, int listener, int error) {
    struct relevo_report words = {.step = RELEVO_STEP_INTERCEPTION, .error = error, .index = -1};
    struct iovec part = {&words, sizeof words};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (listener != -1) {
        memset(&control, 0, sizeof control);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof listener);
        memcpy(CMSG_DATA(&control.header), &listener, sizeof listener);
        message.msg_control = &control;
        message.msg_controllen = sizeof control.room;
    }
    ssize_t sent;
    do sent = sendmsg(report, &message, MSG_NOSIGNAL);
    while (sent == -1 && errno == EINTR);
    if (sent == -1) _exit(127);
    if (listener != -1) close(listener);
}

/* As long as it has the privilege it leaves setuid programs as they are; `is_last` is the time after
   which there is none to be had. */
static int intercept(int report, int is_last) {
    int listener = relevo_intercept_bind();
    if (listener == -1 && errno == EACCES) {
        if (!is_last) return 0;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) listener = relevo_intercept_bind();
    }
    report_interception(report, listener, listener == -1 ? errno : 0);
    return 1;
}

static void change_identity(const struct relevo_spawn_plan *plan, int report) {
    if (!plan->changes_identity) return;
    if (syscall(SYS_setgroups, plan->group_count, plan->groups) == -1)
        fail(report, RELEVO_STEP_GROUPS, -1);
    if (syscall(SYS_setresgid, plan->gid, plan->gid, plan->gid) == -1)
        fail(report, RELEVO_STEP_GROUP, -1);
    if (syscall(SYS_setresuid, plan->uid, plan->uid, plan->uid) == -1)
        fail(report, RELEVO_STEP_USER, -1);
}

/* What a service manager has given the supervisor for its own work; the rest is meant for the workers
   as well. Not there, or not known to the kernel: then there is nothing to take away. */
static void keep_privileges_back(const struct relevo_spawn_plan *plan) {
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_BPF, 0, 0);
    if (plan->private_folders != NULL && plan->private_folders[0] != NULL)
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_SYS_ADMIN, 0, 0);
}

static void lower_limit(int resource, uint64_t soft) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) == -1 || limit.rlim_cur <= soft) return;
    limit.rlim_cur = soft;
    setrlimit(resource, &limit);
}

static void write_own_pid(char *room) {
    char digits[12];
    size_t count = 0;
    for (pid_t pid = getpid(); pid > 0; pid /= 10) digits[count++] = (char)('0' + pid % 10);
    for (size_t i = 0; i < count; i++) room[i] = digits[count - 1 - i];
    room[count] = '\0';
}

static void reset_signals(void) {
    /* The system calls themselves: glibc leaves alone the two signals that it keeps for threads. All
       zeroes is the kernel's struct sigaction with SIG_DFL. */
    uint64_t standard[4] = {0};
    uint64_t none = 0;
    for (int number = 1; number <= 64; number++)
        syscall(SYS_rt_sigaction, number, standard, NULL, sizeof none);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

static _Noreturn void run_child(const struct relevo_spawn_plan *plan, pid_t parent) {
    if (plan->session == RELEVO_SESSION_NEW && setsid() == -1)
        fail(plan->report, RELEVO_STEP_SESSION, -1);
    if (plan->session == RELEVO_SESSION_GROUP && setpgid(0, 0) == -1)
        fail(plan->report, RELEVO_STEP_SESSION, -1);
    make_private_folders(plan);
    if (plan->creation_mask >= 0) umask((mode_t)plan->creation_mask);
    int report = place_descriptors(plan);
    int is_settled = !plan->intercepts_bind || intercept(report, 0);
    change_identity(plan, report);
    keep_privileges_back(plan);
    /* As the user it will be: a folder that this user cannot enter is an error now, not later. */
    if (plan->working_folder != NULL && chdir(plan->working_folder) == -1)
        fail(report, RELEVO_STEP_FOLDER, -1);
    if (plan->death_signal != 0) {
        /* A change of identity clears it, so it comes after; the parent may be gone already. */
        if (prctl(PR_SET_PDEATHSIG, plan->death_signal) == -1)
            fail(report, RELEVO_STEP_DEATH_SIGNAL, -1);
        if (getppid() != parent) _exit(127);
    }
    if (plan->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
        fail(report, RELEVO_STEP_NO_NEW_PRIVILEGES, -1);
    if (!is_settled) intercept(report, 1);
    if (plan->open_files != 0) lower_limit(RLIMIT_NOFILE, plan->open_files);
    if (plan->limits_file_size) lower_limit(RLIMIT_FSIZE, plan->file_size);
    if (plan->own_pid != NULL) write_own_pid(plan->own_pid);
    reset_signals();
    execve(plan->path, plan->arguments, plan->environment);
    fail(report, RELEVO_STEP_EXEC, -1);
    _exit(127);
}

/* fork(2) that answers with a pidfd: clone3, or clone where a sandbox hides clone3. */
static pid_t fork_with_descriptor(int *pidfd) {
    struct clone_args arguments = {
        .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == -1 && (errno == ENOSYS || errno == EPERM))
        pid = (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, NULL);
    return pid;
}

int relevo_spawn(const struct relevo_spawn_plan *plan, pid_t *pid) {
    /* No handler of ours may run in the child before its signals are reset. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    int pidfd = -1;
    *pid = fork_with_descriptor(&pidfd);
    if (*pid == 0) run_child(plan, parent);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return *pid == -1 ? -1 : pidfd;
}
