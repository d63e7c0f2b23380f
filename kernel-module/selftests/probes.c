// SPDX-License-Identifier: GPL-2.0
/* Probes that others (perf, bpftrace) set in code: of a child, before and after its restore, and of a parent. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include "phases.h"
#include "selftest.h"

#define PAGES 64

#define TRACING "/sys/kernel/tracing"
static volatile long calls;

__attribute__((noinline, noclone)) static void probed(void)
{
	asm volatile("nop\n nop\n nop\n nop" : : : "memory");
	calls++;
}

/* Its place in this program's file. */
static unsigned long offset_of(void (*function)(void), char *file)
{
	unsigned long start, end, offset, found = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];

	check(maps != NULL);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx %*s %*s %255s", &start, &end, &offset, file) == 4 &&
		    (uintptr_t)function >= start && (uintptr_t)function < end)
			break;
	found = (uintptr_t)function - start + offset;
	fclose(maps);
	return found;
}

static void define_probe(void)
{
	char file[256], definition[512];
	unsigned long offset = offset_of(probed, file);
	int events;

	mount("tracefs", TRACING, "tracefs", 0, NULL);
	events = open(TRACING "/uprobe_events", O_WRONLY | O_TRUNC);
	if (events < 0)
		skip("no probes of user programs");
	snprintf(definition, sizeof(definition), "p:selftest/probed %s:0x%lx\n", file, offset);
	check_equal(write(events, definition, strlen(definition)), strlen(definition));
	close(events);
}

static void set_probe(bool on)
{
	write_to(TRACING "/events/selftest/probed/enable", on ? "1" : "0");
}

static unsigned long hits(void)
{
	FILE *profile = fopen(TRACING "/uprobe_profile", "r");
	char file[256], name[64];
	unsigned long count = 0;

	check(profile != NULL);
	check_equal(fscanf(profile, "%255s %63s %lu", file, name, &count), 3);
	fclose(profile);
	return count;
}

static void remove_probe(void)
{
	set_probe(false);
	write_to(TRACING "/uprobe_events", "-:selftest/probed");
}

/* Calls what is probed once for each phase, ends after the third. */
static void be_probed(void)
{
	calls = 0;
	for (int phase = 1; phase <= 3; phase++) {
		wait_for(phase);
		probed();
		check_equal(calls, phase);
	}
	child_exit();
}

/* Its child is probed; no probe is set yet. */
static uint64_t image_to_probe(void)
{
	uint64_t image;

	define_probe();
	make_arena(PAGES);
	probed();
	if (checkpoint_self(&image))
		be_probed();
	return image;
}

static void wait_hits(unsigned long count)
{
	for (int i = 0; hits() < count && i < 5000; i++)
		usleep(1000);
	usleep(20000);
	check_equal(hits(), count);
}

static void probe_in_a_child_is_its_own(void)
{
	uint64_t image = image_to_probe();
	pid_t pid;

	pid = restore_image(image, NULL);
	wait_restored(pid);
	set_probe(true);
	tell(pid, 1);
	wait_hits(1);
	set_probe(false);
	tell(pid, 2);
	usleep(100000);
	set_probe(true);
	tell(pid, 3);
	wait_child(pid);
	check_equal(hits(), 2);
	remove_probe();
	/* The image's code has no breakpoint. */
	pid = restore_image(image, NULL);
	wait_restored(pid);
	tell(pid, 3);
	wait_child(pid);
	delete_image(image);
}

static void probe_from_before_is_set_in_a_child(void)
{
	uint64_t image = image_to_probe();
	pid_t pid;

	set_probe(true);
	pid = restore_image(image, NULL);
	wait_restored(pid);
	for (int phase = 1; phase <= 3; phase++) {
		tell(pid, phase);
		wait_hits(phase);
	}
	wait_child(pid);
	remove_probe();
	delete_image(image);
}

static void probed_parent_is_refused(void)
{
	uint64_t image;

	define_probe();
	probed();
	set_probe(true);
	refused("probes in code");
	/* Also one that was probed: where its instructions are stepped through is no state of its own. */
	probed();
	check_equal(hits(), 1);
	remove_probe();
	if (checkpoint_self(&image)) {
		calls = 0;
		probed();
		check_equal(calls, 1);
		child_exit();
	}
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

const struct test_case probe_cases[] = {
	{ "probe-in-a-childs-code-is-its-own", probe_in_a_child_is_its_own },
	{ "probe-from-before-a-restore-is-set-in-the-child", probe_from_before_is_set_in_a_child },
	{ "probed-code-is-refused", probed_parent_is_refused },
	{ }
};
