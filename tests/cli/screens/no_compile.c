// SPDX-License-Identifier: MIT
// A semicolon is missing, and two names are.
#include <stdio.h>

static const char *greeting(int polite)
{
    if (!polite)
        return "hello"
    return "good evening";
}

int main(void)
{
    int unused;
    puts(greeting(kind));
    return status;
}
