// SPDX-License-Identifier: MIT
// Text for a shell: quoted words, and commands that write given bytes.
#include <string.h>

#include "command.h"

enum { run_least = 64 }; // of one byte: shorter ones stand in printf's text

static bool is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("-_./:@%+,=", c) != NULL);
}

void shell_append_double_quoted(struct str *out, const char *text)
{
    str_append_char(out, '"');
    for (const char *c = text; *c != '\0'; c++) {
        bool is_special = strchr("$`\"", *c) != NULL;
        // A backslash stands for itself unless it would quote what follows.
        bool would_quote = *c == '\\' && (c[1] == '\0' || strchr("$`\"\\", c[1]) != NULL);
        if (is_special || would_quote)
            str_append_char(out, '\\');
        str_append_char(out, *c);
    }
    str_append_char(out, '"');
}

// One byte as printf's format in single quotes has it. Octal: bash and dash know it alike.
static void append_format_byte(struct str *out, unsigned char c)
{
    switch (c) {
    case '\r':
        str_append(out, "\\r");
        break;
    case '\n':
        str_append(out, "\\n");
        break;
    case '\t':
        str_append(out, "\\t");
        break;
    case '%':
        str_append(out, "%%");
        break;
    case '\\':
        str_append(out, "\\\\");
        break;
    default:
        if (c >= 0x20 && c < 0x7f && c != '\'')
            str_append_char(out, (char)c);
        else
            str_append_format(out, "\\%03o", (unsigned)c);
    }
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

// Nobody can paste a line end inside of quotes: printf makes it.
static void append_printed_word(struct str *out, const char *text)
{
    str_append(out, "\"$(printf '");
    for (; *text != '\0'; text++)
        append_format_byte(out, (unsigned char)*text);
    str_append(out, "')\"");
}

void shell_append_word(struct str *out, const char *text)
{
    size_t plain = 0;
    while (is_plain(text[plain]))
        plain++;
    if (text[plain] == '\0' && plain > 0) {
        str_append(out, text);
        return;
    }
    if (has_control(text)) {
        append_printed_word(out, text);
        return;
    }
    str_append_char(out, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'')
            str_append(out, "'\\''");
        else
            str_append_char(out, *c);
    }
    str_append_char(out, '\'');
}

static void append_printf(struct str *out, struct kit_bytes bytes)
{
    // A format that begins with '-' would be taken for an option.
    str_append(out, bytes.data[0] == '-' ? "printf -- '" : "printf '");
    for (size_t i = 0; i < bytes.length; i++)
        append_format_byte(out, bytes.data[i]);
    str_append_char(out, '\'');
}

static void append_run(struct str *out, unsigned char c, size_t length)
{
    str_append_format(out, "head -c %zu /dev/zero", length);
    if (c == '\0')
        return;
    if (is_plain((char)c) && c != '-')
        str_append_format(out, " | tr '\\0' %c", (char)c);
    else
        str_append_format(out, " | tr '\\0' '\\%03o'", (unsigned)c);
}

static size_t run_at(struct kit_bytes bytes, size_t at)
{
    size_t end = at;
    while (end < bytes.length && bytes.data[end] == bytes.data[at])
        end++;
    return end - at;
}

// Where the next long run begins at or behind `at`, or the end.
static size_t next_run(struct kit_bytes bytes, size_t at)
{
    while (at < bytes.length) {
        size_t run = run_at(bytes, at);
        if (run >= run_least)
            return at;
        at += run;
    }
    return bytes.length;
}

bool shell_append_writer(struct str *out, struct kit_bytes bytes, size_t most)
{
    auto_str struct str text = STR_INIT;
    size_t commands = 0;
    for (size_t at = 0; at < bytes.length; commands++) {
        if (text.length > most)
            return false;
        if (commands > 0)
            str_append(&text, "; ");
        size_t run = next_run(bytes, at);
        if (run > at) {
            if (run - at > most)
                return false;
            append_printf(&text, (struct kit_bytes){bytes.data + at, run - at});
            at = run;
        } else {
            size_t length = run_at(bytes, at);
            append_run(&text, bytes.data[at], length);
            at += length;
        }
    }
    if (text.length == 0 || text.length > most)
        return false;
    str_append_format(out, commands > 1 ? "{ %s; }" : "%s", text.data);
    return true;
}
