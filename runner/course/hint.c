// SPDX-License-Identifier: MIT
// The headings of hints, taken apart.
#include "course/hint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/text.h"

enum { MOST_NUMBERED = 3 };

static const char *const outcomes[] = {"timeout", "crash", "mismatch"};
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

bool hint_heading_is(const char *text)
{
    if (strncasecmp(text, "hint", 4) != 0)
        return false;
    text += 4;
    if (*text == 's' || *text == 'S')
        text++;
    return !isalpha((unsigned char)*text);
}

static void split(const char *text, struct strings *words)
{
    for (text += strspn(text, " \t"); *text != '\0'; text += strspn(text, " \t")) {
        size_t length = strcspn(text, " \t");
        strings_add_format(words, "%.*s", (int)length, text);
        text += length;
    }
}

static bool is_identifier(const char *word)
{
    if (!isalpha((unsigned char)*word) && *word != '_')
        return false;
    while (isalnum((unsigned char)*word) || *word == '_')
        word++;
    return *word == '\0';
}

static bool wrong(const struct heading *heading, const char *path, const char *why, struct err *err)
{
    err_set(err, ERR_LAB, "%s:%zu: \"%s\": %s", path, heading->line, heading->text, why);
    err_set_cure(err, "write `### Hint 1`, 2 or 3, or `### Hint for CHECK timeout`, crash or "
                      "mismatch, with the check's C identifier");
    return false;
}

static bool parse_special(const struct heading *heading, const char *path,
                          const struct strings *words, struct hint_heading *out, struct err *err)
{
    const char *check = words->items[2];
    const char *outcome = words->items[3];
    if (!is_identifier(check))
        return wrong(heading, path, "a check is named by its C identifier alone", err);
    for (size_t i = 0; i < OUTCOMES; i++) {
        if (strcmp(outcomes[i], outcome) != 0)
            continue;
        out->check = mem_copy_string(check);
        out->outcome = mem_copy_string(outcome);
        return true;
    }
    wrong(heading, path, "the outcome is not timeout, crash or mismatch", err);
    const char *meant = text_suggest(outcome, outcomes, OUTCOMES);
    if (meant != NULL)
        err_set_cure(err, "did you mean `### Hint for %s %s`?", check, meant);
    return false;
}

bool hint_heading_parse(const struct heading *heading, const char *path, struct hint_heading *out,
                        struct err *err)
{
    auto_strings struct strings words = STRINGS_INIT;
    split(heading->text, &words);
    if (heading->level != 3)
        return wrong(heading, path, "a hint's heading has three #", err);
    if (words.count == 0 || strcmp(words.items[0], "Hint") != 0)
        return wrong(heading, path, "not one of the two forms of a hint", err);
    if (words.count == 4 && strcmp(words.items[1], "for") == 0)
        return parse_special(heading, path, &words, out, err);
    const char *number = words.count == 2 ? words.items[1] : "";
    if (strlen(number) != 1 || number[0] < '1' || number[0] > '9')
        return wrong(heading, path, "not one of the two forms of a hint", err);
    out->number = (size_t)(number[0] - '0');
    if (out->number > MOST_NUMBERED)
        return wrong(heading, path, "a step has three numbered hints", err);
    return true;
}

void hint_heading_release(struct hint_heading *hint)
{
    free(hint->check);
    free(hint->outcome);
    *hint = (struct hint_heading)HINT_HEADING_INIT;
}
