#define _GNU_SOURCE
#include "privileges.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

int relevo_keep_capabilities(uint64_t capabilities) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    for (int half = 0; half < 2; half++) {
        data[half].effective = data[half].permitted = (uint32_t)(capabilities >> 32 * half);
    }
    return (int)syscall(SYS_capset, &header, data);
}
