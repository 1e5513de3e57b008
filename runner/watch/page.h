// SPDX-License-Identifier: MIT
// Pages: what another command of lab prints, shown in place of the report.
#ifndef LAB_WATCH_PAGE_H
#define LAB_WATCH_PAGE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "render/watch_screen.h"
#include "watch/state.h"
#include "watch/worker.h"

// "hint", …; NULL for none. Static.
const char *page_title(enum watch_page page);
// Begins the command, about the first step that failed in the view's attempt, printing for the
// view's width.
bool page_begin(struct worker *worker, enum watch_page page, const struct watch_view *view,
                const char *folder, struct err *err);
// Appends what was read, so that it does no harm to a terminal: styles and lines stay, all other
// control characters become a '?'.
void page_append(struct str *out, const struct str *read);

#endif
