#define _GNU_SOURCE
#include "syscalls.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/mman.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int relevo_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int relevo_compare_descriptors(int one, int other) {
    /* The thread's own table, where it has one. */
    pid_t self = gettid();
    return (int)syscall(SYS_kcmp, self, self, KCMP_FILE, one, other);
}

int relevo_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

ssize_t relevo_folder_entries(int folder, void *names, size_t capacity) {
    /* A name with its record is never shorter than the name alone, so the names fit. */
    char entries[32768];
    size_t room = sizeof entries < capacity ? sizeof entries : capacity;
    char *out = names;
    while (out == names) {
        long length = syscall(SYS_getdents64, folder, entries, room);
        if (length <= 0) return length;
        for (long at = 0; at < length;) {
            /* struct linux_dirent64: the record's length at 16, the name at 19. */
            unsigned short record;
            memcpy(&record, entries + at + 16, sizeof record);
            const char *name = entries + at + 19;
            at += record;
            if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
            size_t size = strlen(name) + 1;
            memcpy(out, name, size);
            out += size;
        }
    }
    return out - (char *)names;
}

int relevo_accept(int listener, int non_blocking) {
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC | (non_blocking ? SOCK_NONBLOCK : 0));
}
