/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The programs of steering.bpf.c, which place new flows by load. */
#define RELEVO_BALANCED
#include "steering.bpf.c"
