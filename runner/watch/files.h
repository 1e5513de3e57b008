// SPDX-License-Identifier: MIT
/*
 * Saves: what changes in the sources of a folder, told once a save. The kernel's events say when to
 * look; where a file system sends none (a network's, another machine's) the folder is looked at
 * from time to time. What counts is what is found then: editors write by rename, truncate first,
 * leave copies behind.
 */
#ifndef LAB_WATCH_FILES_H
#define LAB_WATCH_FILES_H

#include <stdbool.h>
#include <uv.h>

#include "base/err.h"

enum files_news { FILES_SAVED, FILES_GONE };

struct files;

// Begins to watch; `told` is called from the loop. With `poll` no events are asked for. The folder
// cannot be read: NULL and ENV.
struct files *files_watch(uv_loop_t *loop, const char *folder, bool poll,
                          void (*told)(void *context, enum files_news news), void *context,
                          struct err *err);
// Looks at once, without waiting for an event.
void files_look(struct files *files);
// What is there now is not news any more: it was written by lab itself.
void files_accept(struct files *files);
// Ends; the loop has to run once more, to close.
void files_close(struct files *files);

#endif
