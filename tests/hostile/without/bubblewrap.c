// SPDX-License-Identifier: MIT
/*
 * bubblewrap's command line with mechanisms left out. Where the machine's files are shown, they are
 * mounted over nothing that the box makes: bubblewrap writes its small files to its own folders.
 */
#include "bubblewrap.h"

#include <stdlib.h>
#include <string.h>

#include "without.h"

// How many words an option of bubblewrap's takes, itself included.
static size_t words_of(const char *option)
{
    static const char *const two[] = {"--hostname", "--perms",      "--size", "--dir",
                                      "--tmpfs",    "--remount-ro", "--proc", "--chdir"};
    static const char *const three[] = {"--symlink", "--ro-bind", "--ro-bind-try",
                                        "--bind",    "--file",    "--dev-bind"};
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        if (strcmp(option, two[i]) == 0)
            return 2;
    for (size_t i = 0; i < sizeof three / sizeof *three; i++)
        if (strcmp(option, three[i]) == 0)
            return 3;
    return 1;
}

// The folder `start` itself when that is /, else what lies below.
static bool fits(const char *path, const char *start)
{
    return strcmp(start, "/") == 0 ? strcmp(path, start) == 0
                                   : strncmp(path, start, strlen(start)) == 0;
}

static bool is_dropped(const char *const *words)
{
    static const struct {
        const char *option, *argument, *mechanism;
    } rules[] = {
        {"--unshare-user", NULL, "box-user"},         {"--disable-userns", NULL, "box-user"},
        {"--disable-userns", NULL, "box-namespaces"}, {"--proc", NULL, "box-proc"},
        {"--unshare-pid", NULL, "box-proc"},          {"--as-pid-1", NULL, "box-proc"},
        {"--unshare-ipc", NULL, "box-ipc"},           {"--new-session", NULL, "session"},
        {"--remount-ro", "/", "box-read-only"},       {"--remount-ro", "/usr/", "box-hidden"},
        {"--tmpfs", "/usr/", "box-hidden"},           {"--dev-bind", "/dev/", "box-devices"}};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const char *start = rules[i].argument;
        if (strcmp(words[0], rules[i].option) != 0 || (start != NULL && !fits(words[1], start)))
            continue;
        if (without(rules[i].mechanism))
            return true;
    }
    return strcmp(words[0], "--symlink") == 0 && strncmp(words[2], "/dev/", 5) == 0 &&
           without("box-devices");
}

// The machine as it is, beside what a box has anyhow.
static void show_machine(struct strings *out)
{
    static const char *const folders[] = {"/root", "/home", "/etc/shadow", "/var",
                                          "/run",  "/boot", "/opt",        "/srv"};
    const char *own = getenv("HOSTILE_FOLDER");
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        strings_add(out, "--ro-bind-try");
        strings_add(out, folders[i]);
        strings_add(out, folders[i]);
    }
    strings_add(out, without("box-read-only") ? "--bind" : "--ro-bind");
    strings_add(out, "/sys");
    strings_add(out, "/sys");
    if (own != NULL) {
        strings_add(out, "--ro-bind");
        strings_add(out, own);
        strings_add(out, own);
    }
}

static void add_bind(struct strings *out, const char *path)
{
    strings_add(out, "--dev-bind");
    strings_add(out, path);
    strings_add(out, path);
}

static void copy_words(struct strings *out, const char *const *words, size_t count)
{
    if (strcmp(words[0], "--ro-bind") == 0 && without("box-read-only"))
        strings_add(out, "--bind");
    else
        strings_add(out, words[0]);
    for (size_t i = 1; i < count; i++)
        strings_add(out, words[i]);
}

void bubblewrap_without(const char *const *argv, struct strings *out)
{
    strings_add(out, argv[0]);
    size_t at = 1;
    while (strncmp(argv[at], "--", 2) == 0 && strcmp(argv[at], "--") != 0) {
        const char *const *words = argv + at;
        size_t count = words_of(words[0]);
        at += count;
        if (strcmp(words[0], "--proc") == 0 && without("box-proc"))
            add_bind(out, "/proc");
        // Before the box's root is made read-only, and over all that is mounted by then.
        if (strcmp(words[0], "--remount-ro") == 0 && strcmp(words[1], "/") == 0 &&
            without("box-mounts"))
            show_machine(out);
        if (!is_dropped(words))
            copy_words(out, words, count);
        if (strcmp(words[0], "--dir") == 0 && strcmp(words[1], "/dev") == 0 &&
            without("box-devices"))
            add_bind(out, "/dev");
    }
    for (; argv[at] != NULL; at++)
        strings_add(out, argv[at]);
}
