// SPDX-License-Identifier: MIT
// Services: fixtures that the kit starts in the check's cell.
#include "core.h"

size_t kit_services_count(void)
{
    return 0;
}

void kit_services_start(const char *names)
{
    (void)names;
}
