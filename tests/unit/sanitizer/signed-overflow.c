// SPDX-License-Identifier: MIT
// Undefined behaviour: a sum that does not fit.
static int next(int n)
{
    return n + 1; // crash
}

int main(void)
{
    return next(2147483647); // caller
}
