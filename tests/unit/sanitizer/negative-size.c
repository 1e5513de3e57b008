// SPDX-License-Identifier: MIT
// recv() gave -1, and that became a size.
#include <string.h>

int main(void)
{
    char from[8] = "hello";
    char to[8];
    volatile long got = -1;
    memcpy(to, from, (size_t)got); // crash
    return to[0];
}
