// SPDX-License-Identifier: MIT
// What the compiler's messages mean: a table, and the few that need more than the message.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "render/diagnostic.h"
#include "render/diagnostic_kinds.h"

struct asked {
    const struct build_diagnostic *all;
    size_t count;
    size_t index;
    const struct build_diagnostic *it;
};

// '*' stands for any bytes, '?' for one.
static bool fits(const char *pattern, const char *text)
{
    for (; *pattern != '*'; pattern++, text++) {
        if (*pattern == '\0' || *text == '\0')
            return *pattern == *text;
        if (*pattern != '?' && *pattern != *text)
            return false;
    }
    while (pattern[1] == '*')
        pattern++;
    for (;; text++) {
        if (fits(pattern + 1, text))
            return true;
        if (*text == '\0')
            return false;
    }
}

// The first name that the text quotes, 'NAME' or `NAME'; "" when there is none. The caller frees.
static char *quoted(const char *text)
{
    const char *from = text + strcspn(text, "'`");
    const char *end = *from != '\0' ? strchr(from + 1, '\'') : NULL;
    if (end == NULL)
        return mem_copy_string("");
    return str_format("%.*s", (int)(end - from - 1), from + 1);
}

// The first note of the message that begins so, or NULL.
static const struct build_diagnostic *note_of(const struct asked *asked, const char *begin)
{
    for (size_t i = asked->index + 1; i < asked->count; i++) {
        const struct build_diagnostic *note = &asked->all[i];
        if (!str_equal(note->severity, "note"))
            break;
        if (str_starts_with(note->message, begin))
            return note;
    }
    return NULL;
}

// ---- a header that is missing

// "'bool' is defined in header '<stdbool.h>'; …", "include '<stdio.h>' or provide …"
static char *header_in_notes(const struct asked *asked)
{
    for (size_t i = asked->index + 1; i < asked->count; i++) {
        const struct build_diagnostic *note = &asked->all[i];
        if (!str_equal(note->severity, "note"))
            break;
        const char *from = strstr(note->message, "'<");
        const char *end = from != NULL ? strstr(from, ">'") : NULL;
        if (end != NULL)
            return str_format("%.*s", (int)(end - from - 2), from + 2);
    }
    return NULL;
}

// The struct that the source line speaks of, "struct stat", or NULL: some messages do not say it.
static char *struct_in_line(const char *line)
{
    const char *from = line != NULL ? strstr(line, "struct ") : NULL;
    if (from == NULL)
        return NULL;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t length = strlen("struct ");
    length += strspn(from + length, letters);
    return str_format("%.*s", (int)length, from);
}

static char *header_help(const struct asked *asked)
{
    enum { OF_FUNCTIONS = 2, FIRST_OF_STRUCTS };
    static const char *const patterns[] = {"*undeclared*",
                                           "unknown type name*",
                                           "implicit declaration of function*",
                                           "storage size of*",
                                           "invalid use of undefined*",
                                           "*incomplete type*",
                                           "*declared inside parameter list*"};
    size_t kind = 0;
    while (kind < sizeof patterns / sizeof *patterns && !fits(patterns[kind], asked->it->message))
        kind++;
    if (kind == sizeof patterns / sizeof *patterns)
        return NULL;
    auto_free char *name = quoted(asked->it->message);
    if (kind >= FIRST_OF_STRUCTS && !str_starts_with(name, "struct ")) {
        free(name);
        name = struct_in_line(asked->it->source_line);
        if (name == NULL)
            return NULL;
    }
    const char *brackets = kind == OF_FUNCTIONS ? "()" : "";
    if (is_gnu_name(name))
        return str_format("#define _GNU_SOURCE above the first #include makes %s%s known", name,
                          brackets);
    auto_free char *noted = header_in_notes(asked);
    const char *header = noted != NULL ? noted : header_of(name);
    if (header == NULL)
        return NULL;
    return str_format("#include <%s> declares %s%s", header, name, brackets);
}

// ---- what stands elsewhere

static char *elsewhere_help(const struct asked *asked)
{
    const char *message = asked->it->message;
    const struct build_diagnostic *note = note_of(asked, "previous implicit declaration");
    auto_free char *name = quoted(message);
    if (fits("conflicting types for*", message) && note != NULL)
        return str_format("%s() is called in line %d, above its declaration: declare it first",
                          name, note->line);
    note = note_of(asked, "previous d");
    if (note == NULL)
        note = note_of(asked, "originally defined");
    if (note == NULL || !str_equal(note->file, asked->it->file))
        return NULL;
    if (fits("conflicting types for*", message))
        return str_format("line %d declares %s with other types: both have to say the same",
                          note->line, name);
    if (fits("redefinition of*", message))
        return str_format("line %d defines %s already, and a name is defined once", note->line,
                          name);
    return NULL;
}

