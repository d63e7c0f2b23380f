// SPDX-License-Identifier: GPL-2.0
/*
 * Rows of the state table that come from the caller: the parent, then the process that will restore,
 * change one thing each in a different way; the child must find what the caller found.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "moved-program.h"

static void add(char *words, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(char *words, const char *fmt, ...)
{
	size_t used = strlen(words);
	va_list args;

	va_start(args, fmt);
	vsnprintf(words + used, WORDS_BYTES - used, fmt, args);
	va_end(args);
}

/* The lines of a /proc file that start with @start. */
static void add_lines(char *words, const char *path, const char *start)
{
	FILE *file = fopen(path, "r");
	char line[256];

	if (!file)
		return add(words, "no %s\n", path);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, start, strlen(start)))
			add(words, "%s", line);
	fclose(file);
}

static void write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY);

	if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
		skip("%s cannot be written here", path);
	close(file);
}

/* The terminal's other end is descriptor 0, which is never the parent's in a child. */
static void session_of_parent(void)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);

	if (terminal < 0 || unlockpt(terminal))
		skip("no pseudo terminals");
	check(setsid() > 0);
	check_equal(dup2(terminal, 0), 0);
	close(terminal);
	terminal = open(ptsname(0), O_RDWR);
	check(terminal >= 0);
	close(terminal);
}

static void session_of_caller(void)
{
	check_equal(setpgid(0, 0), 0);
}

static void look_at_session(char *words)
{
	char stat[512];
	FILE *file = fopen("/proc/self/stat", "r");
	int terminal;

	check(fgets(stat, sizeof(stat), file));
	fclose(file);
	check_equal(sscanf(strrchr(stat, ')'), ") %*c %*d %*d %*d %d", &terminal), 1);
	add(words, "session %d group %d terminal %d", getsid(0), getpgrp(), terminal);
}

static void credentials_of_parent(void)
{
	int login = open("/proc/self/loginuid", O_WRONLY);

	/* Where there is an audit that knows it. */
	if (login >= 0)
		check_equal(write(login, "7", 1), 1);
	close(login);
	check_equal(setgroups(1, &(gid_t){ 7 }), 0);
	check_equal(setresgid(65534, 65534, 65534), 0);
	check_equal(setresuid(65534, 65534, 65534), 0);
}

static void credentials_of_caller(void)
{
	check_equal(prctl(PR_CAPBSET_DROP, 16 /* CAP_SYS_MODULE */, 0, 0, 0), 0);
	check_equal(prctl(PR_SET_SECUREBITS, 4, 0, 0, 0), 0);
	check_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
}

static void look_at_credentials(char *words)
{
	static const char *const lines[] = { "Uid", "Gid", "Groups", "Cap", "NoNewPrivs" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		add_lines(words, "/proc/self/status", lines[i]);
	add(words, "securebits %d", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
	add_lines(words, "/proc/self/loginuid", "");
}

static void limit(int resource, rlim_t value)
{
	check_equal(setrlimit(resource, &(struct rlimit){ value, value }), 0);
}

static void limits_of_parent(void)
{
	limit(RLIMIT_NOFILE, 77);
	limit(RLIMIT_CORE, 0);
}

static void limits_of_caller(void)
{
	limit(RLIMIT_NOFILE, 88);
	limit(RLIMIT_CORE, 1 << 20);
}

static void look_at_limits(char *words)
{
	for (int i = 0; i < RLIMIT_NLIMITS; i++) {
		struct rlimit found;

		check_equal(getrlimit(i, &found), 0);
		add(words, "%d %lx %lx,", i, found.rlim_cur, found.rlim_max);
	}
}

static void scheduling_of_parent(void)
{
	check_equal(sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ }), 0);
	check_equal(setpriority(PRIO_PROCESS, 0, 5), 0);
	check_equal(prctl(PR_SET_TIMERSLACK, 77777, 0, 0, 0), 0);
	check_equal(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 7), 0);
	write_file("/proc/self/oom_score_adj", "500");
}

