// SPDX-License-Identifier: MIT
// getenv() gives NULL for a variable that is not set.
#include <arpa/inet.h>
#include <stdlib.h>

static in_addr_t address(void)
{
    return inet_addr(getenv("NO_SUCH_HOST")); // crash
}

int main(void)
{
    return address() != 0; // caller
}
