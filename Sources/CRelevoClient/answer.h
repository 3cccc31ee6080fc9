#ifndef RELEVO_ANSWER_H
#define RELEVO_ANSWER_H

#include <errno.h>

/* What a system call gave, its error as a negative number. */
static inline int answer(int result) { return result == -1 ? -errno : result; }

#endif
