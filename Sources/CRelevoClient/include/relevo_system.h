#ifndef RELEVO_SYSTEM_H
#define RELEVO_SYSTEM_H

/*
 * What the client library asks of the kernel. Embedded Swift knows no libc, so nothing of libc's
 * shows here. Every call gives 0 or more, or a negative errno(3) number; EINTR is retried.
 */

#include <stddef.h>
#include <stdint.h>

/* An IP address as it travels: family 0 (none), 4 or 6, bytes in network order, port in the host's. */
struct relevo_sys_address {
    uint16_t family;
    uint16_t port;
    uint32_t scope;
    uint8_t bytes[16];
};

/* What one packet brought besides its bytes. */
struct relevo_sys_arrival {
    uint32_t descriptors;
    /* Descriptors that were sent and that nobody will see: closed, or cut off by the kernel. */
    uint32_t lost;
    /* The packet was longer than the room for it. */
    uint32_t truncated;
};

/* The most descriptors that one packet carries (SCM_MAX_FD). */
#define RELEVO_SYS_MOST_DESCRIPTORS 253

/* The errno(3) numbers that the library tells apart or makes itself. */
enum {
    RELEVO_SYS_NO_ENTRY = 2,
    RELEVO_SYS_IO = 5,
    RELEVO_SYS_AGAIN = 11,
    RELEVO_SYS_NO_MEMORY = 12,
    RELEVO_SYS_NO_ACCESS = 13,
    RELEVO_SYS_BUSY = 16,
    RELEVO_SYS_INVALID = 22,
    RELEVO_SYS_NO_SPACE = 28,
    RELEVO_SYS_PIPE = 32,
    RELEVO_SYS_PROTOCOL = 71,
    RELEVO_SYS_BAD_MESSAGE = 74,
    RELEVO_SYS_TOO_LONG = 90,
    RELEVO_SYS_NOT_SUPPORTED = 95,
    RELEVO_SYS_IN_USE = 98,
    RELEVO_SYS_RESET = 104,
    RELEVO_SYS_NOT_CONNECTED = 107,
    RELEVO_SYS_TIMED_OUT = 110,
    RELEVO_SYS_ALREADY = 114,
};

/* Sockets; all are born CLOEXEC. */
int relevo_sys_socket(int family, int stream);
int relevo_sys_only_six(int socket, int only);
/* 1 or 0; never an error. */
int relevo_sys_is_only_six(int socket);
int relevo_sys_share_port(int socket);
int relevo_sys_may_reuse_address(int socket);
int relevo_sys_bind(int socket, const struct relevo_sys_address *address);
int relevo_sys_connect(int socket, const struct relevo_sys_address *address);
int relevo_sys_listen(int socket, int backlog);
int relevo_sys_local(int socket, struct relevo_sys_address *address);
/* 1 for a datagram socket, 2 for a stream socket, 0 for another or none; never an error. */
int relevo_sys_kind(int descriptor);
/* Gives `socket` what a program sets on a listener: buffers, ancillary data, TOS, O_NONBLOCK. */
int relevo_sys_copy_options(int listener, int socket);
/* A steering program that gives the group's first socket everything; needs no privilege. */
int relevo_sys_steer_to_first(int socket);
int64_t relevo_sys_receive(int socket, void *bytes, size_t capacity,
                           struct relevo_sys_address *source);
int64_t relevo_sys_send(int socket, const void *bytes, size_t count,
                        const struct relevo_sys_address *destination);

/* struct sockaddr and back; 0 is no IP address, or one too short. */
int relevo_sys_read_sockaddr(const void *sockaddr, uint32_t length,
                             struct relevo_sys_address *address);
uint32_t relevo_sys_write_sockaddr(const struct relevo_sys_address *address, void *sockaddr,
                                   uint32_t capacity);
/* "192.0.2.7:4711" or "[2001:db8::7]:4711", ended by NUL; `text` has room for 64. The length. */
int relevo_sys_address_text(const struct relevo_sys_address *address, char *text);
/* The same read; no names of hosts, no spaces, no leading zeros in the port. */
int relevo_sys_parse_address(const void *text, size_t count, struct relevo_sys_address *address);

/* Packets over a UNIX socket; never wait, never raise SIGPIPE. */
int64_t relevo_sys_send_packet(int socket, const void *bytes, size_t count,
                               const int *descriptors, size_t descriptor_count);
int64_t relevo_sys_receive_packet(int socket, void *bytes, size_t capacity, int *descriptors,
                                  size_t descriptor_capacity, struct relevo_sys_arrival *arrival);
/* Whether it is a UNIX SOCK_SEQPACKET socket: 1 or 0. */
int relevo_sys_is_packet_socket(int descriptor);
/* The receive and send room of a packet socket; what is granted may be less. */
int relevo_sys_grow_send_room(int socket, int bytes);
/* A packet socket connected to this path, ended by NUL. */
int relevo_sys_connect_packets(const char *path);
/* One datagram to a path, or to an abstract name with '@' in front. */
int relevo_sys_notify(const char *path, const void *bytes, size_t count, const int *descriptors,
                      size_t descriptor_count);

/* Descriptors, waiting, time. */
void relevo_sys_close(int descriptor);
int relevo_sys_is_open(int descriptor);
int relevo_sys_set_cloexec(int descriptor);
int relevo_sys_set_nonblocking(int descriptor);
int relevo_sys_epoll(void);
int relevo_sys_epoll_add(int epoll, int descriptor);
int relevo_sys_event(void);
/* Readable, or not readable any more. */
int relevo_sys_event_raise(int event);
int relevo_sys_event_clear(int event);
/* Also told when it can be written, or no more. */
int relevo_sys_epoll_writable(int epoll, int descriptor, int wanted);
/* Waits until it can be read or, if asked for, written: 1, or 0 after so many milliseconds. */
int relevo_sys_wait(int descriptor, int writable, int milliseconds);
/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t relevo_sys_monotonic(void);
/* CLOCK_BOOTTIME, which the channel's deadlines are told in. */
uint64_t relevo_sys_boottime(void);
int relevo_sys_random(void *bytes, size_t count);

int relevo_sys_process(void);
/* The variable's value, or NULL. */
const char *relevo_sys_variable(const char *name);
/* Takes a variable out of the environment: while no other thread reads it. */
void relevo_sys_remove_variable(const char *name);

#endif
