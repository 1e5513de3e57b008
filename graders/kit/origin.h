// SPDX-License-Identifier: MIT
/*
 * The origins of a check, as the kit's files share them.
 *
 *   origin.c          making one, its name, what it has seen
 *   origin_script.c   what a check says that it does
 *   origin_work.c     the scripted servers at work, wherever the kit waits
 *   incoming.c        requests that the program sent; incoming_rules.c: read strictly
 *   expect_request.c  expectations about them
 */
#ifndef KIT_ORIGIN_H
#define KIT_ORIGIN_H

#include "net.h"
#include "scripted/server.h"

struct origin_request {
    struct kit_connection *connection;
    size_t offset, length; // in what the program sent on it
};

struct kit_origin {
    struct scripted_server server;
    const char *host;                    // "127.0.0.1:41753"
    struct kit_connection **connections; // by the server's index
    size_t connection_count;
    struct origin_request *requests;
    size_t request_count;
    size_t read;  // of them, by kit_read_request
    char *target; // of the next turn that is begun
    const struct origin_request *unexpected;
    struct kit_origin *next;
};

// ---- origin_work.c
// All of them, or NULL; the one that was made first.
struct kit_origin *origins_first(void);
// Opens the script as a further origin of the check.
struct kit_origin *origin_open(struct script *script);
// Waits until nothing is on its way between the program, which has ended, and the origins.
void origins_drain(void);

#endif
