/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs of steering.bpf.c that tell nobody who is there: what telling costs is measured against them. */
#define RELEVO_WITHOUT_PEERS
#include "steering.bpf.c"
