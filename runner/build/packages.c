// SPDX-License-Identifier: MIT
// What pkg-config says of a lab's packages.
#include <stdlib.h>
#include <string.h>

#include "build/compiler.h"
#include "build/tool.h"

// Adds a module's version to *versions when it is installed.
static bool installed(const char *module, struct strings *versions, struct err *why)
{
    auto_str struct str answer = STR_INIT;
    const char *const argv[] = {"pkg-config", "--modversion", module, NULL};
    bool there = tool_ask(argv, &answer, why);
    if (there)
        strings_add(versions, str_text(&answer));
    return there;
}

void package_words(const char *text, struct strings *out)
{
    auto_str struct str word = STR_INIT;
    for (const char *c = text;; c++) {
        if (*c != '\0' && strchr(" \n", *c) == NULL) {
            if (*c == '\\' && c[1] != '\0')
                c++;
            str_append_char(&word, *c);
            continue;
        }
        if (word.length > 0)
            strings_add(out, word.data);
        str_clear(&word);
        if (*c == '\0')
            return;
    }
}

static void split_flags(const char *text, struct package_flags *out)
{
    auto_strings struct strings words = STRINGS_INIT;
    package_words(text, &words);
    for (size_t i = 0; i < words.count; i++) {
        const char *word = words.items[i];
        bool link = str_starts_with(word, "-l") || str_starts_with(word, "-L") ||
                    str_starts_with(word, "-Wl,");
        strings_add(link ? &out->link : &out->compile, word);
    }
}

static bool set_missing(const struct lab *lab, const struct strings *missing, struct err *err)
{
    auto_str struct str names = STR_INIT;
    for (size_t i = 0; i < missing->count; i++)
        str_append_format(&names, " %s", missing->items[i]);
    err_set(err, ERR_ENV, "the lab %s needs what is not installed:%s", lab->id, str_text(&names));
    err_set_cure(err, "sudo apt-get install%s", str_text(&names));
    return false;
}

static bool find_versions(const struct lab *lab, struct strings *versions, struct err *err)
{
    auto_strings struct strings missing = STRINGS_INIT;
    for (size_t i = 0; i < lab->package_count; i++) {
        const struct lab_package *package = &lab->packages[i];
        struct err why = ERR_INIT;
        if (package->pkg_config == NULL || installed(package->pkg_config, versions, &why))
            continue;
        if (why.kind != ERR_NONE) {
            err_set(err, ERR_ENV, "pkg-config cannot be started: %s", why.message);
            err_set_cure(err, "sudo apt-get install pkg-config");
            err_release(&why);
            return false;
        }
        strings_add(&missing, package->debian);
    }
    return missing.count == 0 || set_missing(lab, &missing, err);
}

bool package_flags_ask(const struct lab *lab, struct package_flags *out, struct err *err)
{
    *out = (struct package_flags){0};
    if (!find_versions(lab, &out->versions, err)) {
        package_flags_release(out);
        return false;
    }
    auto_strings struct strings argv = STRINGS_INIT;
    strings_add(&argv, "pkg-config");
    strings_add(&argv, "--cflags");
    strings_add(&argv, "--libs");
    for (size_t i = 0; i < lab->package_count; i++)
        if (lab->packages[i].pkg_config != NULL)
            strings_add(&argv, lab->packages[i].pkg_config);
    if (argv.count == 3)
        return true;
    auto_str struct str answer = STR_INIT;
    struct err why = ERR_INIT;
    if (tool_ask((const char *const *)argv.items, &answer, &why)) {
        split_flags(str_text(&answer), out);
        return true;
    }
    package_flags_release(out);
    err_set(err, ERR_ENV, "pkg-config finds the packages of the lab %s, but not what they need",
            lab->id);
    err_set_cure(err, "look at: pkg-config --cflags --libs %s", argv.items[3]);
    err_release(&why);
    return false;
}

void package_flags_release(struct package_flags *flags)
{
    strings_release(&flags->compile);
    strings_release(&flags->link);
    strings_release(&flags->versions);
}
