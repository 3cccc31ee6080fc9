#ifndef RELEVO_PROCESSES_H
#define RELEVO_PROCESSES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int relevo_pidfd_open(pid_t pid);
int relevo_pidfd_send_signal(int pidfd, int signal);
int relevo_pidfd_getfd(int pidfd, int descriptor);

/* How a child ended; `code` is one of CLD_EXITED, CLD_KILLED, CLD_DUMPED. */
struct relevo_exit {
    int32_t code;
    int32_t status;
};

/* Reaps the child: 1, or 0 while it runs. Waits for the end if asked to. */
int relevo_reap(int pidfd, int waits, struct relevo_exit *exit);

/* process_vm_readv(2) of one range; 0 bytes for memory that is not there. */
ssize_t relevo_read_memory(pid_t pid, uint64_t address, void *bytes, size_t count);

/* The effective capabilities of this process as a bit set. */
int relevo_effective_capabilities(uint64_t *capabilities);

/* Keeps this thread on the processor that it runs on. */
int relevo_stay_on_processor(void);

/* The environment of this process. */
char *const *relevo_environment(void);

/* Ignores a signal, or takes its default action again. */
int relevo_ignore_signal(int signal, int ignored);

/* A new network namespace of this thread's own, with the loopback interface up. */
int relevo_unshare_network(void);

/* A descriptor table of this thread's own. */
int relevo_unshare_descriptors(void);

#endif
