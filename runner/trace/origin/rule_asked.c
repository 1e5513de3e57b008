// SPDX-License-Identifier: MIT
/*
 * A program that is run asked for something else than it should have. A request is put together of
 * texts that were cut out of others: the line is where one was cut, or where the wrong one was
 * taken.
 */
#include <string.h>
#include <strings.h>

#include "trace/origin/inquiry.h"

// What is asked about: the byte at `offset` of what was sent, and the last one before it.
struct asked {
    size_t offset;
    struct sent sent, sent_before;
    struct origin origin, before;
    bool has_byte, has_before;
    bool is_target; // it stands in the request's first line
    int next;       // byte that should follow, -1: not known
};

// ---------------------------------------------------------------- where a text was made

// The copy that is nearest to the source, in no function that is called from several places.
static int32_t first_copy(const struct recording *r, const struct origin *origin)
{
    int32_t copy = NOBODY;
    for (size_t i = 0; i < origin->hop_count; i++)
        if (origin->hops[i].is_copy)
            copy = origin->hops[i].step;
    return without_shared(r, copy);
}

// Of a constant that was chosen: what its choice hangs on, when that was set elsewhere.
static bool tell_choice(struct inquiry *inquiry, const struct origin *origin)
{
    struct recording *r = inquiry->r;
    struct origin pointer;
    struct decision decision;
    if (origin->kind != ORIGIN_STATIC || !origin_of_pointer(r, origin, &pointer) ||
        pointer.step == NOBODY)
        return false;
    int32_t jump = control_of(r, pointer.step);
    if (jump == NOBODY || line_of(r, jump) != line_of(r, pointer.step))
        return false;
    decision_follow(r, jump, (int32_t)r->step_count, &decision);
    return decision.told != jump && tell(inquiry, TOLD_MADE_BY, decision.told,
                                         "what was asked for was chosen by what is set here");
}

static bool tell_text(struct inquiry *inquiry, const struct origin *origin, const char *note)
{
    if (tell_choice(inquiry, origin))
        return true;
    if (origin->kind == ORIGIN_STATIC || first_copy(inquiry->r, origin) == NOBODY)
        return tell_origin(inquiry, origin, note);
    return tell(inquiry, TOLD_MADE_BY, first_copy(inquiry->r, origin), note);
}

// ---------------------------------------------------------------- the pieces of a format

// The text that was put before the byte at `index`, or nothing was: an empty one. False: none.
static bool piece_before(const struct recording *r, const struct formatted *formatted,
                         bool is_empty, struct format_piece *out)
{
    struct format_piece pieces[PIECES_MOST];
    size_t count = format_pieces(r, formatted->step, pieces, PIECES_MOST);
    for (size_t i = 0; i < count; i++)
        if (is_empty == (pieces[i].length == 0) &&
            pieces[i].at + pieces[i].length == formatted->index) {
            *out = pieces[i];
            return true;
        }
    return false;
}

// A text that should have been there is empty: where it was made.
static bool tell_empty(struct inquiry *inquiry, const struct asked *asked)
{
    struct recording *r = inquiry->r;
    for (size_t i = 0; i < asked->origin.formatted_count; i++) {
        struct format_piece piece;
        struct origin end;
        if (!piece_before(r, &asked->origin.formatted[i], true, &piece))
            continue;
        origin_of_byte(r, asked->origin.formatted[i].step, piece.text, &end);
        if (end.pointer_step == NOBODY && end.hop_count == 0)
            continue;
        return tell_text(inquiry, &end, "the text that was put in here is empty");
    }
    return false;
}

// A text was put in up to a length: where that was made.
static bool tell_precision(struct inquiry *inquiry, const struct asked *asked)
{
    struct recording *r = inquiry->r;
    for (size_t i = 0; i < asked->before.formatted_count; i++) {
        struct formatted behind = asked->before.formatted[i];
        struct format_piece piece;
        struct origin length;
        behind.index++;
        if (!piece_before(r, &behind, false, &piece) ||
            (piece.length_argument < 0 && piece.length_address == 0))
            continue;
        if (piece.length_argument >= 0)
            origin_of_register(r, behind.step, argument_register(piece.length_argument), &length);
        else
            origin_of_byte(r, behind.step, piece.length_address, &length);
        if (length.kind == ORIGIN_CONST &&
            tell_origin(inquiry, &length, "how much of the text was put in comes from here"))
            return true;
    }
    return false;
}

// ---------------------------------------------------------------- the right text, elsewhere

