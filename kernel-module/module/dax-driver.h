/* SPDX-License-Identifier: GPL-2.0 */
/* The driver that DAX devices are bound to. */
#ifndef RFORK_DAX_DRIVER_H
#define RFORK_DAX_DRIVER_H
int rfork_dax_init(void);
void rfork_dax_exit(void);
#endif
