// SPDX-License-Identifier: MIT
// Undefined behaviour: NULL where the library declares that there is none.
#include <string.h>

static size_t length_of(const char *text)
{
    return strlen(text); // crash
}

int main(void)
{
    return (int)length_of(0); // caller
}
