// SPDX-License-Identifier: MIT
/*
 * The ladder on a screen:
 *
 *   time   client 1     client 2     server
 *   0.002               GET / ─────► recv           server.c:31   18 bytes
 *
 * Where there is no room for the columns, each row becomes two lines.
 */
#include "render/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/ladder_rows.h"
#include "render/parts.h"

enum {
    INDENT = 2,
    MOST_CLIENTS = 3,
    LEAST_COLUMN = 11, // "connect ─► "
    USUAL_COLUMN = 13,
    WIDEST_COLUMN = 30,
    GAP = 2,
    ARROW_OUT = 4,    // " ─► "
    ARROW_BACK = 6,   // "◄─ " and " ─ "
    LONGEST_TEXT = 48 // where each row has lines of its own
};

struct layout {
    const struct screen *screen;
    const struct check_result *check;
    int clients[MOST_CLIENTS];
    size_t count;
    size_t time;   // columns of the time, with what stands around it
    size_t column; // of a client; 0: each row has lines of its own
    size_t call, place;
    bool notes; // numbers of bytes are shown
};

// ---- bytes

// Columns of the escape, or of the character, that begins here.
static size_t unit(const char *escaped)
{
    if (*escaped != '\\')
        return 1;
    return escaped[1] == 'x' ? 4 : 2;
}

// The first line, its end visible, cut to `columns`; "…" says that there is more.
static char *shorten(const char *escaped, size_t columns)
{
    size_t length = 0;
    size_t fits = 0; // as far as a "…" still has room
    size_t total = strlen(escaped);
    bool over = false;
    while (length < total && !over) {
        size_t step = unit(escaped + length);
        if (length + step > columns)
            break;
        over = str_starts_with(escaped + length, "\\n");
        length += step;
        if (length + 1 <= columns)
            fits = length;
    }
    if (length >= total)
        return mem_copy_string(escaped);
    return str_format("%.*s…", (int)fits, escaped);
}

// ---- what stands in a client's column

static char *client_text(const struct ladder_row *row, size_t columns)
{
    if (row->client == CLIENT_CONNECTS)
        return mem_copy_string("connect");
    if (row->client == CLIENT_IS_REACHED)
        return mem_copy_string("accept");
    if (row->client == CLIENT_LEAVES)
        return mem_copy_string(str_equal(row->text, "reset") ? "resets" : "closes");
    if (row->client == CLIENT_IS_LEFT)
        return mem_copy_string(str_equal(row->name, "shutdown") ? "end" : "closed");
    return shorten(row->text, columns);
}

static size_t column_of(const struct layout *layout, int connection)
{
    for (size_t i = 0; i < layout->count; i++)
        if (layout->clients[i] == connection)
            return i;
    return layout->count;
}

static bool comes_back(const struct ladder_row *row)
{
    return row->client == CLIENT_RECEIVES || row->client == CLIENT_IS_LEFT ||
           row->client == CLIENT_IS_REACHED;
}

static void append_dashes(struct str *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        str_append(out, "─");
}

// Fills the clients' columns up to the server's.
static void append_clients(struct str *out, const struct layout *layout,
                           const struct ladder_row *row)
{
    size_t all = layout->count * layout->column;
    size_t column = column_of(layout, row->connection);
    if (row->client == CLIENT_NOTHING || column == layout->count) {
        blanks_append(out, all);
        return;
    }
    blanks_append(out, column * layout->column);
    size_t room = all - column * layout->column;
    bool back = comes_back(row);
    auto_free char *text = client_text(row, layout->column - (back ? ARROW_BACK : ARROW_OUT));
    size_t used = text_width(text);
    if (back) {
        str_append_format(out, "◄─ %s ", text);
        append_dashes(out, room - used - ARROW_BACK + 1);
        str_append_char(out, ' ');
    } else {
        str_append_format(out, "%s ", text);
        append_dashes(out, room - used - ARROW_OUT + 1);
        str_append(out, "► ");
    }
}

// ---- the server's column

static void append_padded(struct str *out, const char *text, size_t columns)
{
    size_t used = text_width(text);
    str_append(out, text);
    blanks_append(out, used < columns ? columns - used : 1);
}

static char *server_text(const struct layout *layout, const struct ladder_row *row)
{
    struct str out = STR_INIT;
    if (row->remark != NULL) {
        auto_free char *safe = visible(row->remark);
        str_append_format(&out, "%c%s%c", MARK(row->bad ? STYLE_BAD : STYLE_DIM), safe,
                          MARK(STYLE_PLAIN));
        return str_take(&out);
    }
    if (row->call == NULL)
        return str_take(&out);
    auto_free char *call = visible(row->call);
    auto_free char *place = visible(row->place);
    bool note = row->note != NULL && (layout->notes || !row->counts);
    append_padded(&out, call, place[0] != '\0' || note ? layout->call : 0);
    append_padded(&out, place, note ? layout->place : 0);
    if (note)
        str_append_format(&out, "%c%s%c", MARK(row->bad ? STYLE_BAD : STYLE_PLAIN), row->note,
                          MARK(STYLE_PLAIN));
    return str_take(&out);
}