static void scheduling_of_caller(void)
{
	check_equal(setpriority(PRIO_PROCESS, 0, 3), 0);
	write_file("/proc/self/oom_score_adj", "300");
}

static void look_at_scheduling(char *words)
{
	add(words, "policy %d nice %d slack %d io %ld ", sched_getscheduler(0),
	    getpriority(PRIO_PROCESS, 0), prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0),
	    syscall(SYS_ioprio_get, 1, 0));
	add_lines(words, "/proc/self/oom_score_adj", "");
}

static void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	check_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

static void affinity_of_parent(void)
{
	unsigned long node0 = 1;

	pin_to(0);
	syscall(SYS_set_mempolicy, 1 /* MPOL_PREFERRED */, &node0, 64);
}

static void affinity_of_caller(void)
{
	pin_to(1);
}

static void look_at_affinity(char *words)
{
	int mode = -1;

	add_lines(words, "/proc/self/status", "Cpus_allowed_list");
	syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, 0);
	add(words, "memory policy %d", mode);
}

static void control_group(const char *path)
{
	char procs[128];

	mkdir(path, 0755);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	write_file(procs, "0");
}

static void group_of_parent(void)
{
	control_group("/sys/fs/cgroup/of-the-parent");
}

static void group_of_caller(void)
{
	control_group("/sys/fs/cgroup/of-the-caller");
}

/* Of version 1, and of no controller. */
#define HIERARCHY "/run/rfork-hierarchy"

static void group_in_hierarchy(const char *path)
{
	mkdir(HIERARCHY, 0755);
	if (access(HIERARCHY "/tasks", F_OK) &&
	    mount("none", HIERARCHY, "cgroup", 0, "none,name=rfork-selftest"))
		skip("no control groups of version 1");
	control_group(path);
}

static void older_group_of_parent(void)
{
	group_in_hierarchy(HIERARCHY "/of-the-parent");
}

static void older_group_of_caller(void)
{
	group_in_hierarchy(HIERARCHY "/of-the-caller");
}

static void look_at_group(char *words)
{
	add_lines(words, "/proc/self/cgroup", "");
}

static void namespaces_of_parent(void)
{
	if (unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWCGROUP))
		skip("no namespaces");
	check_equal(sethostname("parent", 6), 0);
}

static void namespaces_of_caller(void)
{
	check_equal(unshare(CLONE_NEWUTS | CLONE_NEWIPC), 0);
	check_equal(sethostname("caller", 6), 0);
}

static void look_at_namespaces(char *words)
{
	static const char *const kinds[] = { "uts", "ipc", "net", "mnt", "cgroup", "user", "pid" };
	char path[64], link[64], host[64];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ssize_t bytes;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		bytes = readlink(path, link, sizeof(link) - 1);
		add(words, "%.*s ", (int)bytes, link);
	}
	check_equal(gethostname(host, sizeof(host)), 0);
	add(words, "%s", host);
}

/* The working directory, and the program, have the same names in both roots. */
static void root_of_parent(void)
{
	if (unshare(CLONE_NEWNS))
		skip("no mount namespaces");
	check_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	mkdir("/tmp/inside", 0755);
	mkdir("/tmp/root", 0755);
	check_equal(mount("none", "/tmp/root", "tmpfs", 0, NULL), 0);
	mkdir("/tmp/root/tmp", 0755);
	check_equal(mount("/tmp", "/tmp/root/tmp", NULL, MS_BIND, NULL), 0);
	check_equal(chroot("/tmp/root"), 0);
	check_equal(chdir("/tmp/inside"), 0);
}

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* Its own stays as it is. */
static void clock_of_children_of_parent(void)
{
	if (unshare(CLONE_NEWTIME))
		skip("no time namespaces");
}

