// SPDX-License-Identifier: 0BSD
/*
 * The two servers that the program stands between, given by the lab: parts.c asks the origin (with
 * libcurl) and connects to Redis (with hiredis). What is asked, stored and answered when is yours.
 */
#ifndef PARTS_H
#define PARTS_H

#include <hiredis/hiredis.h>

#include "http.h"

// GET for this target at $ORIGIN_URL. Waits for the whole answer, whatever its status: true, and
// the page is yours (page_free). False: none came. Nobody listens there, the answer was cut off, or
// nothing came for $ORIGIN_TIMEOUT_MS (60000).
//
// Its fields and its body are never NULL. Of the fields the page has those that are for the client.
// Those about the connection and the length of the body are left out: your server makes its own.
bool origin_get(const char *target, struct page *out);
// The same for the method, the target, and the body of a request: PUT, POST, DELETE.
bool origin_forward(const struct request *request, struct page *out);

// Connects to $REDIS_URL. Connecting, and each command on the connection, takes at most so many
// milliseconds; 0: as long as it takes. NULL: no connection. Close it with redisFree().
redisContext *redis_open(int milliseconds);

#endif
