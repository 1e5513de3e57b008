// SPDX-License-Identifier: MIT
// A line longer than its buffer.
#include <stdio.h>
#include <string.h>

static void greet(const char *name)
{
    char line[8]; // variable
    char *to = line;
    for (size_t i = 0; i <= strlen(name); i++)
        to[i] = name[i]; // crash
    puts(line);
}

int main(void)
{
    greet("mango-41753"); // caller
}
