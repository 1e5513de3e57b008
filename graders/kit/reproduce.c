// SPDX-License-Identifier: MIT
// Which command stands at "see it": the author's own, else one made from the exchange that failed.
#include <string.h>

#include "origin.h"

enum {
    FILES_MOST = 64,  // that a check makes, as far as commands need them
    OTHERS_MOST = 3,  // clients besides the one that failed
    BODY_MOST = 1500, // bytes of an answer's body that a terminal is for
    SCRIPT_MOST = 1 << 20,
    SCRIPT_PART = 8192,
    RUN_MOST = 2000,
};

static const char *given;
static struct exchange last;
static const struct kit_connection *last_connection; // of a raw exchange, which still grows
static const struct kit_connection *failed_on;
static const struct kit_connection *end_awaited;
static struct command_file files[FILES_MOST];
static size_t file_count;
static const char *environment; // other than usual, as it stands before a command

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

void reproduce_note_end(const struct kit_connection *connection)
{
    end_awaited = connection;
}

void reproduce_note_file(const char *name, bool outside, struct kit_bytes content)
{
    if (file_count == FILES_MOST)
        return;
    const char *copy = kit_keep_bytes(content.data, content.length);
    files[file_count++] = (struct command_file){
        kit_format("%s", name), outside, {(const unsigned char *)copy, content.length}};
}

void reproduce_note_environment(const char *name, const char *value)
{
    auto_str struct str word = STR_INIT;
    shell_append_word(&word, value);
    environment = kit_format("%s%s%s=%s", environment == NULL ? "" : environment,
                             environment == NULL ? "" : " ", name, str_text(&word));
}

const char *kit_reproduce_environment(void)
{
    return environment;
}

// ---------------------------------------------------------------- what there is to be seen

// The file that should have come, or a part of it.
static bool find_body(const struct kit_failure *failure, struct command_view *view)
{
    for (size_t i = 0; i < file_count; i++) {
        struct kit_bytes content = files[i].content;
        const unsigned char *found =
            memmem(content.data, content.length, failure->expected, failure->expected_length);
        if (found == NULL || failure->expected_length == 0)
            continue;
        view->file = files[i].name;
        view->skip = (size_t)(found - content.data);
        view->length = failure->expected_length;
        view->is_part = view->length < content.length;
        return true;
    }
    return false;
}

// Whether the answer's body is short, and text as it is sent.
static bool is_for_terminals(const struct kit_connection *connection)
{
    struct kit_bytes answer = kit_connection_received(connection);
    const unsigned char *body = memmem(answer.data, answer.length, "\r\n\r\n", 4);
    size_t at = body == NULL ? answer.length : (size_t)(body - answer.data);
    if (answer.length - at > BODY_MOST)
        return false;
    for (; at < answer.length; at++)
        if (answer.data[at] == '\0' || answer.data[at] == 0x1b || answer.data[at] == 0x8b ||
            (answer.data[at] < 0x20 && strchr("\r\n\t", answer.data[at]) == NULL))
            return false;
    return true;
}

