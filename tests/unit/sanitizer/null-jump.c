// SPDX-License-Identifier: MIT
// A handler that was never set.
static void (*volatile handler)(void);

int main(void)
{
    handler(); // crash
}
