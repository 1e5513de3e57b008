// SPDX-License-Identifier: MIT
// The command that shows a failure by hand: curl where curl can say it, else printf and nc.
#include "command.h"

#include <string.h>
#include <strings.h>

enum {
    command_most = 600, // characters; longer ones help nobody
    argument_most = 400,
};

// What a body lies in that is compared with the file that it becomes.
#define BODY_FILE ".lab/body"

// ---------------------------------------------------------------- what curl can say

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all_of(const char *text, size_t length, const char *others)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0' || (!is_alphanumeric(text[i]) && strchr(others, text[i]) == NULL))
            return false;
    return length > 0;
}

static bool path_is_sayable(const char *path)
{
    return path[0] == '/' && all_of(path, strlen(path), "-._~%!$&'()*+,;=:@/?[]{}");
}

// curl would tidy these paths up.
static bool path_has_dots(const char *path)
{
    return strstr(path, "/.") != NULL || strcasestr(path, "%2e") != NULL;
}

// These make curl speak otherwise than the exchange did.
static bool field_is_special(const char *line, size_t name_length)
{
    static const char *const names[] = {"Host", "Content-Length", "Transfer-Encoding", "Expect"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == name_length && strncasecmp(line, names[i], name_length) == 0)
            return true;
    return false;
}

// One field line without its \r\n that curl sends as it is.
static bool field_is_sayable(const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    if (colon == NULL || !all_of(line, (size_t)(colon - line), "!#$%&'*+-.^_`|~"))
        return false;
    bool has_value = false;
    for (const char *c = colon + 1; c < line + length; c++) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
            return false;
        has_value |= *c != ' ';
    }
    return has_value && !field_is_special(line, (size_t)(colon - line));
}

// Appends -H for each field; false when one of them cannot be said. `seen`: the body is looked at.
static bool append_fields(struct str *out, const char *fields, bool seen)
{
    bool compressed = false;
    for (const char *line = fields; *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        if (end == NULL || !field_is_sayable(line, (size_t)(end - line)))
            return false;
        compressed |= strncasecmp(line, "Accept-Encoding:", 16) == 0;
        auto_free char *copy = str_format("%.*s", (int)(end - line), line);
        str_append(out, " -H ");
        shell_append_word(out, copy);
        line = end + 2;
    }
    if (compressed && seen) // a terminal is no place for gzip
        str_append(out, " --compressed");
    return true;
}

static bool is_argument(struct kit_bytes body)
{
    if (body.length > argument_most || (body.length > 0 && body.data[0] == '@'))
        return false;
    for (size_t i = 0; i < body.length; i++)
        if (body.data[i] < 0x20 || body.data[i] >= 0x7f)
            return false;
    return true;
}

// A body that is stored is made first, so that it can be compared with what was stored.
static bool body_is_compared(const struct exchange *exchange)
{
    return exchange->view.look == KIT_LOOK_FILE && !is_argument(exchange->body);
}

// What writes the body into curl, or into a file, for one that is no argument.
static void append_body_writer(struct str *out, const struct exchange *exchange)
{
    struct kit_bytes body = exchange->body;
    if (body.data == NULL || is_argument(body))
        return;
    if (body_is_compared(exchange)) {
        maker_append(out, body);
        str_append(out, " >" BODY_FILE "; ");
        return;
    }
    if (!shell_append_writer(out, body, argument_most))
        str_append_format(out, "head -c %zu /dev/urandom", body.length); // as good as any bytes
    str_append(out, " | ");
}

static void append_body(struct str *out, const struct exchange *exchange)
{
    struct kit_bytes body = exchange->body;
    if (body.data == NULL)
        return;
    str_append(out, " --data-binary ");
    if (is_argument(body)) {
        auto_free char *text = str_format("%.*s", (int)body.length, (const char *)body.data);
        shell_append_word(out, text);
    } else {
        str_append(out, body_is_compared(exchange) ? "@" BODY_FILE : "@-");
    }
}

