/// What is used of GNU libmicrohttpd. Some of its calls take a variable number of arguments, which Swift cannot make;
/// what is the library's own is a number here, 0 for none.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// A request's fields are there, all of it is, or its connection goes on after a wait: called for each.
/// Returns 0 where the connection is to be closed. `accept` is NULL without such a field.
typedef int (*relevo_http_asked)(
    void *context, uintptr_t connection, const char *method, const char *path, const char *accept);

/// A connection is there, or is gone.
typedef void (*relevo_http_noticed)(void *context, uintptr_t connection, int is_new);

/// Serves on a listening socket, which it owns from then on; 0 where it cannot. It has no thread: the caller waits
/// until the descriptor of relevo_http_events is readable, or for as long as relevo_http_run said.
uintptr_t relevo_http_start(
    int listener, unsigned connections, unsigned idle_seconds, size_t request_bytes,
    relevo_http_asked asked, relevo_http_noticed noticed, void *context);

/// A duplicate of the descriptor that is readable when there is something to do; -1 with errno.
int relevo_http_events(uintptr_t daemon);

/// Does what there is to do; milliseconds until it wants to be called again at the latest, -1 for never.
int64_t relevo_http_run(uintptr_t daemon);

/// Ends all connections; none may be suspended.
void relevo_http_stop(uintptr_t daemon);

/// Has a connection wait; called while its request is told of.
void relevo_http_suspend(uintptr_t connection);
void relevo_http_resume(uintptr_t connection);

/// Ends a connection, whatever stands in it: it is closed when the daemon looks at it again.
void relevo_http_cut(uintptr_t connection);

/// An answer that several connections may be given; it is there until the last of them has it.
uintptr_t relevo_http_response(const void *body, size_t length, const char *media_type);
void relevo_http_release(uintptr_t response);

/// Gives it to a connection; called while its request is told of. Returns 0 where the connection is to be closed.
int relevo_http_answer(uintptr_t connection, unsigned status, uintptr_t response);
