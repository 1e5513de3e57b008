// SPDX-License-Identifier: MIT
// Undefined behaviour: an index outside the array.
int main(void)
{
    int statuses[3] = {200, 404, 500};
    volatile int i = 3;
    return statuses[i]; // crash
}
