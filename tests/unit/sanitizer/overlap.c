// SPDX-License-Identifier: MIT
// memcpy() for what only memmove() may do.
#include <string.h>

int main(void)
{
    char buffer[32] = "GET / HTTP/1.1";
    volatile size_t done = 4;
    memcpy(buffer, buffer + done, 10); // crash
    return buffer[0];
}
