// SPDX-License-Identifier: MIT
// Origins: servers that a program connects to, and that do what the check says.
#include "origin.h"

#include <string.h>

#include "core.h"

static struct kit_origin *origin_make(enum script_kind kind, const char *address)
{
    kit_settle();
    struct script script = {
        .kind = kind, .address = mem_copy_string(address), .port = kit_surroundings_free_port()};
    struct kit_origin *origin = origin_open(&script);
    bool six = strchr(address, ':') != NULL;
    origin->host = kit_format("%s%s%s:%d", six ? "[" : "", address, six ? "]" : "",
                              origin->server.script.port);
    return origin;
}

struct kit_origin *kit_origin(void)
{
    return origin_make(SCRIPT_SERVES, "127.0.0.1");
}

struct kit_origin *kit_origin_at(const char *address)
{
    return origin_make(SCRIPT_SERVES, address);
}

struct kit_origin *kit_origin_refusing(void)
{
    return origin_make(SCRIPT_REFUSES, "127.0.0.1");
}

struct kit_origin *kit_origin_unreachable(void)
{
    return origin_make(SCRIPT_NEVER_ACCEPTS, "127.0.0.1");
}

int kit_origin_port(const struct kit_origin *origin)
{
    return origin->server.script.port;
}

const char *kit_origin_host(const struct kit_origin *origin)
{
    return origin->host;
}

const char *kit_url(const struct kit_origin *origin, const char *path_format, ...)
{
    auto_str struct str text = STR_INIT;
    str_append_format(&text, "http://%s", origin->host);
    va_list arguments;
    va_start(arguments, path_format);
    str_append_format_list(&text, path_format, arguments);
    va_end(arguments);
    return kit_keep_bytes(str_text(&text), text.length);
}

size_t kit_request_count(const struct kit_origin *origin)
{
    kit_settle();
    kit_origins_serve();
    return origin->request_count;
}

size_t kit_connection_count(const struct kit_origin *origin)
{
    kit_settle();
    kit_origins_serve();
    return origin->connection_count;
}

struct kit_bytes kit_origin_received(const struct kit_origin *origin, size_t index)
{
    kit_settle();
    kit_origins_serve();
    if (index >= origin->connection_count)
        return (struct kit_bytes){(const unsigned char *)"", 0};
    struct kit_bytes all = kit_connection_received(origin->connections[index]);
    return (struct kit_bytes){(unsigned char *)kit_keep_bytes(all.data, all.length), all.length};
}

uint64_t kit_origin_sent(const struct kit_origin *origin)
{
    kit_settle();
    kit_origins_serve();
    return origin->server.sent;
}
