// SPDX-License-Identifier: 0BSD
// A cache between clients and a slow origin, kept in Redis. `lab lesson` says what it has to do.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "parts.h"

bool app_start(void)
{
    return true;
}

void app_answer(const struct request *request, struct page *answer)
{
    // To do: ask the origin for request_target(request).
    (void)request;
    page_text(answer, 501, "nothing is done yet");
}

void app_stop(void)
{
}
