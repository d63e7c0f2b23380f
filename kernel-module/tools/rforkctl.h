/* SPDX-License-Identifier: GPL-2.0 */
/* What rforkctl's files share. */
#ifndef RFORKCTL_H
#define RFORKCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <rfork.h>

struct options {
	int argc;
	char **argv;
	char **program;			/* what follows "--", or NULL */
	const char *usage;		/* of the command */
};

extern bool json_output;

/* Ends the program with one line: what is wrong; what would be right. */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...);

/* device.c */
void use_descriptor(int number);	/* instead of opening the device */
int open_device(void);
/* Fills in the head, calls, and ends the program with the module's words on an error. */
void request(int device, unsigned long command, void *argument);

/* options.c: --name VALUE and --flag, in any order; each is used up when read. */
bool flag(struct options *options, const char *name);
const char *option(struct options *options, const char *name);
/* Its number in [least, most], or the default when it is not there. */
/* @text as a number; @what names it if it is none. */
uint64_t number(const char *text, const char *what, uint64_t least, uint64_t most);
uint64_t number_option(struct options *options, const char *name, uint64_t least, uint64_t most,
		       uint64_t otherwise);
uint64_t needed_number(struct options *options, const char *name, uint64_t least, uint64_t most);
/* A size or an address: K, M and G multiply. */
uint64_t size_option(struct options *options, const char *name, uint64_t otherwise);
/* The index of its value among the names, which end with NULL; 0 when it is not there. */
int choice(struct options *options, const char *name, const char *const names[]);
/* Of an option that may be there several times: one bit for each index. */
uint32_t choices(struct options *options, const char *name, const char *const names[]);
/* One bit for each --inherit-fd. */
uint64_t inherited_fds(struct options *options);
uint64_t operand(struct options *options, const char *what, uint64_t most);
void no_more(struct options *options);

/* identity.c */
void read_boot_id(uint8_t id[RFORK_ID_BYTES]);
void read_machine_id(struct options *options, uint8_t id[RFORK_ID_BYTES]);

/* output.c: records as "name value" lines or as JSON objects. */
struct field {
	const char *name;
	size_t offset;
	enum { FIELD_U32, FIELD_S32, FIELD_U64, FIELD_TEXT } kind;
};
/* A user names checkpoints; the interface's members name their images by the same number. */
#define FIELD_AS(shown, type, name) {							\
	shown, offsetof(type, name),							\
	_Generic(((type *)NULL)->name, __u32: FIELD_U32, __s32: FIELD_S32,		\
		 __u64: FIELD_U64, char *: FIELD_TEXT)					\
}
#define FIELD(type, name) FIELD_AS(#name, type, name)
#define record_fields(fields, from)							\
	record_fields_of(fields, sizeof(fields) / sizeof((fields)[0]), from)
void record_begin(void);
void record_fields_of(const struct field *fields, size_t count, const void *from);
void record_number(const char *name, uint64_t value);
void record_text(const char *name, const char *value);
void record_end(void);
void list_begin(const char *name);	/* NULL: not inside a record */
void list_text(const char *value);
void list_end(void);

/* trust.c */
void record_trust(void);

/* One file per subject. */
int command_attach(struct options *options);
int command_detach(struct options *options);
int command_format(struct options *options);
int command_info(struct options *options);
int command_recover(struct options *options);
int command_checkpoint(struct options *options);
int command_list(struct options *options);
int command_delete(struct options *options);
int command_verify(struct options *options);
int command_restore(struct options *options);
int command_restrict(struct options *options);
int command_scan(struct options *options);
int command_hint(struct options *options);
int command_migrate(struct options *options);
int command_stats(struct options *options);

#endif
