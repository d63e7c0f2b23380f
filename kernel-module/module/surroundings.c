// SPDX-License-Identifier: GPL-2.0
/*
 * What a child has of its restorer and not of its parent, one word for each kind: at the checkpoint
 * the words are the parent's, at the restore they are compared with the caller's.
 *
 * Words are equal on two nodes where the process means the same there: a namespace says only whether
 * it is the machine's own.
 */
#include <linux/audit.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/fs_struct.h>
#include <linux/mempolicy.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/xxhash.h>
#include "rfork-module.h"

static u64 mix(u64 word, const void *bytes, size_t length)
{
	return xxh64(bytes, length, word);
}

static u64 mix_number(u64 word, u64 number)
{
	return mix(word, &number, sizeof(number));
}

static u64 credentials(void)
{
	const struct cred *cred = current_cred();
	const u32 ids[] = {
		__kuid_val(cred->uid), __kuid_val(cred->euid), __kuid_val(cred->suid),
		__kuid_val(cred->fsuid), __kgid_val(cred->gid), __kgid_val(cred->egid),
		__kgid_val(cred->sgid), __kgid_val(cred->fsgid),
		__kuid_val(audit_get_loginuid(current)),
		cred->securebits, task_no_new_privs(current),
	};
	u64 word = mix(0, ids, sizeof(ids));

	word = mix(word, &cred->cap_inheritable, sizeof(kernel_cap_t));
	word = mix(word, &cred->cap_permitted, sizeof(kernel_cap_t));
	word = mix(word, &cred->cap_effective, sizeof(kernel_cap_t));
	word = mix(word, &cred->cap_bset, sizeof(kernel_cap_t));
	word = mix(word, &cred->cap_ambient, sizeof(kernel_cap_t));
	return mix(word, cred->group_info->gid,
		   cred->group_info->ngroups * sizeof(cred->group_info->gid[0]));
}

static u64 limits(void)
{
	struct rlimit found[RLIM_NLIMITS];

	task_lock(current->group_leader);
	memcpy(found, current->signal->rlim, sizeof(found));
	task_unlock(current->group_leader);
	return mix(0, found, sizeof(found));
}

static u64 scheduling(void)
{
	const u64 found[] = {
		current->policy, current->static_prio, current->rt_priority,
		current->timer_slack_ns, current->sched_reset_on_fork,
		current->io_context ? current->io_context->ioprio : 0,
		(u64)current->signal->oom_score_adj,
	};

	return mix(0, found, sizeof(found));
}

static u64 affinity(void)
{
	u64 word = 0;

	/* All of a node are not as many as all of another. */
	if (!cpumask_subset(cpu_online_mask, current->cpus_ptr))
		word = mix(1, cpumask_bits(current->cpus_ptr), BITS_TO_LONGS(nr_cpu_ids) * sizeof(long));
#ifdef CONFIG_NUMA
	task_lock(current);
	if (current->mempolicy)
		word = mix_number(mix_number(word, current->mempolicy->mode),
				  current->mempolicy->nodes.bits[0]);
	task_unlock(current);
#endif
	return word;
}

static u64 settings(void)
{
	const u64 found[] = {
		READ_ONCE(current->mm->flags) & (MMF_INIT_MASK | BIT(MMF_DISABLE_THP)),
		current->pdeath_signal, current->signal->is_child_subreaper,
		current->flags & (PF_MCE_EARLY | PF_MCE_PROCESS),
	};

	return mix(0, found, sizeof(found));
}

static u64 namespaces(void)
{
	const struct nsproxy *mine = current->nsproxy, *own = init_task.nsproxy;

	return (mine->uts_ns == own->uts_ns) | (mine->ipc_ns == own->ipc_ns) << 1 |
	       (mine->mnt_ns == own->mnt_ns) << 2 | (mine->net_ns == own->net_ns) << 3 |
	       (mine->cgroup_ns == own->cgroup_ns) << 4 |
	       (task_active_pid_ns(current) == &init_pid_ns) << 5 |
	       (current_user_ns() == &init_user_ns) << 6 |
	       (mine->pid_ns_for_children == task_active_pid_ns(current)) << 7 |
	       (mine->time_ns_for_children == mine->time_ns) << 8;
}

/*
 * A directory of a file system, or another one than what the machine began with: whatever mount
 * leads there, since each mount namespace has its own.
 */
static u64 root(void)
{
	struct path found, first;
	u64 word;

	get_fs_root(current->fs, &found);
	get_fs_root(init_task.fs, &first);
	word = (found.dentry == found.mnt->mnt_root) | (found.dentry == first.dentry) << 1;
	path_put(&first);
	path_put(&found);
	return word;
}

#ifdef CONFIG_CGROUPS
/* As in the kernel's own cgroup-internal.h: one for each hierarchy, of version 2 and of version 1. */
struct cgrp_cset_link {
	struct cgroup *cgrp;
	struct css_set *cset;
	struct list_head cset_link;
	struct list_head cgrp_link;
};
#endif

/* Roots do not count, so a node that has not mounted a hierarchy is like one that has. */
static u64 control_group(void)
{
	u64 word = 0;
#ifdef CONFIG_CGROUPS
	/* One for all, used under the lock: what cannot be allocated would have to be told, and to be refused. */
	static char path[PATH_MAX];
	struct cgrp_cset_link *link;
	struct css_set *set;

	spin_lock_irq(rfork_sym.css_set_lock);
	set = rcu_dereference_protected(current->cgroups, true);
	list_for_each_entry(link, &set->cgrp_links, cgrp_link) {
		struct cgroup_root *root = link->cgrp->root;
		u64 one;

		if (link->cgrp == &root->cgrp)
			continue;
		cgroup_path(link->cgrp, path, sizeof(path));
		one = mix(root->subsys_mask, root->name, strnlen(root->name, sizeof(root->name)));
		/* In whatever order. */
		word += mix(one, path, strnlen(path, sizeof(path)));
	}
	spin_unlock_irq(rfork_sym.css_set_lock);
#endif
	return word;
}

static u64 session(void)
{
	return (current->signal->leader ? 1 : 0) | (READ_ONCE(current->signal->tty) ? 2 : 0);
}

/* In the order of RFORK_DIFFERS_... */
static u64 (*const kinds[RFORK_SURROUNDINGS])(void) = {
	credentials, limits, scheduling, affinity, settings, namespaces, root, control_group,
	session,
};

static const struct {
	u64 bit;
	const char *name;
} names[] = RFORK_DIFFERENCE_NAMES;

/* Of the running process. */
void rfork_surroundings_save(u64 words[RFORK_SURROUNDINGS])
{
	int i;

	for (i = 0; i < RFORK_SURROUNDINGS; i++)
		words[i] = kinds[i]();
}

int rfork_surroundings_refuse(u64 differ, struct rfork_reason *why)
{
	char text[128] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(differ & names[i].bit))
			continue;
		strlcat(text, text[0] ? ", " : "", sizeof(text));
		strlcat(text, names[i].name, sizeof(text));
	}
	return differ ? rfork_refuse(why, -EOPNOTSUPP, "the child would not be like its parent in: %s", text) :
			0;
}

/* One bit for each kind in which the running process is not as they say. */
u64 rfork_surroundings_differ(const u64 words[RFORK_SURROUNDINGS])
{
	u64 differ = 0;
	int i;

	for (i = 0; i < RFORK_SURROUNDINGS; i++)
		differ |= (u64)(kinds[i]() != words[i]) << i;
	return differ;
}
