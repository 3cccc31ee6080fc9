#define _GNU_SOURCE
#include "syscalls.h"

#include <sys/mman.h>

int relevo_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