void kit_reproduce_failed(const struct kit_failure *failure)
{
    const struct kit_connection *connection = failure->connection;
    if (connection != NULL && connection->asked != NULL)
        reproduce_note_http(connection->asked);
    else if (connection != NULL)
        reproduce_note_raw(connection);
    failed_on = connection;
    struct command_view *view = &last.view;
    *view = (struct command_view){.look = failure->look, .file = failure->file};
    view->too_long = failure->actual_length > failure->expected_length;
    view->same_length = failure->actual_length == failure->expected_length;
    if (view->look == KIT_LOOK_FILE)
        view->length = failure->expected_length;
    if (view->look == KIT_LOOK_BODY && !find_body(failure, view))
        view->look = KIT_LOOK_ANSWER;
    if (connection != NULL && connection == end_awaited)
        view->look = KIT_LOOK_END;
    if (connection != NULL)
        view->no_text = !is_for_terminals(connection);
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

// ---------------------------------------------------------------- a program that is run

bool kit_reproduce_is_run(void)
{
    return given == NULL && kit_the_program() != NULL &&
           kit_program_arguments(kit_the_program()) != NULL;
}

// What the origins do, as a file for `lab run --origin`. False: there are none, or it is too long.
static bool script_record(void)
{
    auto_str struct str text = STR_INIT;
    for (const struct kit_origin *origin = origins_first(); origin != NULL; origin = origin->next)
        script_write(&origin->server.script, &text);
    if (text.length == 0 || text.length > SCRIPT_MOST)
        return false;
    for (size_t at = 0; at < text.length; at += SCRIPT_PART) {
        size_t left = text.length - at;
        kit_record_script(text.data + at, left < SCRIPT_PART ? left : SCRIPT_PART);
    }
    return true;
}

// The same program with the same arguments, beside an origin that does the same.
static const char *reproduce_run(void)
{
    auto_str struct str text = STR_INIT;
    str_append(&text, "lab run");
    if (script_record()) {
        auto_free char *name = mem_copy_string(kit_the_request()->check);
        for (char *c = name; *c != '\0'; c++)
            if (*c == '/')
                *c = '.';
        str_append_format(&text, " --origin .lab/last/%s.origin", name);
    }
    const char *const *arguments = kit_program_arguments(kit_the_program());
    str_append(&text, " --");
    for (size_t i = 0; arguments[i] != NULL; i++) {
        str_append_char(&text, ' ');
        shell_append_word(&text, arguments[i]);
    }
    return text.length > RUN_MOST ? NULL : kit_keep_bytes(text.data, text.length);
}

// ---------------------------------------------------------------- the command

// The program is stuck, and other clients were there before: they may be what it waits for. Returns
// how many; fills `out` with what they had sent, the first one first.
static size_t other_clients(struct kit_bytes out[OTHERS_MOST])
{
    size_t count = 0;
    const struct kit_connection *connection = failed_on == NULL ? NULL : failed_on->previous;
    for (; connection != NULL; connection = connection->previous) {
        if (connection->descriptor < 0 || connection->ended)
            continue;
        if (count == OTHERS_MOST)
            return 0; // so many cannot be said in a line
        out[count++] = kit_connection_sent(connection);
    }
    for (size_t i = 0; i < count / 2; i++) {
        struct kit_bytes swapped = out[i];
        out[i] = out[count - 1 - i];
        out[count - 1 - i] = swapped;
    }
    return count;
}

static void fill_from_connection(const struct kit_connection *connection)
{
    last.port = connection->program_port;
    last.ipv6 = connection->ipv6;
    last.half_closed = connection->half_closed;
    last.sent = kit_connection_sent(connection);
    if (connection->unsent.length > 0) { // the program failed in the middle: by hand all is sent
        auto_str struct str all = STR_INIT;
        str_append_bytes(&all, last.sent.data, last.sent.length);
        str_append_bytes(&all, connection->unsent.data, connection->unsent.length);
        last.sent.length = all.length;
        last.sent.data = (const unsigned char *)kit_keep_bytes(all.data, all.length);
    }
    last.pauses = connection->pauses;
    last.pause_count = connection->pause_count;
    last.piece = connection->piece;
}

const char *kit_reproduce_command(void)
{
    if (given != NULL) {
        script_record();
        return given;
    }
    if (kit_reproduce_is_run())
        return reproduce_run();
    if (last_connection != NULL)
        fill_from_connection(last_connection);
    struct kit_program *program = kit_the_program();
    script_record(); // a server that asks an origin is run beside the same one
    static struct kit_bytes others[OTHERS_MOST];
    last.view.hung = program != NULL && kit_program_state(program) == KIT_STUCK;
    last.others = others;
    last.other_count = last.view.hung ? other_clients(others) : 0;
    last.files = files;
    last.file_count = file_count;
    auto_free char *command = command_for(&last);
    return command == NULL ? NULL : kit_keep_bytes(command, strlen(command));
}
