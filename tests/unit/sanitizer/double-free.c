// SPDX-License-Identifier: MIT
// A block that is freed twice.
#include <stdlib.h>

static void close_client(char *buffer)
{
    free(buffer); // crash
}

int main(void)
{
    char *buffer = malloc(64); // allocated
    free(buffer);              // freed
    close_client(buffer);      // caller
}
