// SPDX-License-Identifier: MIT
// One request on a connection of its own.
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "net.h"

static const char *make_head(struct kit_program *program, const char *method, const char *path,
                             const char *fields)
{
    return kit_format("%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", method, path,
                      kit_program_port(program), fields);
}

const char *kit_head(struct kit_program *program, const char *method, const char *path,
                     const char *fields)
{
    kit_settle();
    return make_head(program, method, path, fields);
}

// True when one of the lines is a field of that name; `name` with its colon.
static bool have_field(const char *fields, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = fields; line != NULL && *line != '\0';) {
        if (strncasecmp(line, name, length) == 0)
            return true;
        const char *end = strchr(line, '\n');
        line = end == NULL ? NULL : end + 1;
    }
    return false;
}

static const char *with_length(const char *fields, struct kit_bytes body)
{
    if (body.data == NULL || have_field(fields, "Content-Length:") ||
        have_field(fields, "Transfer-Encoding:"))
        return fields;
    return kit_format("%sContent-Length: %zu\r\n", fields, body.length);
}

// port: the program's, or that of the cache before it, which knows the program by its path.
static struct kit_reply *exchange(struct kit_program *program, const struct exchange *exchange,
                                  int port, const char *path)
{
    reproduce_note_http(exchange); // first: connecting can fail too
    struct kit_connection *connection =
        connection_open_to(program, port, &(struct kit_connect_options){0});
    connection_set_own(connection);
    connection->asked = exchange;
    const char *head =
        make_head(program, exchange->method, path, with_length(exchange->fields, exchange->body));
    auto_str struct str all = STR_INIT;
    str_append(&all, head);
    str_append_bytes(&all, exchange->body.data, exchange->body.length);
    connection_send(connection, (struct kit_bytes){(unsigned char *)all.data, all.length}, false);
    return reply_read(connection, strcmp(exchange->method, "HEAD") == 0);
}

static struct exchange *asked_make(struct kit_program *program, const char *method,
                                   const char *path, const char *fields, struct kit_bytes body)
{
    // Copied: the command to see it is made when the author's variables may be gone.
    if (body.data != NULL)
        body.data = (unsigned char *)kit_keep_bytes(body.data, body.length);
    struct exchange *asked = kit_keep(sizeof *asked);
    *asked = (struct exchange){.kind = EXCHANGE_HTTP,
                               .port = kit_program_port(program),
                               .method = kit_format("%s", method),
                               .path = kit_format("%s", path),
                               .fields = kit_format("%s", fields == NULL ? "" : fields),
                               .body = body};
    return asked;
}

struct kit_reply *kit_request(struct kit_program *program, const char *method, const char *path,
                              const char *fields, struct kit_bytes body)
{
    kit_settle();
    const struct exchange *asked = asked_make(program, method, path, fields, body);
    return exchange(program, asked, kit_program_port(program), asked->path);
}

struct kit_reply *kit_request_cached(struct kit_program *program, const char *method,
                                     const char *path, const char *fields, struct kit_bytes body)
{
    kit_settle();
    const struct exchange *asked = asked_make(program, method, path, fields, body);
    const char *url = kit_service("NGINX_URL");
    int port = 0;
    if (sscanf(url, "http://127.0.0.1:%d", &port) != 1)
        kit_break("NGINX_URL has no port: %s", url);
    return exchange(program, asked, port,
                    kit_format("/cached/%d%s", kit_program_port(program), path));
}

struct kit_reply *kit_get(struct kit_program *program, const char *path_format, ...)
{
    kit_settle();
    auto_free char *path = NULL;
    va_list arguments;
    va_start(arguments, path_format);
    path = str_format_list(path_format, arguments);
    va_end(arguments);
    return kit_request(program, "GET", path, "", (struct kit_bytes){0});
}
