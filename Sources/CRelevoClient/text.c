#define _GNU_SOURCE
#include "relevo_system.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int relevo_sys_address_text(const struct relevo_sys_address *address, char *text) {
    char host[INET6_ADDRSTRLEN];
    int is_six = address->family == 6;
    if (inet_ntop(is_six ? AF_INET6 : AF_INET, address->bytes, host, sizeof host) == NULL)
        return -EAFNOSUPPORT;
    return snprintf(text, 64, is_six ? "[%s]:%u" : "%s:%u", host, (unsigned)address->port);
}

/* The digits at the end of the text: 1 to 5, no leading zero but for 0 itself. */
static long parse_port(const char *text) {
    size_t count = strlen(text);
    long port = 0;
    if (count == 0 || count > 5 || (text[0] == '0' && count > 1)) return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') return -1;
        port = port * 10 + (*text - '0');
    }
    return port <= UINT16_MAX ? port : -1;
}

int relevo_sys_parse_address(const void *text, size_t count, struct relevo_sys_address *address) {
    char copy[64];
    memset(address, 0, sizeof *address);
    if (count >= sizeof copy || memchr(text, 0, count) != NULL) return -EINVAL;
    memcpy(copy, text, count);
    copy[count] = '\0';
    char *colon = strrchr(copy, ':');
    if (colon == NULL) return -EINVAL;
    long port = parse_port(colon + 1);
    if (port < 0) return -EINVAL;
    *colon = '\0';
    char *host = copy;
    int is_six = copy[0] == '[' && colon > copy + 1 && colon[-1] == ']';
    if (is_six) {
        host++;
        colon[-1] = '\0';
    }
    if (inet_pton(is_six ? AF_INET6 : AF_INET, host, address->bytes) != 1) return -EINVAL;
    address->family = is_six ? 6 : 4;
    address->port = (uint16_t)port;
    return 0;
}
