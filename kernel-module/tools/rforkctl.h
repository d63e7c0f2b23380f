/* SPDX-License-Identifier: GPL-2.0 */
/* What rforkctl's files share. */
#ifndef RFORKCTL_H
#define RFORKCTL_H

#include <stdbool.h>
#include <stdint.h>
#include <rfork.h>

struct options {
	bool json;
	int argc;
	char **argv;
	/* Of restore: the program's own arguments end at "--". */
};

extern bool json_output;

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...);
/* Fills in the head, calls, and ends the program with the module's words on an error. */
int request(int device, unsigned long command, void *argument);
/* The same, but returns the errno as a negative number. */
int try_request(int device, unsigned long command, void *argument);
int open_device(void);
uint64_t parse_number(const char *text, const char *what);

/* options.c: --name VALUE and --flag, in any order; each is used up when read. */
const char *option(struct options *options, const char *name);
bool flag(struct options *options, const char *name);
const char *operand(struct options *options, const char *what);
void no_more(struct options *options);

/* identity.c */
void read_boot_id(uint8_t id[RFORK_ID_BYTES]);
void read_machine_id(struct options *options, uint8_t id[RFORK_ID_BYTES]);

/* output.c: one record, as text or as JSON. */
void record_begin(void);
void record_number(const char *name, uint64_t value);
void record_signed(const char *name, int64_t value);
void record_text(const char *name, const char *value);
void record_counters(const struct rfork_counters *counters);
void record_end(void);
void list_begin(void);
void list_end(void);

int command_restore(struct options *options);

#endif
