// SPDX-License-Identifier: MIT
// NULL reaches a line of the program's through a function of the library.
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    (void)b;
    return **(char *const *)a; // crash
}

int main(void)
{
    const char *names[2] = {"mango", "kiwi"};
    memset(names, 0, sizeof names);
    qsort(names, 2, sizeof *names, compare); // caller
}
