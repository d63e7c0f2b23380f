// SPDX-License-Identifier: GPL-2.0
/*
 * Starts shell commands that another machine sends and returns their output and exit codes, any number of
 * them at a time. In a guest it is the first process after init, and its line is a virtio-serial port; on a
 * host (--stdio) its line is standard input and output, which SSH connects.
 *
 * Both directions carry frames: three little-endian 32-bit words (kind, job, length), then length bytes.
 *
 *   host to guest   START  length of command, command, standard input    KILL  signal number
 *   guest to host   READY  kernel release    STDOUT, STDERR  data    EXIT  exit code, or 128 + signal
 *
 * A guest whose host program is gone powers off. On a host, jobs are killed when the line is cut or has been
 * silent for a minute; they run without address-space randomisation and huge pages, whatever the host has.
 *
 * A job ends with its first process. Pipes that its descendants still hold stay open and are read on,
 * so that a background process is neither blocked nor ended by SIGPIPE.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT_NAME "cxlsim.agent"
#define NR_JOBS 256
#define SILENCE_MS 60000

enum { START = 1, KILL, READY = 16, STDOUT, STDERR, EXIT };

struct job {
	uint32_t id;
	pid_t pid;		/* 0 once reaped */
	int output[2];		/* standard output and error, -1 once at end of file */
	int used;
};

static struct job jobs[NR_JOBS];
static int port;
static int port_out;
static int on_host;
static int host_was_there;	/* a frame has come: from now on its absence means its end */

