// SPDX-License-Identifier: MIT
// An address within a block is freed.
#include <stdlib.h>

int main(void)
{
    char *buffer = malloc(64); // allocated
    volatile size_t skipped = 4;
    free(buffer + skipped); // crash
}
