// SPDX-License-Identifier: MIT
/*
 * Functions that overrun buffers or start a shell do not compile in this project. CMake includes
 * this header in front of every source of ours.
 */
#ifndef LAB_BANNED_H
#define LAB_BANNED_H

// The declarations must have been seen before the names are poisoned.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets system strtok mktemp tmpnam

#endif
