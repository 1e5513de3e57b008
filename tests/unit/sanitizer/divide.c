// SPDX-License-Identifier: MIT
// A division by nothing inside the C library.
#include <stdlib.h>

int main(void)
{
    volatile int nothing = 0;
    return div(7, nothing).quot; // crash
}
