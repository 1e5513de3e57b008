// SPDX-License-Identifier: MIT
// Requests that the program sent to an origin.
#include "incoming.h"

#include <string.h>
#include <strings.h>

#include "core.h"
#include "field.h"
#include "origin.h"

_Noreturn static void fail_rule(struct kit_connection *connection, size_t start,
                                const struct incoming_parse *parse)
{
    kit_fail_because(
        &(struct kit_failure){
            .message = parse->message,
            .expected = parse->expected,
            .expected_length = parse->expected == NULL ? 0 : strlen(parse->expected),
            .connection = connection,
            .has_offset = true,
            .offset = start + parse->offset,
            .breaks_rule = true,
            .look = KIT_LOOK_BYTES,
        },
        parse->because);
}

static struct kit_request_read *request_make(const struct origin_request *request)
{
    struct kit_bytes all = kit_connection_received(request->connection);
    const unsigned char *bytes = all.data + request->offset;
    struct incoming_parse parse;
    if (incoming_parse(bytes, request->length, true, &parse) == KIT_HTTP_WRONG)
        fail_rule(request->connection, request->offset, &parse);
    struct kit_request_read *read = kit_keep(sizeof *read);
    char *copy = kit_keep_bytes(bytes, parse.total);
    read->connection = request->connection;
    read->method = kit_keep_bytes(copy, parse.method_length);
    read->target = kit_keep_bytes(copy + parse.target_offset, parse.target_length);
    read->head = (struct kit_bytes){(unsigned char *)copy, parse.head_length};
    read->body =
        (struct kit_bytes){(unsigned char *)copy + parse.head_length, (size_t)parse.length};
    read->head_offset = request->offset;
    return read;
}

// A request that has begun and is not whole breaks a rule, or ends too early.
static void look_at_beginnings(struct kit_origin *origin)
{
    for (size_t i = 0; i < origin->server.count; i++) {
        const struct scripted_connection *connection = origin->server.connections[i];
        if (connection->unread.length == 0)
            continue;
        struct incoming_parse parse;
        const unsigned char *bytes = (const unsigned char *)connection->unread.data;
        if (incoming_parse(bytes, connection->unread.length, true, &parse) == KIT_HTTP_WRONG)
            fail_rule(connection->owner, connection->unread_offset, &parse);
    }
}

static bool has_come(void *context)
{
    const struct kit_origin *origin = context;
    return origin->request_count > origin->read;
}

struct kit_request_read *kit_read_request(struct kit_origin *origin)
{
    kit_settle();
    const char *doing = kit_format("a request to %s", origin->host);
    const struct kit_wait wait = {.condition = has_come, .context = origin, .ends_too = true};
    enum kit_wait_result result = has_come(origin) ? KIT_MET : kit_wait(&wait);
    if (result == KIT_ENDED) {
        origins_drain();
        if (!has_come(origin)) {
            look_at_beginnings(origin);
            kit_fail_by_end(kit_the_program(), doing);
        }
    }
    if (result == KIT_HUNG) {
        const struct kit_connection *connection = NULL;
        look_at_beginnings(origin);
        kit_origins_hang(&connection);
        kit_fail_by_hang(kit_format("%s never came", doing), connection);
    }
    return request_make(&origin->requests[origin->read++]);
}

const char *kit_request_field(const struct kit_request_read *request, const char *name)
{
    kit_settle();
    const struct kit_reply message = {.head = request->head};
    struct field field;
    if (!field_find(&message, name, 0, &field))
        return NULL;
    return kit_keep_bytes(field.value.data, field.value.length);
}
