/* A UDP program without a library to preload into (gcc -static) that reads its socket with blocking
 * calls: it counts what each client has sent and answers `number` with `number pid count`. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t counts[65536];

int main(int argc, char **argv) {
    struct sockaddr_in here = {.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    here.sin_port = htons(argc > 1 ? (uint16_t)atoi(argv[1]) : 0);
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    if (s < 0 || bind(s, (struct sockaddr *)&here, sizeof here) < 0) {
        perror("bind");
        return 1;
    }
    for (;;) {
        char text[128];
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        ssize_t length = recvfrom(s, text, 64, 0, (struct sockaddr *)&peer, &size);
        if (length < 0) continue;
        int more = snprintf(text + length, sizeof text - (size_t)length, " %d %u", getpid(),
                            ++counts[ntohs(peer.sin_port)]);
        sendto(s, text, (size_t)(length + more), 0, (struct sockaddr *)&peer, size);
    }
}
