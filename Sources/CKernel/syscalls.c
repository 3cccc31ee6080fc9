#define _GNU_SOURCE
#include "syscalls.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int relevo_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int relevo_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }
