// SPDX-License-Identifier: GPL-2.0
/*
 * Whether an image is whole, of this kernel, and says nothing that could harm it.
 *
 * The records are copied to local memory first. Their checksum is compared before any of them is
 * believed, then what they say; and the copy is what is used, so what other nodes write there later
 * does not matter. Leaves and pages stay where they are: a node that means harm can change those
 * after the check. Leaves built locally are safe even then, because they come from the checked
 * records alone.
 */
#include <linux/sched/signal.h>
#include <linux/utsname.h>
#include <linux/xxhash.h>
#include "rfork-module.h"
#include "kernel-object.h"
#include "trace.h"
#include "validate.h"
#include "vma.h"

static bool section_fits(const struct rfork_section *section, u64 bytes, size_t item, u64 limit)
{
	return section->offset >= sizeof(struct rfork_image_header) && section->offset <= bytes &&
	       IS_ALIGNED(section->offset, 64) && section->count <= limit && item &&
	       section->count <= (bytes - section->offset) / item;
}

/* The hints come last, outside the checksum and so outside the copy of the records. */
static bool sections_fit(const struct rfork_image_header *header)
{
	const struct rfork_section *strings = &header->strings;
	u64 bytes = header->hints.offset;

	return section_fits(&header->threads, bytes, sizeof(struct rfork_thread), 64) &&
	       header->threads.count >= 1 &&
	       section_fits(&header->xstates, bytes, header->xstate_bytes, 64) &&
	       header->xstates.count == header->threads.count &&
	       section_fits(&header->vmas, bytes, sizeof(struct rfork_vma), 1 << 20) &&
	       section_fits(&header->files, bytes, sizeof(struct rfork_open_file), 1 << 20) &&
	       section_fits(&header->watches, bytes, sizeof(struct rfork_watch), 1 << 20) &&
	       section_fits(&header->pipe_bytes, bytes, 1, 1 << 28) &&
	       section_fits(&header->shared, bytes, sizeof(struct rfork_shared), 1 << 20) &&
	       section_fits(&header->shared_pages, bytes, sizeof(struct rfork_shared_page),
			    1ULL << 32) &&
	       section_fits(&header->leaves, bytes, sizeof(struct rfork_leaf), 1 << 24) &&
	       section_fits(&header->pages, bytes, sizeof(u64), 1ULL << 32) &&
	       section_fits(&header->hints, header->bytes, 1, 1ULL << 32) &&
	       header->hints.count == header->pages.count &&
	       section_fits(strings, bytes, 1, 1 << 24) &&
	       (!strings->count ||
		!((const char *)rfork_section(header, strings))[strings->count - 1]);
}

static bool string_ok(const struct rfork_image_header *header, u64 string, bool may_lack)
{
	return string == RFORK_NO_STRING ? may_lack : string < header->strings.count;
}

/* What is shared is a file's, or shared memory of the image; never both. */
static bool origin_ok(const struct rfork_image_header *header, const struct rfork_vma *vma)
{
	bool has_file = vma->file.path != RFORK_NO_STRING;

	if (vma->shared)
		return vma->shared <= header->shared.count && vma->flags & VM_SHARED && !has_file &&
		       vma->pgoff <= PHYS_PFN(TASK_SIZE_MAX);
	return has_file || !(vma->flags & VM_SHARED);
}

static bool shared_ok(const struct rfork_image_header *header, u64 image)
{
	const struct rfork_shared *shared = rfork_section(header, &header->shared);
	const struct rfork_shared_page *pages = rfork_section(header, &header->shared_pages);
	u64 first = 0, i, p;

	for (i = 0; i < header->shared.count; i++) {
		if (!shared[i].bytes || !PAGE_ALIGNED(shared[i].bytes) ||
		    shared[i].bytes > TASK_SIZE_MAX || shared[i].flags & ~VM_NORESERVE ||
		    shared[i].first_page != first ||
		    shared[i].pages > header->shared_pages.count - first)
			return false;
		for (p = first; p < first + shared[i].pages; p++)
			if (pages[p].index >= shared[i].bytes >> PAGE_SHIFT ||
			    (p > first && pages[p].index <= pages[p - 1].index) ||
			    !PAGE_ALIGNED(pages[p].offset) ||
			    !rfork_extent_owned(image, pages[p].offset, PAGE_SIZE))
				return false;
		first += shared[i].pages;
	}
	return first == header->shared_pages.count;
}

static bool vmas_ok(const struct rfork_image_header *header)
{
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);
	u64 end = 0, i;

	for (i = 0; i < header->vmas.count; end = vmas[i++].end)
		if (!PAGE_ALIGNED(vmas[i].start) || !PAGE_ALIGNED(vmas[i].end) ||
		    vmas[i].start < end || vmas[i].end <= vmas[i].start ||
		    vmas[i].end > TASK_SIZE_MAX || !string_ok(header, vmas[i].file.path, true) ||
		    !origin_ok(header, &vmas[i]))
			return false;
	return true;
}

