#ifndef RELEVO_PRIVILEGES_H
#define RELEVO_PRIVILEGES_H

#include <stdint.h>

/* Leaves the calling thread these capabilities, of those that it has, and no other. */
int relevo_keep_capabilities(uint64_t capabilities);

#endif
