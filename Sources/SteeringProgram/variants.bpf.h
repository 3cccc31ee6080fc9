/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Both variants of what learns sessions. A protocol defines before it:
 *
 * opening_of    the hash of the handshake that a datagram of role KEYED is part of, or 0; bit 0 is set
 *               where it is good for a short time only
 * past_opening  the role of one of role OPENS whose handshake is under way; 0 where its id says nothing
 * take_note     sees a datagram that a handshake or a 4-tuple has told, with the stay of its session;
 *               returns a hash besides its id's that leads to that stay, or 0
 */
#define PLAIN 0
#define IN(name) name##_atomic
#include "learning.bpf.h"
#undef PLAIN
#undef IN
#define PLAIN 1
#define IN(name) name##_plain
#include "learning.bpf.h"
#undef PLAIN
#undef IN
