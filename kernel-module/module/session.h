/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One checkpoint on its way: who asked, the threads that park for it, the one of them that builds.
 */
#ifndef RFORK_SESSION_H
#define RFORK_SESSION_H

#include <linux/kref.h>
#include <linux/task_work.h>
#include "rfork-module.h"

#define RFORK_MAX_THREADS	64

struct rfork_session {
	struct kref refs;
	struct rfork_checkpoint *arg;	/* of the requester; valid until released */
	struct rfork_reason why;
	struct mutex lock;
	u32 nr_threads, nr_parked;
	u32 xstate_bytes;
	bool cancelled;
	bool semaphores;		/* some thread's end would give some back */
	bool other_code;		/* some thread runs code that is no 64-bit code */
	bool unknown_call;		/* some thread is in a call that cannot be made again */
	int error;
	struct completion parked, build, built, release;
	struct rfork_thread *threads;
	void *xstates;
	struct rfork_parking {
		struct callback_head work;
		struct rfork_session *session;
		struct task_struct *task;
		u32 index;
		bool builds;
	} parkings[RFORK_MAX_THREADS];
};

struct rfork_session *rfork_session_new(struct rfork_checkpoint *arg);
void rfork_session_put(struct rfork_session *session);
/* Returns once all threads of the process are parked. */
int rfork_park_all(struct rfork_session *session, struct task_struct *leader,
		   unsigned long deadline);
/* Runs in a thread of the process, all others parked. */
int rfork_build_image(struct rfork_session *session);

#endif