// ---- lines

static char *time_text(const struct layout *layout, double at)
{
    struct str out = STR_INIT;
    blanks_append(&out, INDENT);
    auto_free char *time = at >= 0 ? str_format("%.3f", at) : mem_copy_string("");
    append_padded(&out, time, layout->time - INDENT);
    return str_take(&out);
}

static void print_one_line(const struct layout *layout, const struct ladder_row *row)
{
    auto_free char *time = time_text(layout, row->at);
    auto_str struct str first = STR_INIT;
    auto_str struct str rest = STR_INIT;
    str_append(&first, time);
    append_clients(&first, layout, row);
    blanks_append(&rest, layout->time + layout->count * layout->column);
    auto_free char *text = server_text(layout, row);
    print_wrapped(layout->screen, str_text(&first), str_text(&rest), text);
}

static const char *verb_of(const struct ladder_row *row)
{
    if (row->client == CLIENT_CONNECTS)
        return "connects";
    if (row->client == CLIENT_IS_LEFT)
        return str_equal(row->name, "shutdown") ? "gets the end" : "is closed";
    return comes_back(row) ? "receives " : "sends ";
}

// "client 1 sends GET /\r\n"
static void say_client(const struct layout *layout, const struct ladder_row *row, const char *time)
{
    if (row->client == CLIENT_NOTHING)
        return;
    bool bytes = row->client != CLIENT_CONNECTS && row->client != CLIENT_IS_LEFT;
    auto_free char *text = bytes ? client_text(row, LONGEST_TEXT) : mem_copy_string("");
    auto_free char *line = str_format("client %d %s%s", row->connection, verb_of(row), text);
    print_wrapped(layout->screen, time, "    ", line);
}

// The row in words, the cause before what came of it.
static void say_row(const struct layout *layout, const struct ladder_row *row)
{
    auto_free char *time = row->at >= 0 ? str_format("%.3f s: ", row->at) : mem_copy_string("");
    auto_free char *server = server_text(layout, row);
    auto_free char *line = str_format("server: %s", server);
    bool back = comes_back(row);
    if (!back)
        say_client(layout, row, time);
    if (server[0] != '\0')
        print_wrapped(layout->screen, time, "    ", line);
    if (back)
        say_client(layout, row, time);
}

// The same on lines of its own: what the client saw, then what the server did.
static void print_stacked_row(const struct layout *layout, const struct ladder_row *row)
{
    if (layout->screen->plain) {
        say_row(layout, row);
        return;
    }
    auto_free char *time = time_text(layout, row->at);
    auto_str struct str rest = STR_INIT;
    blanks_append(&rest, layout->time);
    bool column = row->client != CLIENT_NOTHING;
    if (column) {
        auto_free char *text = client_text(row, LONGEST_TEXT);
        auto_free char *line = str_format("%s %d %s %s", row->outgoing ? "server" : "client",
                                          row->connection, comes_back(row) ? "◄─" : "─►", text);
        print_wrapped(layout->screen, time, str_text(&rest), line);
    }
    auto_free char *server = server_text(layout, row);
    if (server[0] != '\0')
        print_wrapped(layout->screen, column ? str_text(&rest) : time, str_text(&rest), server);
}

static void print_header(const struct layout *layout)
{
    auto_str struct str line = STR_INIT;
    append_padded(&line, "time", layout->time - INDENT);
    for (size_t i = 0; i < layout->count && layout->column > 0; i++) {
        bool outgoing = check_connection_is_outgoing(layout->check, layout->clients[i]);
        auto_free char *name =
            str_format("%s %d", outgoing ? "server" : "client", layout->clients[i]);
        append_padded(&line, name, layout->column);
    }
    str_append(&line, layout->column == 0      ? "what happened"
                      : layout->check->was_run ? "program"
                                               : "server");
    auto_free char *marked =
        str_format("%c%s%c", MARK(STYLE_STRONG), str_text(&line), MARK(STYLE_PLAIN));
    print_wrapped(layout->screen, "  ", "         ", marked);
}

// ---- the layout

static void widen(size_t *columns, const char *text, size_t more)
{
    size_t width = text != NULL ? text_width(text) + more : 0;
    *columns = width > *columns ? width : *columns;
}

