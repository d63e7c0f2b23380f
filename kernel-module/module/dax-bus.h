/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's DAX bus, whose headers are not installed: drivers/dax/{bus,dax-private}.h of Linux
 * 6.1 and 6.12, Copyright(c) 2016 - 2018 Intel Corporation, as far as a driver needs them.
 */
#ifndef RFORK_DAX_BUS_H
#define RFORK_DAX_BUS_H

#include <linux/device.h>
#include <linux/idr.h>
#include <linux/range.h>
#include <linux/version.h>

struct dax_region;
struct dax_device;
struct dax_mapping;

struct dev_dax {
	struct dax_region *region;
	struct dax_device *dax_dev;
	unsigned int align;
	int target_node;
	bool dyn_id;
	int id;
	struct ida ida;
	struct device dev;
	struct dev_pagemap *pgmap;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	bool memmap_on_memory;
#endif
	int nr_range;
	struct dev_dax_range {
		unsigned long pgoff;
		struct range range;
		struct dax_mapping *mapping;
	} *ranges;
};

struct dax_device_driver {
	struct device_driver drv;
	struct list_head ids;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	int match_always;
#else
	/* 0 and 1 are kmem and device_dax; any other is bound by new_id only. */
	int type;
#endif
	int (*probe)(struct dev_dax *dev);
	void (*remove)(struct dev_dax *dev);
};

int __dax_driver_register(struct dax_device_driver *driver, struct module *module,
			  const char *name);
void dax_driver_unregister(struct dax_device_driver *driver);

#endif
