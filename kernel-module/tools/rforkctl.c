// SPDX-License-Identifier: GPL-2.0
/* rforkctl: the command line of the rfork device. */
#include <stdio.h>
#include <rfork.h>
int main(void) { printf("rforkctl uapi %d\n", RFORK_UAPI_VERSION); return 0; }
