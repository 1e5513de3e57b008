// SPDX-License-Identifier: 0BSD
// A site that caches understand. `lab lesson` says what it has to do.
#define _GNU_SOURCE // for strptime()
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "files.h"
#include "http.h"

// To do: read the variables of the environment here, or where you need them.
bool app_start(void)
{
    return true;
}

void app_answer(const struct request *request, struct page *answer)
{
    // To do: GET /docs/NAME is the file NAME.
    (void)request;
    page_text(answer, 501, "nothing is done yet");
}

void app_stop(void)
{
}