// The text that a call wrote, as far as it is known; NULL: none.
static const uint8_t *text_written(const struct recording *r, int32_t step, size_t *most)
{
    struct written written[WRITTEN_MOST];
    const struct recorded_call *call = call_at(r, step);
    if (call == NULL || !call->has_returned || call_writes(r, step, written) != 1)
        return NULL;
    bool doubles = strstr(callee(r, step), "dup") != NULL;
    if (written[0].effect == EFFECT_COPY && doubles) {
        *most =
            strcmp(callee(r, step), "strndup") == 0 && call->arguments[1] < call->before_length[0]
                ? call->arguments[1]
                : call->before_length[0];
        return call->before[0];
    }
    *most = written[0].size < call->after_length[0] ? written[0].size : call->after_length[0];
    return (written[0].effect == EFFECT_COPY || written[0].effect == EFFECT_FORMAT) &&
                   written[0].address == call->arguments[0]
               ? call->after[0]
               : NULL;
}

// The program had made this very text before it sent another one.
static bool has_text(const struct recording *r, int32_t before, const struct bytes *wanted)
{
    enum { LENGTH_LEAST = 3 };
    for (int32_t i = 0; wanted->length >= LENGTH_LEAST && i < before; i++) {
        size_t most;
        const uint8_t *text = text_written(r, i, &most);
        if (text != NULL && strnlen((const char *)text, most) == wanted->length &&
            memcmp(text, wanted->data, wanted->length) == 0)
            return true;
    }
    return false;
}

// It took another text than the one that it had: the argument.
static bool tell_taken(struct inquiry *inquiry, const struct asked *asked)
{
    struct recording *r = inquiry->r;
    const struct origin *origin = asked->has_before ? &asked->before : &asked->origin;
    if (!inquiry->failure->has_expected || origin->formatted_count == 0 || asked->is_target ||
        !has_text(r, origin->formatted[0].step, &inquiry->failure->expected))
        return false;
    const struct formatted *formatted = &origin->formatted[0];
    if (!tell(inquiry, TOLD_MADE_BY, formatted->step,
              "the program had the expected text, and put in another one here"))
        return false;
    struct format_piece pieces[PIECES_MOST];
    size_t count = format_pieces(r, formatted->step, pieces, PIECES_MOST);
    for (size_t i = 0; i < count; i++)
        if (pieces[i].at <= formatted->index &&
            formatted->index < pieces[i].at + pieces[i].length) {
            inquiry->out->call = callee(r, formatted->step);
            inquiry->out->argument = pieces[i].argument;
        }
    return true;
}

// ---------------------------------------------------------------- the whole

static bool starts_with(const struct bytes *whole, const struct bytes *start)
{
    return start->length <= whole->length && memcmp(whole->data, start->data, start->length) == 0;
}

// A field is missing: the byte is the end of the head.
static bool is_end_of_head(const struct failure *failure, size_t at)
{
    return !failure->has_actual && at + 2 <= failure->reply.length &&
           memcmp(failure->reply.data + at, "\r\n", 2) == 0 && at > 0 &&
           failure->reply.data[at - 1] == '\n';
}

static bool is_in_first_line(const struct failure *failure, size_t at)
{
    size_t start = at < failure->reply.length ? at : failure->reply.length;
    while (start > 0 && failure->reply.data[start - 1] != '\n')
        start--;
    return start == 0 ||
           (start >= 4 && memcmp(failure->reply.data + start - 4, "\r\n\r\n", 4) == 0);
}

bool rule_asked(struct inquiry *inquiry, size_t offset)
{
    struct recording *r = inquiry->r;
    const struct failure *failure = inquiry->failure;
    struct asked asked = {.offset = offset, .next = -1};
    size_t same = 0;
    if (offset < r->code.sent)
        return false;
    while (same < failure->expected.length && same < failure->actual.length &&
           failure->expected.data[same] == failure->actual.data[same])
        same++;
    asked.has_byte = origin_of_sent(r, offset, &asked.sent, &asked.origin);
    asked.has_before =
        offset > 0 && origin_of_sent(r, offset - 1, &asked.sent_before, &asked.before);
    if (asked.has_byte && is_end_of_head(failure, offset - r->code.sent))
        return tell_origin(inquiry, &asked.origin, "the head of the request ends here");
    // A request where none was expected.
    if (!failure->has_expected && !failure->has_actual && asked.has_byte)
        return tell_last_look(inquiry, NOBODY, false, false) ||
               tell_reuse(inquiry, asked.sent.step) || tell_text(inquiry, &asked.origin, NULL);
    asked.is_target = is_in_first_line(failure, offset - r->code.sent);
    bool is_missing = failure->has_expected && starts_with(&failure->expected, &failure->actual);
    if (is_missing && same < failure->expected.length)
        asked.next = failure->expected.data[same];
    if (asked.has_byte && is_missing && tell_empty(inquiry, &asked))
        return true;
    if (tell_taken(inquiry, &asked))
        return true;
    if (asked.has_before && failure->has_expected && tell_precision(inquiry, &asked))
        return true;
    if (tell_last_look(inquiry, NOBODY, false, false))
        return true;
    if (asked.has_before && is_missing && tell_truncated(inquiry, &asked.before, asked.next))
        return true;
    return asked.has_byte ? tell_text(inquiry, &asked.origin, NULL)
                          : asked.has_before && tell_text(inquiry, &asked.before, NULL);
}