static void look_at_clock_of_children(char *words)
{
	char own[64] = "", childrens[64] = "";

	check(readlink("/proc/self/ns/time", own, sizeof(own) - 1) > 0);
	check(readlink("/proc/self/ns/time_for_children", childrens, sizeof(childrens) - 1) > 0);
	add(words, "children have %s", strcmp(own, childrens) ? "another" : "the same");
}

static void nothing(void)
{
}

static void look_at_root(char *words)
{
	struct stat about;

	check_equal(stat("/", &about), 0);
	add(words, "%lu %lu", about.st_dev, about.st_ino);
}

static void settings_of_parent(void)
{
	check_equal(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
	check_equal(prctl(PR_SET_PDEATHSIG, 10, 0, 0, 0), 0);
	check_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	check_equal(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
	check_equal(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0), 0);
}

static void settings_of_caller(void)
{
	write_file("/proc/self/coredump_filter", "0x7");
	check_equal(prctl(PR_SET_PDEATHSIG, 12, 0, 0, 0), 0);
}

static void look_at_settings(char *words)
{
	int death, reaper;

	prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0);
	prctl(PR_GET_CHILD_SUBREAPER, &reaper, 0, 0, 0);
	add(words, "dumpable %d death %d reaper %d thp %d mce %d ",
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), death, reaper,
	    prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
	add_lines(words, "/proc/self/coredump_filter", "");
}

/* Each fault of the parent is counted once, and none of them in the child. */
#define USED_PAGES 20000

