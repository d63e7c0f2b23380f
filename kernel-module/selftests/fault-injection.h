/* SPDX-License-Identifier: GPL-2.0 */
/* Faults that a kernel with fault injection makes. */
#ifndef FAULT_INJECTION_H
#define FAULT_INJECTION_H

#include <stdbool.h>

/* No operation has as many allocations. */
#define MOST 2000

/* The n-th allocation of this thread fails. Returns false where the kernel cannot do this. */
bool arm(int nth);
/* Whether the failure that was asked for has happened. It may also hit the very calls that ask. */
bool happened(void);
/* Whether this kernel can; then it may fail each allocation. */
bool can_inject(void);
/* Skips the case on other kernels. */
void needs_injection(void);

#endif
