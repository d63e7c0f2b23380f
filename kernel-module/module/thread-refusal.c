// SPDX-License-Identifier: GPL-2.0
/*
 * What single threads of a process can have of their own and an image has but once: all threads of a
 * child have what their restorer has.
 */
#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "rfork-module.h"

static bool same_groups(const struct group_info *one, const struct group_info *other)
{
	return one == other ||
	       (one->ngroups == other->ngroups &&
		!memcmp(one->gid, other->gid, one->ngroups * sizeof(one->gid[0])));
}

static bool same_capabilities(const struct cred *one, const struct cred *other)
{
	return !memcmp(&one->cap_inheritable, &other->cap_inheritable, sizeof(kernel_cap_t)) &&
	       !memcmp(&one->cap_permitted, &other->cap_permitted, sizeof(kernel_cap_t)) &&
	       !memcmp(&one->cap_effective, &other->cap_effective, sizeof(kernel_cap_t)) &&
	       !memcmp(&one->cap_bset, &other->cap_bset, sizeof(kernel_cap_t)) &&
	       !memcmp(&one->cap_ambient, &other->cap_ambient, sizeof(kernel_cap_t));
}

static bool same_credentials(struct task_struct *thread, struct task_struct *leader)
{
	const struct cred *one, *other;
	bool same;

	rcu_read_lock();
	one = __task_cred(thread);
	other = __task_cred(leader);
	same = one == other ||
	       (uid_eq(one->uid, other->uid) && uid_eq(one->suid, other->suid) &&
		uid_eq(one->euid, other->euid) && uid_eq(one->fsuid, other->fsuid) &&
		gid_eq(one->gid, other->gid) && gid_eq(one->sgid, other->sgid) &&
		gid_eq(one->egid, other->egid) && gid_eq(one->fsgid, other->fsgid) &&
		one->securebits == other->securebits && one->user_ns == other->user_ns &&
		same_groups(one->group_info, other->group_info) &&
		same_capabilities(one, other));
	rcu_read_unlock();
	return same && task_no_new_privs(thread) == task_no_new_privs(leader);
}

/* Only to be compared; none of a task that ends. */
struct namespaces {
	const void *of[7];
};

static struct namespaces namespaces_of(struct task_struct *task)
{
	struct namespaces found = { };
	const struct nsproxy *proxy;

	task_lock(task);
	proxy = task->nsproxy;
	if (proxy)
		found = (struct namespaces){ {
			proxy->uts_ns, proxy->ipc_ns, proxy->mnt_ns, proxy->net_ns,
			proxy->pid_ns_for_children, proxy->time_ns, proxy->cgroup_ns,
		} };
	task_unlock(task);
	return found;
}

static bool same_namespaces(struct task_struct *thread, struct task_struct *leader)
{
	struct namespaces one = namespaces_of(thread), other = namespaces_of(leader);

	return !memcmp(&one, &other, sizeof(one));
}

/* One set stands for all tasks that are in the same groups of all hierarchies. */
static bool same_control_groups(struct task_struct *thread, struct task_struct *leader)
{
#ifdef CONFIG_CGROUPS
	return rcu_access_pointer(thread->cgroups) == rcu_access_pointer(leader->cgroups);
#else
	return true;
#endif
}

int rfork_thread_refuse(struct task_struct *thread, struct task_struct *leader,
			struct rfork_reason *why)
{
	if (leader->flags & PF_EXITING)
		return rfork_refuse(why, -EOPNOTSUPP,
				    "threads: the main thread of process %d has ended", leader->pid);
	if (!same_credentials(thread, leader))
		return rfork_refuse(why, -EOPNOTSUPP, "threads: thread %d has its own credentials",
				    thread->pid);
	if (!same_namespaces(thread, leader))
		return rfork_refuse(why, -EOPNOTSUPP, "threads: thread %d has its own namespaces",
				    thread->pid);
	if (!same_control_groups(thread, leader))
		return rfork_refuse(why, -EOPNOTSUPP, "threads: thread %d has its own control groups",
				    thread->pid);
	if (thread->files != leader->files)
		return rfork_refuse(why, -EOPNOTSUPP,
				    "threads: thread %d has its own descriptor table", thread->pid);
	return 0;
}