static void usage_of_parent(void)
{
	char *memory = mmap(NULL, USED_PAGES * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(memory != MAP_FAILED);
	check_equal(madvise(memory, USED_PAGES * PAGE, MADV_NOHUGEPAGE), 0);
	for (size_t i = 0; i < USED_PAGES; i++)
		memory[i * PAGE] = 1;
	check_equal(munmap(memory, USED_PAGES * PAGE), 0);
}

static void look_at_usage(char *words)
{
	struct rusage usage;

	check_equal(getrusage(RUSAGE_SELF, &usage), 0);
	add(words, "%s faults", usage.ru_minflt < USED_PAGES ? "few" : "many");
}

static void descriptors_of_parent(void)
{
	int file = open("/dev/null", O_RDWR);

	check_equal(dup2(file, 2), 2);
	close(file);
}

static void descriptors_of_caller(void)
{
	int file = open("/tmp/of-the-caller", O_RDWR | O_CREAT, 0600);

	check_equal(dup2(file, 2), 2);
	close(file);
}

static void look_at_descriptors(char *words)
{
	char path[256];
	ssize_t bytes = readlink("/proc/self/fd/2", path, sizeof(path));

	add(words, "%.*s", (int)bytes, path);
}

static const struct row {
	const char *name;
	void (*parent)(void), (*caller)(void), (*look)(char *words);
	uint64_t told;			/* what the restore says of it */
} rows[] = {
	{ "session", session_of_parent, session_of_caller, look_at_session, RFORK_DIFFERS_SESSION },
	{ "credentials", credentials_of_parent, credentials_of_caller, look_at_credentials,
	  RFORK_DIFFERS_CREDENTIALS },
	{ "limits", limits_of_parent, limits_of_caller, look_at_limits, RFORK_DIFFERS_LIMITS },
	{ "scheduling", scheduling_of_parent, scheduling_of_caller, look_at_scheduling,
	  RFORK_DIFFERS_SCHEDULING },
	{ "affinity", affinity_of_parent, affinity_of_caller, look_at_affinity,
	  RFORK_DIFFERS_AFFINITY },
	{ "control-group", group_of_parent, group_of_caller, look_at_group, RFORK_DIFFERS_CGROUP },
	{ "older-control-group", older_group_of_parent, older_group_of_caller, look_at_group,
	  RFORK_DIFFERS_CGROUP },
	{ "namespaces", namespaces_of_parent, namespaces_of_caller, look_at_namespaces,
	  RFORK_DIFFERS_NAMESPACES },
	{ "namespaces-of-children", clock_of_children_of_parent, nothing, look_at_clock_of_children,
	  RFORK_DIFFERS_NAMESPACES },
	{ "root", root_of_parent, nothing, look_at_root, RFORK_DIFFERS_ROOT },
	{ "settings", settings_of_parent, settings_of_caller, look_at_settings,
	  RFORK_DIFFERS_SETTINGS },
	{ "usage", usage_of_parent, nothing, look_at_usage, 0 },
	{ "descriptors", descriptors_of_parent, descriptors_of_caller, look_at_descriptors, 0 },
	{ }
};

static const struct row *row;

static void run_row(const char *name)
{
	for (row = rows; strcmp(row->name, name); row++)
		;
	row->parent();
	row->look(board->in_parent);
	if (await_move())
		row->look(board->in_child);
}

static void prepare(void)
{
	row->caller();
	row->look(board->in_caller);
}

static void comes_from_the_caller(const char *name)
{
	for (row = rows; strcmp(row->name, name); row++)
		;
	move(name, prepare);
	check_equal(differences & row->told, row->told);
	if (strcmp(board->in_child, board->in_caller))
		printf("# parent: %s\n# caller: %s\n# child: %s\n", board->in_parent,
		       board->in_caller, board->in_child);
	check(board->in_child[0]);
	check(strcmp(board->in_parent, board->in_caller));
	check(!strcmp(board->in_child, board->in_caller));
}

#define ROW(function, name)								\
	static void function##_program(void) { run_row(name); }			\
	static void function##_case(void) { comes_from_the_caller(name); }
ROW(session, "session")
ROW(credentials, "credentials")
ROW(limits, "limits")
ROW(scheduling, "scheduling")
ROW(affinity, "affinity")
ROW(control_group, "control-group")
ROW(older_group, "older-control-group")
ROW(namespaces, "namespaces")
ROW(namespaces_of_children, "namespaces-of-children")
ROW(root, "root")
ROW(settings, "settings")
ROW(usage, "usage")
ROW(descriptors, "descriptors")

static void alike_program(void)
{
	await_move();
}

const struct program caller_programs[] = {
	{ "alike", alike_program },
	{ "session", session_program },
	{ "credentials", credentials_program },
	{ "limits", limits_program },
	{ "scheduling", scheduling_program },
	{ "affinity", affinity_program },
	{ "control-group", control_group_program },
	{ "older-control-group", older_group_program },
	{ "namespaces", namespaces_program },
	{ "namespaces-of-children", namespaces_of_children_program },
	{ "root", root_program },
	{ "settings", settings_program },
	{ "usage", usage_program },
	{ "descriptors", descriptors_program },
	{ }
};

/* Nothing is told where nothing differs. */
static void alike_case(void)
{
	move("alike", NULL);
	check_equal(differences, 0);
}

const struct test_case caller_cases[] = {
	{ "nothing-is-told-of-a-child-like-its-parent", alike_case },
	{ "session-and-terminal-are-the-callers", session_case },
	{ "credentials-are-the-callers", credentials_case },
	{ "limits-are-the-callers", limits_case },
	{ "scheduling-is-the-callers", scheduling_case },
	{ "affinity-and-memory-policy-are-the-callers", affinity_case },
	{ "control-group-is-the-callers", control_group_case },
	{ "control-group-of-version-1-is-the-callers", older_group_case },
	{ "namespaces-are-the-callers", namespaces_case },
	{ "namespaces-of-children-are-the-callers", namespaces_of_children_case },
	{ "root-directory-is-the-callers", root_case },
	{ "settings-of-the-process-are-the-callers", settings_case },
	{ "usage-is-the-callers", usage_case },
	{ "descriptors-0-1-2-are-the-callers", descriptors_case },
	{ }
};
