#define _GNU_SOURCE
#include "processes.h"

#include <errno.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

int relevo_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int relevo_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int relevo_pidfd_getfd(int pidfd, int descriptor) {
    return (int)syscall(SYS_pidfd_getfd, pidfd, descriptor, 0);
}

int relevo_reap(int pidfd, int waits, struct relevo_exit *exit) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | (waits ? 0 : WNOHANG)) == -1) return -1;
    if (info.si_pid == 0) return 0;
    exit->code = info.si_code;
    exit->status = info.si_status;
    return 1;
}

ssize_t relevo_read_memory(pid_t pid, uint64_t address, void *bytes, size_t count) {
    struct iovec here = {.iov_base = bytes, .iov_len = count};
    struct iovec there = {.iov_base = (void *)(uintptr_t)address, .iov_len = count};
    ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);
    return got == -1 && errno == EFAULT ? 0 : got;
}

int relevo_effective_capabilities(uint64_t *capabilities) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data) == -1) return -1;
    *capabilities = (uint64_t)data[1].effective << 32 | data[0].effective;
    return 0;
}

int relevo_stay_on_processor(void) {
    cpu_set_t set;
    int here = sched_getcpu();
    if (here == -1) return -1;
    CPU_ZERO(&set);
    CPU_SET(here, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

char *const *relevo_environment(void) { return environ; }

int relevo_ignore_signal(int number, int ignored) {
    struct sigaction action = {.sa_handler = ignored ? SIG_IGN : SIG_DFL};
    return sigaction(number, &action, NULL);
}

int relevo_unshare_network(void) {
    if (unshare(CLONE_NEWNET) == -1) return -1;
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control == -1) return -1;
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int result = ioctl(control, SIOCSIFFLAGS, &request);
    int error = errno;
    close(control);
    errno = error;
    return result;
}

int relevo_unshare_descriptors(void) { return unshare(CLONE_FILES); }
