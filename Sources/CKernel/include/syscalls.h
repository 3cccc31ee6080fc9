#ifndef RELEVO_SYSCALLS_H
#define RELEVO_SYSCALLS_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Linux 5.0, newer than some C libraries' headers; unprivileged from 5.7 on. */
enum { RELEVO_SO_BINDTOIFINDEX = 62 };

/* Linux 5.14, newer than some C libraries' headers. */
enum { RELEVO_SO_NETNS_COOKIE = 71 };

int relevo_memory_file(const char *name);

/* kcmp(2): 0 when both are of one open file description, above 0 when not. */
int relevo_compare_descriptors(int one, int other);

/* accept4(2) without the address, CLOEXEC. */
int relevo_accept(int listener, int non_blocking);

/* Reading end first, both CLOEXEC. */
int relevo_pipe(int *ends);

/* Names of some more entries of an open folder, each ended by NUL; the bytes written, 0 at the end. */
ssize_t relevo_folder_entries(int folder, void *names, size_t capacity);

#endif
