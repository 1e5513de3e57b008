// SPDX-License-Identifier: MIT
// The command that repeats an exchange by hand: curl where curl can say it, else printf and nc.
#include "command.h"

#include <string.h>
#include <strings.h>

enum {
    port_of_run = 8080, // where `lab run` serves
    command_most = 600, // characters; longer ones help nobody
    argument_most = 400,
    sent_most = 1 << 20, // bytes; nobody pastes more, whatever they are made of
};

// ---------------------------------------------------------------- raw bytes

// Appends the bytes with the program's port replaced where this address stands before it.
static void append_replaced(struct str *out, struct kit_bytes bytes, const char *address, int port)
{
    auto_free char *there = str_format("%s:%d", address, port);
    size_t length = strlen(there), at = 0;
    const unsigned char *found;
    while ((found = memmem(bytes.data + at, bytes.length - at, there, length)) != NULL) {
        size_t before = (size_t)(found - bytes.data) - at;
        str_append_bytes(out, bytes.data + at, before);
        str_append_format(out, "%s:%d", address, port_of_run);
        at += before + length;
    }
    str_append_bytes(out, bytes.data + at, bytes.length - at);
}

static void append_with_port_of_run(struct str *out, struct kit_bytes bytes, int port)
{
    static const char *const addresses[] = {"127.0.0.1", "localhost", "[::1]"};
    auto_str struct str text = STR_INIT;
    str_append_bytes(&text, bytes.data, bytes.length);
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        auto_str struct str next = STR_INIT;
        struct kit_bytes now = {(const unsigned char *)text.data, text.length};
        append_replaced(&next, now, addresses[i], port);
        str_clear(&text);
        str_append_bytes(&text, next.data, next.length);
    }
    str_append_bytes(out, text.data, text.length);
}

static char *raw_command(const struct exchange *exchange)
{
    const char *address = exchange->ipv6 ? "::1" : "127.0.0.1";
    if (exchange->sent.length == 0)
        return str_format("nc -zv %s %d", address, port_of_run);
    if (exchange->sent.length > sent_most)
        return NULL;
    auto_str struct str bytes = STR_INIT;
    append_with_port_of_run(&bytes, exchange->sent, exchange->port);
    struct str out = STR_INIT;
    struct kit_bytes written = {(const unsigned char *)bytes.data, bytes.length};
    if (!shell_append_writer(&out, written, command_most)) {
        str_release(&out);
        return NULL;
    }
    // -N ends the sending side when the bytes are over, -q only stops 2 seconds later.
    str_append_format(&out, " | nc %s %s %d", exchange->half_closed ? "-N" : "-q 2", address,
                      port_of_run);
    return str_take(&out);
}

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

// Appends -H for each field; false when one of them cannot be said.
static bool append_fields(struct str *out, const char *fields)
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
    if (compressed) // a terminal is no place for gzip
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

// What writes the body into curl, for one that is no argument.
static void append_body_writer(struct str *out, struct kit_bytes body)
{
    if (body.data == NULL || is_argument(body))
        return;
    if (!shell_append_writer(out, body, argument_most))
        str_append_format(out, "head -c %zu /dev/urandom", body.length); // as good as any bytes
    str_append(out, " | ");
}

static void append_body(struct str *out, struct kit_bytes body)
{
    if (body.data == NULL)
        return;
    str_append(out, " --data-binary ");
    if (is_argument(body)) {
        auto_free char *text = str_format("%.*s", (int)body.length, (const char *)body.data);
        shell_append_word(out, text);
    } else {
        str_append(out, "@-");
    }
}

static bool append_method(struct str *out, const struct exchange *exchange)
{
    bool has_body = exchange->body.data != NULL;
    if (str_equal(exchange->method, "HEAD") && !has_body) {
        str_append(out, "curl -I");
        return true;
    }
    str_append(out, "curl -i");
    if (str_equal(exchange->method, has_body ? "POST" : "GET"))
        return true;
    str_append_format(out, " -X %s", exchange->method);
    return all_of(exchange->method, strlen(exchange->method), "-._");
}

static bool append_curl(struct str *out, const struct exchange *exchange)
{
    const char *path = exchange->path;
    append_body_writer(out, exchange->body);
    if (!path_is_sayable(path) || !append_method(out, exchange))
        return false;
    if (path_has_dots(path))
        str_append(out, " --path-as-is");
    if (strpbrk(path, "[]{}") != NULL)
        str_append(out, " -g");
    if (!append_fields(out, exchange->fields))
        return false;
    append_body(out, exchange->body);
    auto_free char *url = str_format("http://127.0.0.1:%d%s", port_of_run, path);
    str_append_char(out, ' ');
    shell_append_word(out, url);
    return out->length <= command_most;
}

// The request as kit_request has put it together.
static char *request_as_raw(const struct exchange *exchange)
{
    auto_str struct str sent = STR_INIT;
    str_append_format(&sent, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", exchange->method,
                      exchange->path, port_of_run, exchange->fields);
    if (exchange->body.data != NULL && strcasestr(exchange->fields, "Content-Length:") == NULL &&
        strcasestr(exchange->fields, "Transfer-Encoding:") == NULL)
        str_append_format(&sent, "Content-Length: %zu\r\n", exchange->body.length);
    str_append(&sent, "\r\n");
    str_append_bytes(&sent, exchange->body.data, exchange->body.length);
    return raw_command(&(struct exchange){.kind = EXCHANGE_RAW,
                                          .port = port_of_run,
                                          .sent = {(unsigned char *)sent.data, sent.length}});
}

char *command_for(const struct exchange *exchange)
{
    if (exchange->kind == EXCHANGE_NONE)
        return NULL;
    if (exchange->kind == EXCHANGE_RAW)
        return raw_command(exchange);
    auto_str struct str out = STR_INIT;
    if (append_curl(&out, exchange))
        return str_take(&out);
    return request_as_raw(exchange);
}
