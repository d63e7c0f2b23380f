/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of each attribute of a process; docs/state-table.md is made from it. */
#ifndef STATE_TABLE_H
#define STATE_TABLE_H
void print_state_table(void);
#endif
