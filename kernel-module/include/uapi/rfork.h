/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* The rfork device's interface. */
#ifndef _UAPI_RFORK_H
#define _UAPI_RFORK_H
#include <linux/ioctl.h>
#include <linux/types.h>
#define RFORK_UAPI_VERSION 1
#endif
