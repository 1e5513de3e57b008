// SPDX-License-Identifier: MIT
// A negative length is a huge size.
#include <stdlib.h>

static char *room(long length)
{
    return malloc((size_t)length); // crash
}

int main(void)
{
    free(room(-1)); // caller
}
