// SPDX-License-Identifier: MIT
/*
 * The runner's request for one check, as JSON on descriptor 3 of GRADER --serve: serve.c reads it,
 * alone.c writes one.
 */
#ifndef KIT_SERVE_REQUEST_H
#define KIT_SERVE_REQUEST_H

#include <cjson/cJSON.h>

#include "core.h"

#define REQUEST_MOST 65536 // bytes of a message

struct request {
    struct kit_request kit;
    cJSON *json; // holds the strings
    struct strings environment, hidden;
};

// Takes the JSON over. False: something is missing, and *out_missing names it.
bool request_read(cJSON *json, struct request *out, const char **out_missing);
void request_release(struct request *request);
// Sets grader_env's variables in this process.
void request_set_environment(const struct request *request);

#endif
