// SPDX-License-Identifier: MIT
// Two kinds of blocks that nobody frees.
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
    return strdup(text); // allocated
}

int main(void)
{
    for (int i = 0; i < 3; i++)
        copy("mango-417")[0] = 'M';   // caller
    volatile char *small = malloc(2); // second
    small = 0;
    (void)small;
}
