// SPDX-License-Identifier: MIT
// A function that calls itself without end.
static int depth(int n)
{ // crash
    volatile char room[65536];
    room[0] = (char)n;
    return depth(n + 1) + room[0]; // caller
}

int main(void)
{
    return depth(0);
}