// gcc points at the name of a macro and speaks of what was put in for it.
static char *macro_help(const struct asked *asked)
{
    const char *line = asked->it->source_line;
    int column = asked->it->column;
    if ((!fits("expected * before '=' token", asked->it->message) &&
         !fits("expected * before ';' token", asked->it->message)) ||
        line == NULL || column < 1 || (size_t)column > strlen(line) ||
        !isalpha((unsigned char)line[column - 1]))
        return NULL;
    return mem_copy_string("all that stands behind a #define's name is put in: no = and no ;");
}

// ---- a name that the linker does not find

static bool is_mathematics(const char *name)
{
    static const char names[] = " sqrt pow floor ceil round fabs fmod sin cos tan atan2 exp log "
                                "log2 log10 lround hypot ";
    auto_free char *word = str_format(" %s ", name);
    return strstr(names, word) != NULL;
}

// "implicit declaration of function 'answr'; did you mean 'answer'?" of the same name.
static char *spelled_like(const struct asked *asked, const char *name)
{
    auto_free char *pattern =
        str_format("implicit declaration of function '%s'; did you mean '*", name);
    for (size_t i = 0; i < asked->count; i++) {
        const char *message = asked->all[i].message;
        if (fits(pattern, message))
            return quoted(message + strlen(pattern) - strlen("'*"));
    }
    return NULL;
}

static char *linker_help(const struct asked *asked)
{
    if (!fits("undefined reference to*", asked->it->message))
        return NULL;
    auto_free char *name = quoted(asked->it->message);
    auto_free char *like = spelled_like(asked, name);
    if (like != NULL)
        return str_format("nothing is called %s(); there is %s()", name, like);
    if (is_mathematics(name))
        return str_format("%s() is in the library of mathematics, which labs are built without",
                          name);
    return NULL;
}

// ---- a character that only looks like one of C's

static char *stray_help(const struct asked *asked)
{
    static const struct {
        const char *bytes, *help;
    } lookalikes[] = {
        {"\xe2\x80\x9c", "“ and ” are quotes for print; C's are \""},
        {"\xe2\x80\x9d", "“ and ” are quotes for print; C's are \""},
        {"\xe2\x80\x98", "‘ and ’ are quotes for print; C's is '"},
        {"\xe2\x80\x99", "‘ and ’ are quotes for print; C's is '"},
        {"\xc2\xa0", "a blank that is none (no-break space): type the blanks here again"},
        {"\xe2\x80\x8b", "an invisible character stands here: type this place again"},
        {"\xe2\x80\x93", "– is a dash for print; C's minus is -"},
        {"\xe2\x80\xa6", "… is one character for print; C's are three points"},
        {"\xef\xbc\x9b", "； is another script's semicolon; C's is ;"},
    };
    const char *line = asked->it->source_line;
    if (!fits("stray*", asked->it->message) || line == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof lookalikes / sizeof *lookalikes; i++)
        if (strstr(line, lookalikes[i].bytes) != NULL)
            return mem_copy_string(lookalikes[i].help);
    return NULL;
}

// ---- the table

static char *fill_in(const char *sentence, const char *name)
{
    struct str out = STR_INIT;
    for (const char *hole; (hole = strstr(sentence, "{}")) != NULL; sentence = hole + 2) {
        str_append_bytes(&out, sentence, (size_t)(hole - sentence));
        str_append(&out, name);
    }
    str_append(&out, sentence);
    return str_take(&out);
}

static char *table_help(const struct asked *asked)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!fits(kinds[i].pattern, asked->it->message))
            continue;
        auto_free char *name = quoted(asked->it->message);
        return fill_in(kinds[i].help, name);
    }
    return NULL;
}

char *diagnostic_help(const struct build_diagnostic *diagnostics, size_t count, size_t index)
{
    static char *(*const ways[])(const struct asked *) = {header_help, elsewhere_help, macro_help,
                                                          linker_help, stray_help,     table_help};
    const struct asked asked = {diagnostics, count, index, &diagnostics[index]};
    if (str_equal(asked.it->severity, "note"))
        return NULL;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char *help = ways[i](&asked);
        if (help != NULL)
            return help;
    }
    return NULL;
}
