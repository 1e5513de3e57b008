// SPDX-License-Identifier: MIT
// Which command stands at "see it": the author's own, else one made from the last exchange.
#include <string.h>

#include "net.h"

static const char *given;
static struct exchange last;
static const struct kit_connection *last_connection; // of a raw exchange, which still grows

void reproduce_note_raw(const struct kit_connection *connection)
{
    last = (struct exchange){.kind = EXCHANGE_RAW};
    last_connection = connection;
}

void reproduce_note_http(const struct exchange *exchange)
{
    last = *exchange;
    last_connection = NULL;
}

void kit_reproduce_failed_on(const struct kit_connection *connection)
{
    if (connection->asked != NULL)
        reproduce_note_http(connection->asked);
    else
        reproduce_note_raw(connection);
}

void kit_reproduce(const char *format, ...)
{
    kit_settle();
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = str_format_list(format, arguments);
    va_end(arguments);
    given = kit_keep_bytes(text, strlen(text));
}

const char *kit_reproduce_command(void)
{
    if (given != NULL)
        return given;
    if (last_connection != NULL) {
        last.port = last_connection->program_port;
        last.ipv6 = last_connection->ipv6;
        last.half_closed = last_connection->half_closed;
        last.sent = kit_connection_sent(last_connection);
    }
    auto_free char *command = command_for(&last);
    return command == NULL ? NULL : kit_keep_bytes(command, strlen(command));
}
