#ifndef RELEVO_CKERNEL_H
#define RELEVO_CKERNEL_H

/* System calls that Swift cannot make: variadic ones, CMSG macros, clone3 and what follows it.
   One topic a pair of files; every function returns -1 with errno on failure. */

#include "accounts.h"
#include "arguments.h"
#include "batch.h"
#include "diagnostics.h"
#include "events.h"
#include "message.h"
#include "notices.h"
#include "options.h"
#include "privileges.h"
#include "processes.h"
#include "reaping.h"
#include "refusals.h"
#include "spawn.h"
#include "syscalls.h"

#endif
