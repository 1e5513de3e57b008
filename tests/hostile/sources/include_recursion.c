// SPDX-License-Identifier: MIT
/*
 * Tries: a file that includes itself for ever
 * Held by: construction
 * Told: nested depth .* exceeds maximum
 * Points: 0
 * Kind: source
 */
#include "hostile.h"
#include "server.c"
