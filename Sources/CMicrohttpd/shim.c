#include "CMicrohttpd.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/socket.h>

struct server {
    struct MHD_Daemon *daemon;
    relevo_http_asked asked;
    relevo_http_noticed noticed;
    void *context;
};

// What it complains of, a request that is none, say, is its client's affair.
static void say_nothing(void *context, const char *format, va_list arguments) {
    (void)context, (void)format, (void)arguments;
}

static enum MHD_Result ask(
    void *context, struct MHD_Connection *connection, const char *path, const char *method,
    const char *version, const char *data, size_t *size, void **state) {
    (void)version, (void)data, (void)state;
    // What a client sends besides is let go of.
    if (*size > 0) {
        *size = 0;
        return MHD_YES;
    }
    const struct server *server = context;
    const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept");
    return server->asked(server->context, (uintptr_t)connection, method, path, accept) ? MHD_YES : MHD_NO;
}

static void notice(
    void *context, struct MHD_Connection *connection, void **state,
    enum MHD_ConnectionNotificationCode what) {
    (void)state;
    const struct server *server = context;
    server->noticed(server->context, (uintptr_t)connection, what == MHD_CONNECTION_NOTIFY_STARTED);
}

uintptr_t relevo_http_start(
    int listener, unsigned connections, unsigned idle_seconds, size_t request_bytes,
    relevo_http_asked asked, relevo_http_noticed noticed, void *context) {
    struct server *server = malloc(sizeof *server);
    if (!server) return 0;
    *server = (struct server){.asked = asked, .noticed = noticed, .context = context};
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, ask, server,
        // The first of all: it is for what is wrong with the others as well.
        MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listener,
        MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, request_bytes,
        MHD_OPTION_NOTIFY_CONNECTION, notice, server,
        MHD_OPTION_END);
    if (server->daemon) return (uintptr_t)server;
    free(server);
    return 0;
}

int relevo_http_events(uintptr_t daemon) {
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(((struct server *)daemon)->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? fcntl(info->epoll_fd, F_DUPFD_CLOEXEC, 3) : -1;
}

int64_t relevo_http_run(uintptr_t daemon) {
    struct MHD_Daemon *own = ((struct server *)daemon)->daemon;
    MHD_run(own);
    MHD_UNSIGNED_LONG_LONG wait = 0;
    if (MHD_get_timeout(own, &wait) != MHD_YES) return -1;
    return wait < 60000 ? (int64_t)wait : 60000;
}

void relevo_http_stop(uintptr_t daemon) {
    struct server *server = (struct server *)daemon;
    MHD_stop_daemon(server->daemon);
    free(server);
}

void relevo_http_suspend(uintptr_t connection) {
    MHD_suspend_connection((struct MHD_Connection *)connection);
}

void relevo_http_resume(uintptr_t connection) {
    MHD_resume_connection((struct MHD_Connection *)connection);
}

void relevo_http_cut(uintptr_t connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        (struct MHD_Connection *)connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info) shutdown(info->connect_fd, SHUT_RDWR);
}

uintptr_t relevo_http_response(const void *body, size_t length, const char *media_type) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)body, MHD_RESPMEM_MUST_COPY);
    if (!response) return 0;
    const char *const fields[][2] = {
        {"Content-Type", media_type},
        {"Connection", "close"},
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
    };
    for (size_t at = 0; at < sizeof fields / sizeof *fields; at++) {
        if (MHD_add_response_header(response, fields[at][0], fields[at][1]) != MHD_YES) {
            MHD_destroy_response(response);
            return 0;
        }
    }
    return (uintptr_t)response;
}

void relevo_http_release(uintptr_t response) { MHD_destroy_response((struct MHD_Response *)response); }

int relevo_http_answer(uintptr_t connection, unsigned status, uintptr_t response) {
    return MHD_queue_response(
               (struct MHD_Connection *)connection, status, (struct MHD_Response *)response) == MHD_YES;
}
