/* SPDX-License-Identifier: GPL-2.0 */
/* The words of a slot, for those that move it through its life. */
#ifndef RFORK_SLOT_H
#define RFORK_SLOT_H
#include "rfork-module.h"
struct rfork_slot *rfork_slot_of(u32 slot);
bool rfork_slot_may_write(u32 slot);
u64 rfork_slot_read(struct rfork_slot *slot);
bool rfork_word_change(u64 *word, u64 from, u64 to);
bool rfork_slot_change(struct rfork_slot *slot, u64 from, u64 to);
u64 rfork_slot_word(enum rfork_state state);
void rfork_slot_set(struct rfork_slot *slot, enum rfork_state state);
bool rfork_slot_is_committed(u32 slot, u64 image);
u64 rfork_slot_holds(u32 slot);
u64 rfork_slot_image(u32 slot);
void rfork_slot_set_count(u32 slot, u64 count);
u64 rfork_slot_give_up(u32 slot, u64 word);
u32 rfork_slot_user(struct rfork_slot *slot, u64 *count);
#endif