// Chooses the columns' widths; returns false when the clients have no room.
static bool fit(struct layout *layout, const struct ladder_rows *rows)
{
    size_t wanted = USUAL_COLUMN;
    size_t note = 0;
    layout->call = layout->place = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct ladder_row *row = &rows->items[i];
        widen(&layout->call, row->call, GAP);
        widen(&layout->place, row->place, GAP);
        if (layout->notes || !row->counts)
            widen(&note, row->note, 0);
        if (row->client == CLIENT_NOTHING)
            continue;
        auto_free char *text = client_text(row, WIDEST_COLUMN);
        widen(&wanted, text, comes_back(row) ? ARROW_BACK : ARROW_OUT);
    }
    size_t used = layout->time + layout->call + layout->place + note;
    size_t width = (size_t)layout->screen->width;
    size_t room = width > used && layout->count > 0 ? (width - used) / layout->count : 0;
    layout->column = wanted > WIDEST_COLUMN ? WIDEST_COLUMN : wanted;
    if (layout->column > room)
        layout->column = room;
    return layout->column >= LEAST_COLUMN;
}

static void lay_out(struct layout *layout, const struct ladder_rows *rows)
{
    layout->time = INDENT + strlen("time") + GAP;
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->items[i].at < 0)
            continue;
        auto_free char *time = str_format("%.3f", rows->items[i].at);
        widen(&layout->time, time, INDENT + GAP);
    }
    bool columns = !layout->screen->plain;
    layout->notes = true;
    if (columns && fit(layout, rows))
        return;
    layout->notes = false;
    if (columns && layout->count > 0 && fit(layout, rows))
        return;
    layout->notes = true;
    layout->column = 0;
    layout->call = layout->place = 0;
}

// ---- what stands below

static void print_verdict(const struct screen *screen, const struct ladder_view *view)
{
    const struct check_result *check = view->check;
    const bool good = check->status == CHECK_PASSED;
    const char *word = good                            ? "ok"
                       : check->status == CHECK_FAILED ? "FAIL"
                       : check->status == CHECK_BROKEN ? "BROKEN"
                                                       : "--";
    auto_free char *id = visible(check->id);
    auto_free char *first =
        str_format("%c%s%c%*s", MARK(good ? STYLE_GOOD : STYLE_BAD), word, MARK(STYLE_PLAIN),
                   strlen(word) < 6 ? (int)(6 - strlen(word)) : 1, "");
    fputc('\n', screen->out);
    print_wrapped(screen, first, "      ", id);
    if (!good && check->message != NULL)
        print_labelled(screen, STYLE_BAD, "error", "%s", check->message);
    if (view->missing != NULL)
        print_labelled(screen, STYLE_STRONG, "note", "no calls of the program are known: %s",
                       view->missing);
    else if (view->record->count == 0 && check->transcript_count > 0 &&
             check->trace_notes.count == 0)
        print_labelled(screen, STYLE_STRONG, "note", "the program made no call that is known");
    if (view->record->lost > 0)
        print_labelled(screen, STYLE_STRONG, "note", "%zu more calls were too many to keep",
                       view->record->lost);
    for (size_t i = 0; i < check->trace_notes.count; i++)
        print_labelled(screen, STYLE_STRONG, "note", "%s", check->trace_notes.items[i]);
}

// The line to look at: where it is stuck, or what the findings say.
static const struct source_frame *line_to_edit(const struct ladder_view *view)
{
    const struct check_result *check = view->check;
    if (check->finding_count > 0 && check->findings[0].frame_count > 0)
        return &check->findings[0].frames[0];
    for (size_t i = 0; i < view->record->count; i++)
        if (view->record->events[i].kind == TRACE_STUCK && view->record->events[i].frame_count > 0)
            return &view->record->events[i].frames[0];
    return NULL;
}

static void print_next(const struct screen *screen, const struct ladder_view *view)
{
    const struct check_result *check = view->check;
    auto_free char *step = str_format("%.*s", (int)strcspn(check->id, "/"), check->id);
    const struct source_frame *line = check->status == CHECK_FAILED ? line_to_edit(view) : NULL;
    if (line != NULL)
        print_labelled(screen, STYLE_STRONG, "next", "edit %s:%d, then `%s check %s`", line->file,
                       line->line, view->command, step);
    else
        print_labelled(screen, STYLE_STRONG, "next", "%s check %s", view->command, step);
}

void render_ladder(const struct screen *screen, const struct ladder_view *view)
{
    struct layout layout = {.screen = screen, .check = view->check};
    struct ladder_rows rows =
        ladder_rows_of(view->check, view->record, layout.clients, MOST_CLIENTS, &layout.count);
    lay_out(&layout, &rows);
    if (rows.count > 0 && !screen->plain)
        print_header(&layout);
    else if (rows.count == 0)
        screen_say(screen, "nothing was sent, and no call of the program is known");
    for (size_t i = 0; i < rows.count; i++)
        if (layout.column > 0)
            print_one_line(&layout, &rows.items[i]);
        else
            print_stacked_row(&layout, &rows.items[i]);
    ladder_rows_release(&rows);
    print_verdict(screen, view);
    print_next(screen, view);
}