// Which part of the answer is shown.
static const char *shown_part(const struct command_view *view)
{
    if (view->look == KIT_LOOK_BODY)
        return "-s";
    return view->no_text ? "-s -o /dev/null -D -" : "-i";
}

static bool append_method(struct str *out, const struct exchange *exchange)
{
    bool has_body = exchange->body.data != NULL;
    if (str_equal(exchange->method, "HEAD") && !has_body) {
        str_append(out, "curl -I");
        return true;
    }
    str_append_format(out, "curl %s", shown_part(&exchange->view));
    if (str_equal(exchange->method, has_body ? "POST" : "GET"))
        return true;
    str_append_format(out, " -X %s", exchange->method);
    return all_of(exchange->method, strlen(exchange->method), "-._");
}

static bool append_curl(struct str *out, const struct exchange *exchange)
{
    const char *path = exchange->path;
    const struct command_view *view = &exchange->view;
    append_body_writer(out, exchange);
    if (!path_is_sayable(path) || !append_method(out, exchange))
        return false;
    if (view->hung)
        str_append(out, " -m 3");
    if (path_has_dots(path))
        str_append(out, " --path-as-is");
    if (strpbrk(path, "[]{}") != NULL)
        str_append(out, " -g");
    if (!append_fields(out, exchange->fields, view->look == KIT_LOOK_BODY || !view->no_text))
        return false;
    append_body(out, exchange);
    auto_free char *url = str_format("http://127.0.0.1:%d%s", port_of_run, path);
    str_append_char(out, ' ');
    shell_append_word(out, url);
    return out->length <= command_most;
}

// ---------------------------------------------------------------- what it is

// The request as kit_request has put it together.
static bool append_request_as_raw(struct str *out, const struct exchange *exchange)
{
    auto_str struct str sent = STR_INIT;
    str_append_format(&sent, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", exchange->method,
                      exchange->path, port_of_run, exchange->fields);
    if (exchange->body.data != NULL && strcasestr(exchange->fields, "Content-Length:") == NULL &&
        strcasestr(exchange->fields, "Transfer-Encoding:") == NULL)
        str_append_format(&sent, "Content-Length: %zu\r\n", exchange->body.length);
    str_append(&sent, "\r\n");
    str_append_bytes(&sent, exchange->body.data, exchange->body.length);
    struct exchange raw = {.kind = EXCHANGE_RAW,
                           .port = port_of_run,
                           .sent = {(unsigned char *)sent.data, sent.length},
                           .view = exchange->view};
    return raw_append(out, &raw);
}

static bool append_http(struct str *out, const struct exchange *exchange)
{
    enum kit_look look = exchange->view.look;
    bool needs_bytes = look == KIT_LOOK_BYTES || look == KIT_LOOK_END;
    if (needs_bytes && append_request_as_raw(out, exchange))
        return true;
    str_clear(out);
    if (append_curl(out, exchange))
        return true;
    str_clear(out);
    return append_request_as_raw(out, exchange);
}

static void append_look(struct str *out, const struct exchange *exchange)
{
    const struct command_view *view = &exchange->view;
    bool is_http = exchange->kind == EXCHANGE_HTTP;
    if (view->look == KIT_LOOK_BODY && is_http)
        body_look_append(out, view);
    else if (view->look == KIT_LOOK_FILE && is_http && body_is_compared(exchange))
        str_append_format(out, "; cmp " BODY_FILE " .lab/files/%s", view->file);
    else if (view->look == KIT_LOOK_FILE)
        file_look_append(out, view, view->length);
}

char *command_for(const struct exchange *exchange)
{
    if (exchange->kind == EXCHANGE_NONE)
        return NULL;
    auto_str struct str main = STR_INIT;
    bool is_http = exchange->kind == EXCHANGE_HTTP;
    if (!(is_http ? append_http(&main, exchange) : raw_append(&main, exchange)))
        return NULL;
    append_look(&main, exchange);
    struct str out = STR_INIT;
    files_append(&out, exchange);
    if (exchange->other_count == 0 || !others_append(&out, exchange, str_text(&main)))
        str_append(&out, str_text(&main));
    return str_take(&out);
}
