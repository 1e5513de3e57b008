// SPDX-License-Identifier: MIT
// clang-format off
#include <stdio.h>

static const char *greeting(int polite)
{
    if (!polite) // a semicolon is missing below, and two names are
        return "hello"
    return "good evening";
}

int main(void)
{
    int unused;
    puts(greeting(kind));
    return status;
}
