// SPDX-License-Identifier: MIT
// A box without namespaces: paths inside are paths outside, processes count among all others.
#include "box/bare.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

char *bare_path(const struct box_options *options, const char *path)
{
    for (size_t i = 0; i < options->mount_count; i++) {
        const struct box_mount *mount = &options->mounts[i];
        size_t length = strlen(mount->target);
        if (strncmp(path, mount->target, length) == 0 &&
            (path[length] == '\0' || path[length] == '/'))
            return str_format("%s%s", mount->source, path + length);
    }
    return mem_copy_string(path);
}

void bare_arguments(const struct box_options *options, struct strings *out)
{
    for (const char *const *word = options->argv; *word != NULL; word++) {
        auto_free char *path = bare_path(options, *word);
        strings_add(out, path);
    }
}

void bare_environment(const struct box_options *options, struct strings *out)
{
    for (const char *const *item = options->environment; item != NULL && *item != NULL; item++) {
        size_t name = strcspn(*item, "=");
        auto_free char *value = bare_path(options, (*item)[name] == '=' ? *item + name + 1 : "");
        strings_add_format(out, "%.*s=%s", (int)name, *item, value);
    }
}

// ---- processes of a user

static uint64_t number_behind(const char *text, const char *key)
{
    const char *found = strstr(text, key);
    return found != NULL ? strtoull(found + strlen(key), NULL, 10) : 0;
}

uint64_t bare_processes(const struct process_user *user)
{
    uid_t uid = user->drop ? user->uid : geteuid();
    uint64_t count = 0;
    DIR *all = opendir("/proc");
    if (all == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        auto_free char *path = str_format("/proc/%s/status", entry->d_name);
        auto_str struct str text = STR_INIT;
        struct err gone = ERR_INIT;
        if (file_read(AT_FDCWD, path, 65536, &text, &gone) &&
            number_behind(str_text(&text), "\nUid:\t") == uid)
            count += number_behind(str_text(&text), "\nThreads:\t");
        err_release(&gone);
    }
    closedir(all);
    return count;
}
