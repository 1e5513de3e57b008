// SPDX-License-Identifier: MIT
/*
 * What the process that makes an attempt tells the one that shows it: messages through a pipe, one
 * for each step forward.
 */
#ifndef LAB_WATCH_NEWS_H
#define LAB_WATCH_NEWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "grade/attempt.h"
#include "render/watch_screen.h"

struct watch_news {
    enum watch_phase phase;
    size_t done, total;              // checks
    long long number;                // of the attempt; 0: not known yet
    size_t hints_shown, hints_total; // of the first step that failed
    bool has_attempt;
    struct attempt attempt; // as far as it has come; when has_attempt
    struct err fault;       // it cannot be made: kind ERR_NONE when it can
};

// Writes one; attempt and fault may be NULL. Those of news itself are not looked at.
void news_send(int output, const struct watch_news *news, const struct attempt *attempt,
               const struct err *fault);
// Takes the first whole message out of what was read. False: there is none yet. The caller releases
// it. One that is damaged becomes a fault of kind BUG.
bool news_take(struct str *input, const struct lab *lab, struct watch_news *out);
void news_release(struct watch_news *news);

#endif
