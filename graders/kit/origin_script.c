// SPDX-License-Identifier: MIT
// What a check says that an origin does: turns, and the steps in them.
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "origin.h"

static struct script_turn *turn_add(struct kit_origin *origin)
{
    kit_settle();
    if (origin->server.script.kind != SCRIPT_SERVES)
        kit_break("an origin that takes no connection has no turns");
    struct script_turn *turn = script_add_turn(&origin->server.script);
    turn->target = take(origin->target);
    return turn;
}

static struct script_turn *turn_last(struct kit_origin *origin)
{
    struct script *script = &origin->server.script;
    if (script->count == 0)
        kit_break("a step of an origin comes before its turn: begin one with kit_answer or its "
                  "like");
    return &script->turns[script->count - 1];
}

static struct script_step *step_add(struct kit_origin *origin, enum script_do what)
{
    kit_settle();
    return script_add_step(turn_last(origin), what);
}

static void add_bytes(struct kit_origin *origin, struct kit_bytes bytes, size_t piece)
{
    struct script_step *step = step_add(origin, SCRIPT_SEND);
    str_append_bytes(&step->bytes, bytes.data, bytes.length);
    step->piece = piece;
}

static void add_text(struct kit_origin *origin, const char *format, va_list arguments)
{
    struct script_step *step = step_add(origin, SCRIPT_SEND);
    str_append_format_list(&step->bytes, format, arguments);
}

static void need_piece(size_t piece)
{
    if (piece == 0)
        kit_break("pieces have at least one byte");
}

// ---------------------------------------------------------------- turns

void kit_answer(struct kit_origin *origin, const char *format, ...)
{
    turn_add(origin);
    va_list arguments;
    va_start(arguments, format);
    add_text(origin, format, arguments);
    va_end(arguments);
}

void kit_answer_bytes(struct kit_origin *origin, struct kit_bytes bytes)
{
    turn_add(origin);
    add_bytes(origin, bytes, 0);
}

void kit_answer_in_pieces(struct kit_origin *origin, struct kit_bytes bytes, size_t piece)
{
    need_piece(piece);
    turn_add(origin);
    add_bytes(origin, bytes, piece);
}

void kit_on_request(struct kit_origin *origin)
{
    turn_add(origin);
}

void kit_on_connect(struct kit_origin *origin)
{
    if (origin->target != NULL)
        kit_break("kit_on_connect waits for no request, so it has no target");
    turn_add(origin)->on_connect = true;
}

void kit_for_target(struct kit_origin *origin, const char *target)
{
    kit_settle();
    free(origin->target);
    origin->target = mem_copy_string(target);
}

void kit_again(struct kit_origin *origin)
{
    kit_settle();
    turn_last(origin)->again = true;
}

// ---------------------------------------------------------------- steps

void kit_then_send(struct kit_origin *origin, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_text(origin, format, arguments);
    va_end(arguments);
}

void kit_then_send_bytes(struct kit_origin *origin, struct kit_bytes bytes)
{
    add_bytes(origin, bytes, 0);
}

void kit_then_send_in_pieces(struct kit_origin *origin, struct kit_bytes bytes, size_t piece)
{
    need_piece(piece);
    add_bytes(origin, bytes, piece);
}

void kit_then_stream(struct kit_origin *origin, const struct kit_stream *stream)
{
    step_add(origin, SCRIPT_STREAM)->stream = stream->stream;
}

void kit_then_wait_until_read(struct kit_origin *origin)
{
    step_add(origin, SCRIPT_WAIT_READ);
}

void kit_then_wait_for_close(struct kit_origin *origin)
{
    step_add(origin, SCRIPT_WAIT_CLOSE);
}

void kit_then_pause(struct kit_origin *origin)
{
    step_add(origin, SCRIPT_PAUSE);
}

void kit_then_hold(struct kit_origin *origin)
{
    step_add(origin, SCRIPT_HOLD);
}

void kit_then_half_close(struct kit_origin *origin)
{
    step_add(origin, SCRIPT_HALF_CLOSE);
}

void kit_then_close(struct kit_origin *origin)
{
    step_add(origin, SCRIPT_CLOSE);
}

void kit_then_reset(struct kit_origin *origin)
{
    step_add(origin, SCRIPT_RESET);
}

static bool has_gone_on(void *context)
{
    struct kit_origin *origin = context;
    return scripted_go_on(&origin->server) > 0;
}

void kit_go_on(struct kit_origin *origin)
{
    kit_settle();
    const struct kit_wait wait = {.condition = has_gone_on, .context = origin, .ends_too = true};
    switch (kit_wait(&wait)) {
    case KIT_ENDED:
        kit_fail_by_end(kit_the_program(), "the program to come to where the server pauses");
    case KIT_HUNG:
        kit_fail_by_hang("the program does not come to where the server pauses", NULL);
    case KIT_READY:
    case KIT_MET:
        break;
    }
}

// ---------------------------------------------------------------- streams

// Of the inputs a stream takes one number, its seed.
static struct kit_stream *stream_make(uint64_t length, bool text)
{
    struct kit_stream *stream = kit_keep(sizeof *stream);
    stream->stream = (struct stream){kit_number(1, UINT64_C(1) << 48), length, text};
    return stream;
}

struct kit_stream *kit_stream(uint64_t length)
{
    return stream_make(length, false);
}

struct kit_stream *kit_text_stream(uint64_t length)
{
    return stream_make(length, true);
}