static void die(const char *what)
{
	fprintf(stderr, "agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* There is nobody left to work for. */
static void end(void)
{
	if (!on_host)
		reboot(RB_POWER_OFF);
	for (int i = 0; i < NR_JOBS; i++)
		if (jobs[i].used && jobs[i].pid)
			kill(-jobs[i].pid, SIGKILL);
	exit(0);
}

static void write_all(int fd, const void *data, size_t length)
{
	while (length) {
		ssize_t done = write(fd, data, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0 && on_host && fd == port_out)
			end();
		if (done <= 0)
			die("write");
		data = (const char *)data + done;
		length -= done;
	}
}

static void read_all(int fd, void *data, size_t length)
{
	while (length) {
		ssize_t done = read(fd, data, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0) {
			if (host_was_there || on_host)
				end();
			usleep(100000);
			continue;
		}
		if (done < 0)
			die("read");
		data = (char *)data + done;
		length -= done;
	}
}

static void send_frame(uint32_t kind, uint32_t id, const void *data, uint32_t length)
{
	uint32_t head[3] = { kind, id, length };

	write_all(port_out, head, sizeof(head));
	write_all(port_out, data, length);
}

static int open_port(void)
{
	char path[300], name[64];
	struct dirent *entry;
	DIR *dir = opendir("/sys/class/virtio-ports");

	while (dir && (entry = readdir(dir))) {
		FILE *f;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		name[0] = 0;
		if (fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = 0;
		fclose(f);
		if (strcmp(name, PORT_NAME))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		closedir(dir);
		return open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	errno = ENODEV;
	return -1;
}

static void run_child(const char *command, int input, int output, int error)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0)
		_exit(126);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

static void refuse(uint32_t id, const char *why)
{
	int32_t code = 126;

	send_frame(STDERR, id, why, strlen(why));
	send_frame(EXIT, id, &code, sizeof(code));
}

static void start(uint32_t id, const char *payload, uint32_t length)
{
	int out[2], err[2], input;
	uint32_t sz_command;
	struct job *job = NULL;
	char *command;

	for (int i = 0; i < NR_JOBS && !job; i++)
		if (!jobs[i].used)
			job = &jobs[i];
	if (!job || length < sizeof(sz_command))
		return refuse(id, "agent: too many jobs\n");
	memcpy(&sz_command, payload, sizeof(sz_command));
	payload += sizeof(sz_command);
	length -= sizeof(sz_command);
	if (sz_command > length)
		return refuse(id, "agent: malformed frame\n");
	command = strndup(payload, sz_command);

	if (length > sz_command) {
		input = memfd_create("stdin", MFD_CLOEXEC);
		if (input >= 0) {
			write_all(input, payload + sz_command, length - sz_command);
			lseek(input, 0, SEEK_SET);
		}
	} else {
		input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	if (!command || input < 0 || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		die("pipe");

	job->pid = fork();
	if (job->pid < 0)
		die("fork");
	if (!job->pid)
		run_child(command, input, out[1], err[1]);
	free(command);
	close(input);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	job->id = id;
	job->output[0] = out[0];
	job->output[1] = err[0];
	job->used = 1;
}

static void forward(struct job *job, int stream)
{
	static char data[65536];

	/* Bounded, so that one chatty job cannot keep the others waiting; far more than a pipe holds. */
	for (int turn = 0; turn < 64 && job->output[stream] >= 0; turn++) {
		ssize_t length = read(job->output[stream], data, sizeof(data));

		if (length > 0) {
			send_frame(STDOUT + stream, job->id, data, length);
			continue;
		}
		if (length < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		close(job->output[stream]);
		job->output[stream] = -1;
	}
}

/* The driver learns a port's name from the host some time after it has found the port. */
static int wait_for_port(void)
{
	int found = -1;

	for (int tries = 0; tries < 1000 && (found = open_port()) < 0; tries++)
		usleep(20000);
	return found;
}

static void release(struct job *job)
{
	job->used = job->pid || job->output[0] >= 0 || job->output[1] >= 0;
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < NR_JOBS; i++) {
			int32_t code = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
							   : WEXITSTATUS(status);

			if (!jobs[i].used || jobs[i].pid != pid)
				continue;
			forward(&jobs[i], 0);
			forward(&jobs[i], 1);
			send_frame(EXIT, jobs[i].id, &code, sizeof(code));
			jobs[i].pid = 0;
			release(&jobs[i]);
		}
	}
}

static void receive(void)
{
	uint32_t head[3], sig;
	char *payload;

	read_all(port, head, sizeof(head));
	host_was_there = 1;
	payload = malloc(head[2] + 1);
	if (!payload)
		die("malloc");
	read_all(port, payload, head[2]);
	if (head[0] == START) {
		start(head[1], payload, head[2]);
	} else if (head[0] == KILL && head[2] == sizeof(sig)) {
		memcpy(&sig, payload, sizeof(sig));
		for (int i = 0; i < NR_JOBS; i++)
			if (jobs[i].used && jobs[i].pid && jobs[i].id == head[1])
				kill(-jobs[i].pid, sig);
	}
	free(payload);
}

/* What a job inherits must not depend on the host's settings. */
static void use_stdio(void)
{
	on_host = 1;
	port = 0;
	port_out = 1;
	signal(SIGPIPE, SIG_IGN);
	personality(ADDR_NO_RANDOMIZE);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

int main(int argc, char **argv)
{
	struct pollfd polled[2 + 2 * NR_JOBS];
	struct signalfd_siginfo info;
	struct utsname name;
	sigset_t set;
	int signals, ready;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (argc > 1 && !strcmp(argv[1], "--stdio"))
		use_stdio();
	else
		port = port_out = wait_for_port();
	if (port < 0 || signals < 0)
		die("no port " PORT_NAME);
	uname(&name);
	send_frame(READY, 0, name.release, strlen(name.release));

	for (;;) {
		polled[0] = (struct pollfd){ .fd = port, .events = POLLIN };
		polled[1] = (struct pollfd){ .fd = signals, .events = POLLIN };
		for (int i = 0; i < 2 * NR_JOBS; i++) {
			struct job *job = &jobs[i / 2];

			polled[2 + i] = (struct pollfd){
				.fd = job->used ? job->output[i % 2] : -1,
				.events = POLLIN,
			};
		}
		ready = poll(polled, 2 + 2 * NR_JOBS, on_host ? SILENCE_MS : -1);
		if (ready < 0 && errno != EINTR)
			die("poll");
		if (ready == 0)
			end();
		if (polled[0].revents & (POLLIN | POLLHUP))
			receive();
		for (int i = 0; i < 2 * NR_JOBS; i++)
			if (polled[2 + i].revents && jobs[i / 2].used) {
				forward(&jobs[i / 2], i % 2);
				release(&jobs[i / 2]);
			}
		while (read(signals, &info, sizeof(info)) > 0)
			reap();
	}
}
