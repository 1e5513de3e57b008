// SPDX-License-Identifier: MIT
/*
 * What was sent and what came back, in blocks: a block is what one side sent until the other began.
 * One connection is shown whole, of several the one with the difference, and a line for each other.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/parts.h"
#include "render/rows.h"

enum { MOST_BLOCKS = 6, BLOCKS_AFTER = 1 }; // behind the one with the difference

struct block {
    bool from_program;
    struct rows rows;
};

struct exchange {
    struct block *blocks;
    size_t count;
    bool answered;   // the other side has sent something
    bool outgoing;   // the program has made the connection: it asks
    const char *end; // how the first of the two ended it: "closed", "reset"; NULL: neither
    bool ended_by_program;
};

static size_t columns_for_bytes(const struct screen *screen)
{
    return (size_t)screen->width - exchange_indent(screen);
}

static void add_record(struct exchange *exchange, const struct io_record *record, size_t width)
{
    auto_str struct str bytes = STR_INIT;
    text_append_unescaped(&bytes, record->text != NULL ? record->text : "");
    if (record->end != NULL && exchange->end == NULL) {
        exchange->end = record->end;
        exchange->ended_by_program = record->from_program;
    }
    if (bytes.length == 0 && record->omitted == 0)
        return;
    struct block *last = exchange->count > 0 ? &exchange->blocks[exchange->count - 1] : NULL;
    if (last == NULL || last->from_program != record->from_program) {
        exchange->blocks =
            mem_resize(exchange->blocks, (exchange->count + 1) * sizeof *exchange->blocks);
        last = &exchange->blocks[exchange->count++];
        *last = (struct block){.from_program = record->from_program};
        last->rows.end = record->offset - record->omitted;
    }
    if (record->offset > last->rows.end)
        rows_add_gap(&last->rows, record->offset - last->rows.end);
    rows_add(&last->rows, str_text(&bytes), bytes.length, width);
    exchange->answered |= record->from_program != exchange->outgoing;
}

static void exchange_of(const struct check_result *check, int connection, size_t width,
                        struct exchange *out)
{
    *out = (struct exchange){.outgoing = check_connection_is_outgoing(check, connection)};
    for (size_t i = 0; i < check->transcript_count; i++)
        if (check->transcript[i].connection == connection)
            add_record(out, &check->transcript[i], width);
}

static void exchange_release(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->count; i++)
        rows_release(&exchange->blocks[i].rows);
    free(exchange->blocks);
}

// How many of the right-hand bytes differ, one after the other, from `at` on.
static size_t differing_length(const struct str *actual, const struct str *expected, size_t at)
{
    size_t length = 0;
    while (at + length < actual->length &&
           (at + length >= expected->length ||
            actual->data[at + length] != expected->data[at + length]))
        length++;
    return length > 0 ? length : 1;
}

// Compares what was expected with what came; known only when both are there and differ.
static struct difference compare(const struct check_result *check)
{
    struct difference difference = {.length = 1};
    if (check->expected == NULL || check->actual == NULL)
        return difference;
    auto_str struct str actual = STR_INIT;
    auto_str struct str expected = STR_INIT;
    text_append_unescaped(&actual, check->actual);
    text_append_unescaped(&expected, check->expected);
    size_t at = 0;
    while (at < actual.length && at < expected.length && actual.data[at] == expected.data[at])
        at++;
    difference.known = at < actual.length || at < expected.length;
    difference.offset = at;
    difference.length = differing_length(&actual, &expected, at);
    return difference;
}

// Appends what the program sent on the connection from an offset on, as far as it was recorded in
// one piece.
static void received_from(const struct check_result *check, size_t offset, struct str *out)
{
    size_t next = offset;
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        if (!record->from_program ||
            (check->connection > 0 && record->connection != check->connection))
            continue;
        auto_str struct str bytes = STR_INIT;
        text_append_unescaped(&bytes, record->text != NULL ? record->text : "");
        if (record->offset > next || record->offset + bytes.length <= next)
            continue;
        size_t skip = next - record->offset;
        str_append_bytes(out, bytes.data + skip, bytes.length - skip);
        next = record->offset + bytes.length;
    }
}

static bool begins_with(const struct str *text, const char *prefix, size_t length)
{
    return length > 0 && text->length >= length && memcmp(text->data, prefix, length) == 0;
}

// Where the carets stand. The offset may be that of the first wrong byte, or of the wrong value as
// a whole; a number is wrong as a whole.
static struct difference difference_in(const struct check_result *check)
{
    struct difference difference = {
        .known = check->has_offset, .offset = check->offset, .length = 1};
    struct difference compared = compare(check);
    if (!check->has_offset)
        return difference;
    auto_str struct str received = STR_INIT;
    received_from(check, check->offset, &received);
    size_t digits = strspn(str_text(&received), "0123456789");
    if (!compared.known) {
        difference.length = digits > 0 ? digits : 1;
        return difference;
    }
    auto_str struct str actual = STR_INIT;
    text_append_unescaped(&actual, check->actual);
    bool at_value = begins_with(&received, str_text(&actual), actual.length);
    if (at_value && strspn(str_text(&actual), "0123456789") == actual.length) {
        difference.length = actual.length;
    } else if (at_value) {
        difference.offset += compared.offset;
        difference.length = compared.length;
    } else if (compared.offset < actual.length &&
               begins_with(&received, actual.data + compared.offset,
                           actual.length - compared.offset)) {
        difference.length = compared.length;
    }
    return difference;
}

// The block with the difference; exchange->count: none has it. A difference at the first byte of an
// answer stands behind the last byte of the answer before, too: the later block is the one.
static size_t focus_block(const struct exchange *exchange, const struct difference *difference)
{
    for (size_t i = exchange->count; i-- > 0;)
        if (exchange->blocks[i].from_program && rows_have(&exchange->blocks[i].rows, difference))
            return i;
    return exchange->count;
}

// Which blocks stay when there are many: those around the difference, else the last ones.
static size_t first_shown_block(const struct exchange *exchange, size_t focus)
{
    if (exchange->count <= MOST_BLOCKS)
        return 0;
    size_t last = exchange->count - 1;
    if (focus + BLOCKS_AFTER < last)
        last = focus + BLOCKS_AFTER;
    return last + 1 > MOST_BLOCKS ? last + 1 - MOST_BLOCKS : 0;
}

static void print_hidden_blocks(const struct screen *screen, size_t count, const char *where)
{
    if (count == 0)
        return;
    fprintf(screen->out, "%*s", (int)exchange_indent(screen), "");
    auto_str struct str text = STR_INIT;
    str_append(&text, "… ");
    plural_append(&text, count, where);
    screen_print(screen, STYLE_DIM, "%s …\n", str_text(&text));
}

// A program that connects asks, and the server answers; of a server's client it is told what it
// sent and received.
static const char *label_of(const struct exchange *exchange, bool from_program)
{
    if (exchange->outgoing)
        return from_program ? "asked" : "answered";
    return from_program ? "received" : "sent";
}

// How the server that the program met left it: that may be the whole point.
static void print_server_end(const struct screen *screen, const struct exchange *exchange)
{
    if (!exchange->outgoing || exchange->end == NULL || exchange->ended_by_program)
        return;
    fprintf(screen->out, "%*s", (int)exchange_indent(screen), "");
    screen_print(screen, STYLE_DIM, "(the server %s the connection)\n", exchange->end);
}

static void print_connection(const struct screen *screen, const struct check_result *check,
                             int connection)
{
    struct exchange exchange;
    exchange_of(check, connection, columns_for_bytes(screen), &exchange);
    struct difference here = difference_in(check);
    here.known &= check->connection == connection || check->connection == 0;
    const struct suspect *suspect = &check->suspect;
    const struct difference asked = {suspect->text != NULL && suspect->connection == connection,
                                     suspect->offset, suspect->length, suspect->text};
    const struct difference nowhere = {.length = 1};
    size_t focus = focus_block(&exchange, &here);
    size_t first = first_shown_block(&exchange, focus);
    print_hidden_blocks(screen, first, "earlier part");
    size_t i = first;
    for (; i < exchange.count && i < first + MOST_BLOCKS; i++) {
        const struct block *block = &exchange.blocks[i];
        rows_print(screen, label_of(&exchange, block->from_program), &block->rows,
                   !block->from_program ? &asked
                   : i == focus         ? &here
                                        : &nowhere);
    }
    print_hidden_blocks(screen, exchange.count - i, "later part");
    if ((exchange.count > 0 || exchange.outgoing) && !exchange.answered) {
        exchange_label(screen, label_of(&exchange, !exchange.outgoing));
        fputs("nothing\n", screen->out);
    }
    print_server_end(screen, &exchange);
    exchange_release(&exchange);
}

int last_connection(const struct check_result *check)
{
    int last = check->connection;
    for (size_t i = 0; i < check->transcript_count; i++)
        if (check->transcript[i].connection > last)
            last = check->transcript[i].connection;
    return last;
}

// There is something of the program's to be shown.
static bool has_answer_on(const struct check_result *check, int connection)
{
    if (check_connection_is_outgoing(check, connection))
        return true;
    for (size_t i = 0; i < check->transcript_count; i++)
        if (check->transcript[i].connection == connection && check->transcript[i].from_program)
            return true;
    return false;
}

void print_exchange(const struct screen *screen, const struct check_result *check)
{
    int last = last_connection(check);
    if (last > 1)
        print_clients(screen, check);
    if (last == 1)
        print_connection(screen, check, 1);
    else if (check->connection > 0 && has_answer_on(check, check->connection))
        print_connection(screen, check, check->connection);
}

// Whether the message says a value, as a word of its own.
static bool says(const char *message, const char *value)
{
    size_t length = strlen(value);
    const char *found = message != NULL && length > 0 ? strstr(message, value) : NULL;
    for (; found != NULL; found = strstr(found + 1, value)) {
        static const char letters[] =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        bool begins = found == message || strchr(letters, found[-1]) == NULL;
        if (begins && (found[length] == '\0' || strchr(letters, found[length]) == NULL))
            return true;
    }
    return false;
}

static void print_value(const struct screen *screen, const char *label, const char *escaped,
                        const struct difference *difference)
{
    auto_str struct str bytes = STR_INIT;
    text_append_unescaped(&bytes, escaped);
    if (bytes.length > 0 &&
        strspn(str_text(&bytes), " ") == bytes.length) { // nobody sees blanks alone
        exchange_label(screen, label);
        fprintf(screen->out, "`%s`\n", str_text(&bytes));
        return;
    }
    struct rows rows = {0};
    rows_add(&rows, str_text(&bytes), bytes.length, columns_for_bytes(screen));
    rows_print(screen, label, &rows, difference);
    rows_release(&rows);
}

void print_expectation(const struct screen *screen, const struct check_result *check)
{
    if (check->expected != NULL && str_starts_with(check->expected, "exit status "))
        return; // the message says both
    struct difference difference = compare(check);
    struct difference nowhere = {.length = 1};
    bool shown = check->has_offset && check->connection > 0; // by the exchange
    bool expected = check->expected != NULL && check->expected[0] != '\0' &&
                    !says(check->message, check->expected);
    if (expected)
        print_value(screen, "expected", check->expected, &nowhere);
    bool printed = str_equal(check->stream, "stdout");
    if (str_equal(check->stream, "stderr"))
        return; // it stands in a row of its own
    if (check->actual != NULL && !shown && (expected || !says(check->message, check->actual)))
        print_value(screen, printed ? "printed" : "actual", check->actual, &difference);
}

// An argument may be longer than a screen: its beginning tells it.
static void append_argument(struct str *out, const struct str *argument)
{
    enum { MOST = 300, SHOWN = 100 };
    auto_free char *start = str_format("%.*s", SHOWN, str_text(argument));
    text_append_shell_word(out, argument->length > MOST ? start : str_text(argument));
    if (argument->length > MOST) {
        str_append(out, "… (");
        plural_append(out, argument->length, "byte");
        str_append(out, ")");
    }
}

void print_run(const struct screen *screen, const struct check_result *check)
{
    if (!check->was_run)
        return;
    auto_str struct str words = STR_INIT;
    str_append(&words, "the program");
    for (size_t i = 0; i < check->arguments.count; i++) {
        auto_str struct str argument = STR_INIT;
        text_append_unescaped(&argument, check->arguments.items[i]);
        str_append_char(&words, ' ');
        append_argument(&words, &argument);
    }
    if (check->arguments.count == 0)
        str_append(&words, " without arguments");
    print_row(screen, "ran", str_text(&words));
}

void print_output(const struct screen *screen, const struct check_result *check)
{
    if (!check->was_run || check->output == NULL || str_equal(check->stream, "stdout"))
        return;
    auto_str struct str bytes = STR_INIT;
    text_append_unescaped(&bytes, check->output);
    struct rows rows = {0};
    struct difference nowhere = {.length = 1};
    rows_add(&rows, str_text(&bytes), bytes.length, columns_for_bytes(screen));
    if (check->output_length > bytes.length)
        rows_add_gap(&rows, check->output_length - bytes.length);
    rows_print(screen, "printed", &rows, &nowhere);
    rows_release(&rows);
}
