// SPDX-License-Identifier: MIT
// Several connections at once: one line for each client, what it sent and what it got.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum { MOST_CLIENTS = 8, LONGEST_LINE = 48 };

struct client {
    double connected;         // negative: not known
    bool outgoing;            // the program has made the connection
    struct str first_line[2]; // what it sent, what the program sent
    bool whole_line[2];       // the first line is over
};

static void add_record(struct client *client, const struct io_record *record)
{
    int side = record->from_program;
    auto_str struct str bytes = STR_INIT;
    text_append_unescaped(&bytes, record->text != NULL ? record->text : "");
    // The grader's record without text says that it connected.
    if (bytes.length == 0 && record->end == NULL && client->connected < 0 &&
        record->from_program == client->outgoing)
        client->connected = record->at;
    for (size_t i = 0; i < bytes.length && !client->whole_line[side]; i++) {
        client->whole_line[side] =
            bytes.data[i] == '\n' || client->first_line[side].length >= LONGEST_LINE;
        if (!client->whole_line[side])
            str_append_char(&client->first_line[side], bytes.data[i]);
    }
}

static void append_side(struct str *out, const char *verb, const struct str *line)
{
    size_t length = line->length;
    while (length > 0 && line->data[length - 1] == '\r')
        length--;
    str_append_format(out, "%s ", verb);
    if (line->length == 0)
        str_append(out, "nothing");
    else
        text_append_escaped(out, line->data, length);
    if (line->length >= LONGEST_LINE)
        str_append(out, "…");
}

static void print_client(const struct screen *screen, const struct check_result *check, int number)
{
    struct client client = {.connected = -1,
                            .outgoing = check_connection_is_outgoing(check, number)};
    for (size_t i = 0; i < check->transcript_count; i++)
        if (check->transcript[i].connection == number)
            add_record(&client, &check->transcript[i]);
    auto_str struct str text = STR_INIT;
    if (client.connected >= 0)
        str_append_format(&text, "connected at %.3f s, ", client.connected);
    if (client.outgoing) {
        append_side(&text, "asked", &client.first_line[1]);
        if (client.first_line[0].length > 0 || client.first_line[1].length > 0)
            append_side(&text, ", answered", &client.first_line[0]);
    } else {
        append_side(&text, "sent", &client.first_line[0]);
        if (client.first_line[0].length > 0 || client.first_line[1].length > 0)
            append_side(&text, ", received", &client.first_line[1]);
    }
    auto_free char *first =
        str_format("  %c%s %-3d%c%s", MARK(STYLE_STRONG), client.outgoing ? "server" : "client",
                   number, MARK(STYLE_PLAIN), number > 99 ? " " : "");
    auto_str struct str rest = STR_INIT;
    blanks_append(&rest, exchange_indent(screen));
    print_wrapped(screen, first, str_text(&rest), str_text(&text));
    str_release(&client.first_line[0]);
    str_release(&client.first_line[1]);
}

void print_clients(const struct screen *screen, const struct check_result *check)
{
    int last = last_connection(check);
    int hidden = 0;
    for (int number = 1; number <= last; number++) {
        if (number <= MOST_CLIENTS || number == check->connection)
            print_client(screen, check, number);
        else
            hidden++;
    }
    if (hidden > 0)
        screen_print(screen, STYLE_DIM, "  … %d more %s%s …\n", hidden,
                     check->was_run ? "connection" : "client", hidden > 1 ? "s" : "");
}