static bool differences_ok(const struct rfork_image_header *header)
{
	return !(header->lacks & ~(u64)RFORK_LACKS_ALL);
}

static bool files_ok(const struct rfork_image_header *header)
{
	const struct rfork_open_file *files = rfork_section(header, &header->files);
	u64 i;

	for (i = 0; i < header->files.count; i++)
		if (files[i].fd < 3 || files[i].fd > 1 << 20 || files[i].same_as > i ||
		    (i && files[i].fd <= files[i - 1].fd) ||
		    !string_ok(header, files[i].file.path, files[i].kind != RFORK_FILE_PATH))
			return false;
	return rfork_objects_ok(header) && string_ok(header, header->exe, true) &&
	       string_ok(header, header->cwd, false);
}

/* Places that the kernel keeps of an address space: it trusts their order. */
static bool places_ok(const struct rfork_image_header *header)
{
	const u64 ranges[][2] = {
		{ header->start_code, header->end_code }, { header->start_data, header->end_data },
		{ header->start_brk, header->brk }, { header->arg_start, header->arg_end },
		{ header->env_start, header->env_end }, { header->start_stack, header->mmap_base },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		if (ranges[i][0] > TASK_SIZE_MAX || ranges[i][1] > TASK_SIZE_MAX ||
		    (i < ARRAY_SIZE(ranges) - 1 && ranges[i][0] > ranges[i][1]))
			return false;
	return PAGE_ALIGNED(header->vdso) && header->vdso < TASK_SIZE_MAX;
}

/* Readers of /proc/PID/auxv and core dumps look for its end, which must be inside. */
static bool auxv_ok(const struct rfork_image_header *header)
{
	size_t words = sizeof(current->mm->saved_auxv) / sizeof(u64);

	return !header->auxv[words - 2] && !header->auxv[words - 1];
}

/* A process that handles or blocks these two could not be ended. */
static bool actions_ok(const struct rfork_image_header *header)
{
	const u64 never = sigmask(SIGKILL) | sigmask(SIGSTOP);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(header->actions); i++)
		if (header->actions[i].mask & never ||
		    (never & BIT_ULL(i) && (u64)header->actions[i].handler != (u64)SIG_DFL))
			return false;
	return true;
}

/*
 * What the checksum covers of the run [@there, @there + @bytes), which is known to be the image's,
 * in memory of the caller's: bytes that no other node can change. Only the checksum and what it
 * takes to compute it are looked at.
 */
static struct rfork_image_header *copy_records(const struct rfork_image_header *there, u64 image,
					       u64 bytes, struct rfork_reason *why)
{
	u64 summed = bytes < sizeof(*there) ? 0 : READ_ONCE(there->hints.offset);
	struct rfork_image_header *records;
	int error = 0;

	if (summed < sizeof(*there) || summed > bytes)
		return ERR_PTR(rfork_refuse(why, -EBADMSG, "checkpoint %llu has no valid header", image));
	records = kvmalloc(summed, GFP_KERNEL | __GFP_NOWARN);
	if (!records)
		return ERR_PTR(-ENOMEM);
	memcpy(records, there, summed);
	if (records->magic != RFORK_IMAGE_MAGIC || records->header_bytes != sizeof(*records) ||
	    records->bytes != bytes || records->hints.offset != summed)
		error = rfork_refuse(why, -EBADMSG, "checkpoint %llu has no valid header", image);
	else if (records->version != RFORK_FORMAT_VERSION)
		error = rfork_refuse(why, -EPROTONOSUPPORT,
				     "checkpoint %llu has format %u; this module reads format %u", image,
				     records->version, RFORK_FORMAT_VERSION);
	else if (records->checksum != rfork_checksum_metadata(records, summed))
		error = rfork_refuse(why, -EBADMSG,
				     "checkpoint %llu is damaged: its records' checksum is wrong", image);
	if (!error)
		return records;
	kvfree(records);
	return ERR_PTR(error);
}

