// SPDX-License-Identifier: MIT
// An exchange as bytes: printf writes them, nc carries them.
#include <string.h>

#include "command.h"

enum {
    writer_most = 600,   // characters; longer ones help nobody
    sent_most = 1 << 20, // bytes; nobody pastes more, whatever they are made of
};

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

void raw_append_with_port(struct str *out, struct kit_bytes bytes, int port)
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

// ---------------------------------------------------------------- what is sent

static bool part_append(struct str *out, const struct exchange *exchange, size_t from, size_t to)
{
    auto_str struct str bytes = STR_INIT;
    struct kit_bytes part = {exchange->sent.data + from, to - from};
    raw_append_with_port(&bytes, part, exchange->port);
    struct kit_bytes written = {(const unsigned char *)bytes.data, bytes.length};
    return shell_append_writer(out, written, writer_most);
}

// What is sent, with a second between parts that the program had read before the next one came.
static bool writer_append(struct str *out, const struct exchange *exchange)
{
    if (exchange->pause_count == 0)
        return part_append(out, exchange, 0, exchange->sent.length);
    size_t from = 0;
    str_append(out, "{ ");
    for (size_t i = 0; i <= exchange->pause_count; i++) {
        size_t to = i < exchange->pause_count ? exchange->pauses[i] : exchange->sent.length;
        if (i > 0)
            str_append(out, "; sleep 1; ");
        if (!part_append(out, exchange, from, to))
            return false;
        from = to;
    }
    str_append(out, "; }");
    return true;
}

// perl is there on every Debian, and alone among what is writes a few bytes at a time.
static void pieces_append(struct str *out, size_t piece)
{
    if (piece > 0)
        str_append_format(out,
                          " | perl -e '$|=1; while (read STDIN, $c, %zu) { print $c; "
                          "select $u, $u, $u, .02 }'",
                          piece);
}

// Time enough to send all, pauses included, and to see what comes.
static int seconds_for(const struct exchange *exchange)
{
    bool is_end = exchange->view.look == KIT_LOOK_END;
    size_t pieces = exchange->piece > 0 ? exchange->sent.length / exchange->piece : 0;
    size_t sending = pieces > 0 ? pieces / 25 + 1 : 0; // a piece takes 0.02 s, and some more
    return (is_end ? 3 : 2) + (int)sending;
}

bool raw_append(struct str *out, const struct exchange *exchange)
{
    const char *address = exchange->ipv6 ? "::1" : "127.0.0.1";
    if (exchange->sent.length == 0) {
        str_append_format(out, "nc -zv %s %d", address, port_of_run);
        return true;
    }
    if (exchange->sent.length > sent_most || !writer_append(out, exchange))
        return false;
    pieces_append(out, exchange->piece);
    enum kit_look look = exchange->view.look;
    // Without a time, nc stays as long as the server does. Its own -q would end it too, but shows
    // nothing that comes after the end of its input.
    bool is_end = look == KIT_LOOK_END;
    str_append_format(out, " | timeout %d nc %s%s %d", seconds_for(exchange),
                      exchange->half_closed ? "-N " : "", address, port_of_run);
    if (is_end)
        str_append(out, " && echo '[closed]' || echo '[still open]'");
    else if (look == KIT_LOOK_BYTES)
        str_append(out, " | cat -A");
    return true;
}

// ---------------------------------------------------------------- other clients

bool others_append(struct str *out, const struct exchange *exchange, const char *command)
{
    auto_str struct str script = STR_INIT;
    for (size_t i = 0; i < exchange->other_count; i++) {
        int descriptor = 3 + (int)i;
        str_append_format(&script, "exec %d<>/dev/tcp/127.0.0.1/%d; ", descriptor, port_of_run);
        if (exchange->others[i].length == 0)
            continue;
        auto_str struct str bytes = STR_INIT;
        raw_append_with_port(&bytes, exchange->others[i], exchange->port);
        struct kit_bytes written = {(const unsigned char *)bytes.data, bytes.length};
        if (!shell_append_writer(&script, written, writer_most))
            return false;
        str_append_format(&script, " >&%d; ", descriptor);
    }
    str_append_format(&script, "sleep 1; %s", command);
    str_append(out, "bash -c ");
    shell_append_double_quoted(out, str_text(&script));
    return true;
}
