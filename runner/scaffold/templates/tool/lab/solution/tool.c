// SPDX-License-Identifier: MIT
// tool WORD…: prints each word and its length, one a line.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_option(const char *word)
{
    return word[0] == '-';
}

static void print_word(const char *word)
{
    printf("%s %zu\n", word, strlen(word));
}

int main(int argc, char **argv)
{
    // All of them are looked at before anything is printed.
    for (int i = 1; i < argc; i++) {
        if (is_option(argv[i])) {
            fprintf(stderr, "tool: there is no option %s\n", argv[i]);
            return 2;
        }
    }
    for (int i = 1; i < argc; i++)
        print_word(argv[i]);
    return 0;
}
