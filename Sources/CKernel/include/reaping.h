#ifndef RELEVO_REAPING_H
#define RELEVO_REAPING_H

#include "processes.h"

/* Makes this process the parent of all its descendants that lose theirs. */
int relevo_become_subreaper(void);

/* Names this process in /proc and ps(1), 15 bytes at most. */
int relevo_name_process(const char *name);

/* Has all threads of this process allocate from one heap. */
void relevo_share_one_heap(void);

/* A child that has ended and is not reaped yet, which it stays; 0 when there is none. */
pid_t relevo_find_dead_child(void);

/* Whether this process is a child that has ended and is not reaped yet: 1 or 0. */
int relevo_is_dead_child(int pidfd);

/* Reaps a child that has ended, by its number: 1, or 0 while it runs. */
int relevo_reap_number(pid_t pid);

/* How a process ended that somebody else has reaped (Linux 6.15, PIDFD_INFO_EXIT): 1, or 0 while
   nobody has. */
int relevo_exit_of(int pidfd, struct relevo_exit *exit);

#endif
