// SPDX-License-Identifier: MIT
// Which mechanisms are left out. box.c, kit.c, build.c and init.c leave them out.
#include "without.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// As runner/box/README.md has them; tests/hostile/run compares the two.
static const char *const mechanisms[] = {
    "user",
    "cell-user",
    "cell-network",
    "cell-processes",
    "cell-ipc",
    "scratch-size",
    "scratch-files",
    "session",
    "box-user",
    "box-namespaces",
    "box-proc",
    "box-ipc",
    "box-mounts",
    "box-read-only",
    "box-hidden",
    "box-devices",

    "init-undumpable",
    "init-close",
    "limit-processes",
    "limit-file",
    "limit-descriptors",
    "limit-space",
    "limit-locked",
    "limit-cpu",
    "filter-init",
    "filter-priority",
    "filter-mounts",
    "filter-namespaces",
    "filter-handles",
    "filter-memory",
    "filter-doors",
    "filter-machine",
    "filter-sockets",
    "filter-terminal",
    "filter-numbers",
    "kit-memory",
    "kit-output",
    "kit-clock",
    "kit-patience",
    "kit-files",
    "environment-box",
    "environment-grader",
    "compile-clock",
    "compile-output",

    "source-links",
    "service-role",
};

static void must_be_known(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (strlen(mechanisms[i]) == length && strncmp(mechanisms[i], name, length) == 0)
            return;
    fprintf(stderr, "without: no mechanism is called %.*s\n", (int)length, name);
    _exit(99);
}

bool without(const char *name)
{
    size_t length = strlen(name);
    const char *list = getenv("HOSTILE_WITHOUT");
    must_be_known(name, length);
    while (list != NULL && *list != '\0') {
        size_t word = strcspn(list, " ");
        if (word == length && strncmp(list, name, length) == 0)
            return true;
        list += word + strspn(list + word, " ");
    }
    return false;
}

void without_check(void)
{
    const char *list = getenv("HOSTILE_WITHOUT");
    while (list != NULL && *list != '\0') {
        size_t word = strcspn(list, " ");
        must_be_known(list, word);
        list += word + strspn(list + word, " ");
    }
}

// `PROGRAM --mechanisms` prints the table.
__attribute__((constructor)) static void start(int argc, char **argv)
{
    without_check();
    if (argc != 2 || strcmp(argv[1], "--mechanisms") != 0)
        return;
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        puts(mechanisms[i]);
    exit(0);
}
