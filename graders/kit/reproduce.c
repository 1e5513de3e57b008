// SPDX-License-Identifier: MIT
/*
 * A command that repeats the last exchange, for "see it": curl where curl sends the same request,
 * else printf piped into nc. It addresses port 8080, where `lab run` serves.
 */
#include "core.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS "127.0.0.1"
#define PORT "8080"
#define MOST_SENT 1000 // bytes: a longer command helps nobody

static void append_quoted(struct str *out, const char *bytes, size_t length)
{
    str_append_char(out, '\'');
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\'')
            str_append(out, "'\\''");
        else
            str_append_char(out, bytes[i]);
    }
    str_append_char(out, '\'');
}

// As printf(1) reads it; three octal digits are never continued by what follows.
static void append_printf_byte(struct str *out, unsigned char c)
{
    switch (c) {
    case '\r':
        str_append(out, "\\r");
        break;
    case '\n':
        str_append(out, "\\n");
        break;
    case '\\':
        str_append(out, "\\\\");
        break;
    case '%':
        str_append(out, "%%");
        break;
    case '\'':
        str_append(out, "'\\''");
        break;
    default:
        if (c >= 0x20 && c < 0x7f)
            str_append_char(out, (char)c);
        else
            str_append_format(out, "\\%03o", c);
    }
}

static char *printf_command(const unsigned char *sent, size_t length)
{
    auto_str struct str out = STR_INIT;
    str_append(&out, "printf '");
    for (size_t i = 0; i < length; i++)
        append_printf_byte(&out, sent[i]);
    str_append(&out, "' | nc " ADDRESS " " PORT);
    return str_take(&out);
}

// The line up to its CRLF, moved past; false when the rest holds none or other control characters.
static bool line_next(const char **rest, const char **line, size_t *length)
{
    const char *end = strstr(*rest, "\r\n");
    if (end == NULL)
        return false;
    *line = *rest;
    *length = (size_t)(end - *rest);
    for (size_t i = 0; i < *length; i++)
        if ((unsigned char)(*line)[i] < 0x20 || (unsigned char)(*line)[i] >= 0x7f)
            return false;
    *rest = end + 2;
    return true;
}

// "GET /path HTTP/1.1" or HEAD, with a target that curl leaves alone.
static bool request_line(struct str *out, const char *line, size_t length, struct str *target)
{
    static const char version[] = " HTTP/1.1";
    bool head = strncmp(line, "HEAD /", 6) == 0;
    if (!head && strncmp(line, "GET /", 5) != 0)
        return false;
    size_t start = head ? 5 : 4;
    if (length < start + strlen(version) ||
        strncmp(line + length - strlen(version), version, strlen(version)) != 0)
        return false;
    str_append_bytes(target, line + start, length - start - strlen(version));
    if (strpbrk(str_text(target), " #") != NULL)
        return false;
    // curl takes these for patterns and for folders to climb unless it is told otherwise.
    bool globs = strpbrk(str_text(target), "[]{}") != NULL;
    bool dots = strstr(str_text(target), "/.") != NULL;
    str_append_format(out, "curl -%s%s%s", head ? "I" : "i", globs ? " -g" : "",
                      dots ? " --path-as-is" : "");
    return true;
}

static bool is_field(const char *line, size_t length, const char *name)
{
    size_t size = strlen(name);
    return length > size && strncasecmp(line, name, size) == 0;
}

// A field line; Host is curl's own. curl would drop a field without value and mend odd blanks.
static bool field_line(struct str *out, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    if (colon == NULL || colon == line || colon[-1] == ' ' || colon + 2 >= line + length ||
        colon[1] != ' ' || colon[2] == ' ' || line[length - 1] == ' ' || *line == ' ')
        return false;
    if (is_field(line, length, "Host:"))
        return true;
    if (is_field(line, length, "Content-Length:") || is_field(line, length, "Transfer-Encoding:"))
        return false;
    str_append(out, " -H ");
    append_quoted(out, line, length);
    return true;
}

// NULL when curl would not send these very bytes (but for its own User-Agent and Accept).
static char *curl_command(const char *sent)
{
    auto_str struct str out = STR_INIT;
    auto_str struct str target = STR_INIT;
    const char *rest = sent, *line;
    size_t length, hosts = 0;
    if (!line_next(&rest, &line, &length) || !request_line(&out, line, length, &target))
        return NULL;
    while (line_next(&rest, &line, &length)) {
        if (length == 0) {
            if (*rest != '\0' || hosts != 1)
                return NULL;
            str_append_char(&out, ' ');
            auto_free char *url = str_format("http://" ADDRESS ":" PORT "%s", str_text(&target));
            bool plain = strpbrk(url, "?&;'\"\\$`*()<>|!~[]{}^") == NULL;
            if (plain)
                str_append(&out, url);
            else
                append_quoted(&out, url, strlen(url));
            return str_take(&out);
        }
        if (!field_line(&out, line, length))
            return NULL;
        hosts += is_field(line, length, "Host:") ? 1 : 0;
    }
    return NULL;
}

char *kit_reproduce_make(const unsigned char *sent, size_t length)
{
    if (length == 0 || length > MOST_SENT)
        return NULL;
    auto_free char *text = mem_alloc(length + 1);
    memcpy(text, sent, length);
    char *command = strlen(text) == length ? curl_command(text) : NULL;
    return command != NULL ? command : printf_command(sent, length);
}
