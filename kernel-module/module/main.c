// SPDX-License-Identifier: GPL-2.0
/* rfork: remote fork over CXL memory; module entry. */
#include <linux/module.h>
#include "rfork.h"
static int __init rfork_init(void) { return 0; }
static void __exit rfork_exit(void) { }
module_init(rfork_init);
module_exit(rfork_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Remote fork over CXL memory");
