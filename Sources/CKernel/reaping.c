#define _GNU_SOURCE
#include "reaping.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* struct pidfd_info as of its first version, which older headers lack. */
struct process_info {
    uint64_t mask;
    uint64_t cgroup;
    uint32_t ids[11];
    int32_t exit_code;
};

_Static_assert(sizeof(struct process_info) == 64, "PIDFD_INFO_SIZE_VER0");

#define GET_INFO _IOWR(0xFF, 11, struct process_info)
#define INFO_EXIT (UINT64_C(1) << 3)

int relevo_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int relevo_name_process(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

void relevo_share_one_heap(void) { mallopt(M_ARENA_MAX, 1); }

pid_t relevo_find_dead_child(void) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1) return errno == ECHILD ? 0 : -1;
    return info.si_pid;
}

int relevo_is_dead_child(int pidfd) {
    siginfo_t info = {.si_pid = 0};
    int result = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT);
    return result == 0 && info.si_pid != 0;
}

int relevo_reap_number(pid_t pid) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == -1) return -1;
    return info.si_pid != 0;
}

int relevo_exit_of(int pidfd, struct relevo_exit *exit) {
    struct process_info info = {.mask = INFO_EXIT};
    if (ioctl(pidfd, GET_INFO, &info) == -1) return -1;
    if (!(info.mask & INFO_EXIT)) return 0;
    if (WIFEXITED(info.exit_code)) {
        exit->code = CLD_EXITED;
        exit->status = WEXITSTATUS(info.exit_code);
    } else {
        exit->code = WCOREDUMP(info.exit_code) ? CLD_DUMPED : CLD_KILLED;
        exit->status = WTERMSIG(info.exit_code);
    }
    return 1;
}
