// SPDX-License-Identifier: MIT
// The byte in front of a block.
#include <stdlib.h>

static char last(const char *text, int length)
{
    return text[length - 1]; // crash
}

int main(void)
{
    char *text = calloc(16, 1); // allocated
    char c = last(text, 0);     // caller
    free(text);
    return c;
}
