// SPDX-License-Identifier: GPL-2.0
/* The record of one checkpoint on its way, kept by everybody who takes part. */
#include <linux/sched/task.h>
#include "session.h"

static void free_session(struct kref *refs)
{
	struct rfork_session *session = container_of(refs, struct rfork_session, refs);
	u32 i;

	for (i = 0; i < session->nr_threads; i++)
		put_task_struct(session->parkings[i].task);
	kvfree(session->xstates);
	kvfree(session->threads);
	kvfree(session);
}

void rfork_session_put(struct rfork_session *session)
{
	kref_put(&session->refs, free_session);
}

struct rfork_session *rfork_session_new(struct rfork_checkpoint *arg)
{
	struct rfork_session *session = kvzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return NULL;
	kref_init(&session->refs);
	session->arg = arg;
	mutex_init(&session->lock);
	init_completion(&session->parked);
	init_completion(&session->build);
	init_completion(&session->built);
	init_completion(&session->release);
	session->xstate_bytes = rfork_xstate_bytes();
	session->threads = kvcalloc(RFORK_MAX_THREADS, sizeof(*session->threads), GFP_KERNEL);
	session->xstates = kvcalloc(RFORK_MAX_THREADS, session->xstate_bytes, GFP_KERNEL);
	if (!session->threads || !session->xstates) {
		rfork_session_put(session);
		return NULL;
	}
	return session;
}
