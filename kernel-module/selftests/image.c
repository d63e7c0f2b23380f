// SPDX-License-Identifier: GPL-2.0
#include "selftest.h"
const struct test_case image_cases[] = { { } };
