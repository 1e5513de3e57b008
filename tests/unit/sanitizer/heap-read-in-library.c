// SPDX-License-Identifier: MIT
// A block without a final NUL is taken for a string.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    char *name = malloc(5); // allocated
    memcpy(name, "mango", 5);
    printf("%zu\n", strlen(name)); // crash
    free(name);
}