/* Without looking at leaves: records whose checksum is right. */
static int validate_records(const struct rfork_image_header *header, u64 image,
			    struct rfork_reason *why)
{
	if (header->generation != rfork_region->generation || header->image != image)
		return rfork_refuse(why, -ESTALE,
				    "checkpoint %llu is of an earlier use of the region; delete it", image);
	if (!IS_ALIGNED(header->base, SZ_2M) || header->base >> 52 ||
	    header->region_bytes != rfork_region->bytes)
		return rfork_refuse(why, -EBADMSG, "checkpoint %llu was made in another region", image);
	if (strncmp(header->release, init_utsname()->release, sizeof(header->release)))
		return rfork_refuse(why, -ENOEXEC, "checkpoint %llu is of kernel %.63s; this is %s", image,
				    header->release, init_utsname()->release);
	if (header->vdso_checksum != rfork_vdso_checksum())
		return rfork_refuse(why, -ENOEXEC,
				    "checkpoint %llu was made with another vDSO; it needs the same kernel",
				    image);
	if (header->xfeatures != rfork_xfeatures() || header->xstate_bytes != rfork_xstate_bytes())
		return rfork_refuse(why, -ENOEXEC,
				    "checkpoint %llu was made on a CPU with another FPU state layout; it needs such a one",
				    image);
	if (!sections_fit(header) || !vmas_ok(header) ||
	    !shared_ok(header, image) || !files_ok(header) || !differences_ok(header) ||
	    !places_ok(header) || !auxv_ok(header) ||
	    !actions_ok(header) || !rfork_registrations_ok(header))
		return rfork_refuse(why, -EBADMSG, "checkpoint %llu has inconsistent records", image);
	return 0;
}

static int validate_all(struct rfork_image_ref *ref, u64 *entries, struct rfork_reason *why)
{
	u64 image = rfork_image_id(ref), i;
	const struct rfork_slot *on_media = &rfork_region->slots[RFORK_IMAGE_SLOT(image)];
	u64 metadata = READ_ONCE(on_media->metadata), bytes = READ_ONCE(on_media->metadata_bytes);
	struct rfork_image_header *header;
	int error;

	if (!PAGE_ALIGNED(metadata) || !rfork_extent_owned(image, metadata, bytes))
		return rfork_refuse(why, -EBADMSG, "checkpoint %llu lies outside its extents", image);
	rfork_invalidate(rfork_at(metadata), bytes);
	header = copy_records(rfork_at(metadata), image, bytes, why);
	if (IS_ERR(header))
		return PTR_ERR(header);
	error = validate_records(header, image, why) ?:
		rfork_validate_tables(header, image, why);
	if (error) {
		kvfree(header);
		return error;
	}
	if (rfork_region->software) {
		const u64 *records = rfork_section(header, &header->pages);
		const struct rfork_shared_page *shared =
			rfork_section(header, &header->shared_pages);

		/* This node may still cache what an earlier image kept in these pages. */
		for (i = 0; i < header->pages.count; i++)
			rfork_invalidate(rfork_at(RFORK_RECORD_OFFSET(records[i])), PAGE_SIZE);
		for (i = 0; i < header->shared_pages.count; i++)
			rfork_invalidate(rfork_at(shared[i].offset), PAGE_SIZE);
	}
	*entries = header->leaves.count * PTRS_PER_PTE;
	rfork_image_set_records(ref, header, rfork_at(metadata + header->hints.offset));
	return 0;
}

/* All of an image once per node; the verdict stays with the image. */
int rfork_validate_leaves(struct rfork_image_ref *ref, struct rfork_validation *cost,
			  struct rfork_reason *why)
{
	u64 started = ktime_get_ns(), entries = 0, duration_ns;
	int error;

	mutex_lock(rfork_image_verdict_lock(ref));
	if (rfork_image_header(ref)) {
		mutex_unlock(rfork_image_verdict_lock(ref));
		return 0;
	}
	error = validate_all(ref, &entries, why);
	mutex_unlock(rfork_image_verdict_lock(ref));
	duration_ns = ktime_get_ns() - started;
	rfork_count_add(NULL, entries_validated, entries);
	rfork_count_add(NULL, validation_ns, duration_ns);
	trace_rfork_validate(rfork_image_id(ref), entries, duration_ns, error);
	if (cost)
		*cost = (struct rfork_validation){ entries, duration_ns };
	return error;
}

/* The pages' bytes, if the image has their checksum. */
int rfork_validate_data(const struct rfork_image_header *header, struct rfork_reason *why)
{
	const u64 *records = rfork_section(header, &header->pages);
	const struct rfork_shared_page *shared = rfork_section(header, &header->shared_pages);
	u64 checksum = 0, i;

	if (!header->has_data_checksum)
		return rfork_refuse(why, -ENODATA,
				    "checkpoint %llu was made without a checksum over its pages",
				    header->image);
	for (i = 0; i < header->pages.count; i++) {
		checksum = xxh64(rfork_at(RFORK_RECORD_OFFSET(records[i])), PAGE_SIZE, checksum);
		cond_resched();
	}
	for (i = 0; i < header->shared_pages.count; i++) {
		checksum = xxh64(rfork_at(shared[i].offset), PAGE_SIZE, checksum);
		cond_resched();
	}
	return checksum == header->data_checksum ? 0 :
	       rfork_refuse(why, -EBADMSG, "checkpoint %llu is damaged: its pages' checksum is wrong",
			    header->image);
}
