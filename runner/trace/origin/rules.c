// SPDX-License-Identifier: MIT
// Decides by what is wrong which rule looks for the line.
#include <ctype.h>
#include <string.h>

#include "trace/origin/inquiry.h"

static long answer_start(const struct failure *failure, size_t sent, size_t offset)
{
    long start = -1;
    for (size_t i = 0; i + 12 <= failure->reply.length && sent + i <= offset; i++)
        if (memcmp(failure->reply.data + i, "HTTP/1.", 7) == 0)
            start = (long)(sent + i);
    return start;
}

static int status_at(const struct recording *r, const struct failure *failure, long start)
{
    if (start < 0 || (size_t)start - r->code.sent + 12 > failure->reply.length)
        return 0;
    const unsigned char *digits = failure->reply.data + ((size_t)start - r->code.sent) + 9;
    if (!isdigit(digits[0]) || !isdigit(digits[1]) || !isdigit(digits[2]))
        return 0;
    return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0';
}

static size_t numbers_in(const struct bytes *text, int numbers[8])
{
    size_t count = 0;
    for (size_t i = 0; i + 3 <= text->length && count < 8; i++) {
        const unsigned char *d = text->data + i;
        if (isdigit(d[0]) && isdigit(d[1]) && isdigit(d[2]) && (i == 0 || !isdigit(d[-1])) &&
            (i + 3 == text->length || !isdigit(d[3])))
            numbers[count++] = (d[0] - '0') * 100 + (d[1] - '0') * 10 + d[2] - '0';
    }
    return count;
}

static bool starts_with(const struct bytes *whole, const struct bytes *start)
{
    return start->length <= whole->length && memcmp(whole->data, start->data, start->length) == 0;
}

static bool decide_body(struct inquiry *inquiry, size_t offset, long start, int got)
{
    const struct failure *failure = inquiry->failure;
    if (got >= 400)
        return rule_status(inquiry, start, got, NULL, 0);
    if (failure->actual.length == 0)
        return rule_absent(inquiry) || rule_truncated(inquiry, offset, failure->expected.data[0]);
    if (starts_with(&failure->expected, &failure->actual) &&
        rule_length_field(inquiry, offset, start, failure->expected.data[failure->actual.length]))
        return true;
    if (starts_with(&failure->expected, &failure->actual))
        return rule_truncated(inquiry, offset, failure->expected.data[failure->actual.length]);
    if (starts_with(&failure->actual, &failure->expected))
        return rule_surplus(inquiry, offset);
    return rule_different(inquiry, offset);
}

// A field that must not be there is named by its line, a wrong value by itself.
static bool begins_line(const struct bytes *reply, size_t at)
{
    return at == 0 || reply->data[at - 1] == '\n';
}

static bool decide_offset(struct inquiry *inquiry)
{
    const struct failure *failure = inquiry->failure;
    size_t offset = (size_t)failure->offset;
    size_t sent = inquiry->r->code.sent;
    if (failure->was_run && rule_asked(inquiry, offset))
        return true;
    long start = answer_start(failure, sent, offset);
    int got = status_at(inquiry->r, failure, start);
    int numbers[8];
    size_t count = failure->has_expected ? numbers_in(&failure->expected, numbers) : 0;
    if (start >= 0 && offset >= (size_t)start + 9 && offset < (size_t)start + 12 && count > 0)
        return rule_status(inquiry, start, got, numbers, count);
    const unsigned char *head_end =
        start < 0 ? NULL
                  : memmem(failure->reply.data + ((size_t)start - sent),
                           failure->reply.length - ((size_t)start - sent), "\r\n\r\n", 4);
    // Without a head, all is body.
    size_t body = start < 0          ? 0
                  : head_end == NULL ? SIZE_MAX
                                     : sent + (size_t)(head_end - failure->reply.data) + 4;
    if (start >= 0 && failure->has_expected && !failure->has_actual && offset >= body - 2)
        return rule_missing_field(inquiry, start, body);
    if (!failure->has_expected && failure->has_actual && offset < body && body != SIZE_MAX &&
        offset < sent + failure->reply.length && begins_line(&failure->reply, offset - sent))
        return rule_unwanted_field(inquiry, offset);
    if (strstr(failure->message, "closed") != NULL || strstr(failure->message, "reset") != NULL)
        return rule_closed(inquiry, offset > sent && start >= 0);
    if (start < 0 && (rule_answer(inquiry, offset) || rule_lost(inquiry)))
        return true;
    if (!failure->has_expected && offset >= body && offset < sent + failure->reply.length)
        return strstr(failure->message, "contains") != NULL
                   ? tell_last_look(inquiry, NOBODY, false, false) ||
                         rule_different(inquiry, offset)
                   : rule_surplus(inquiry, offset);
    if (offset >= sent + failure->reply.length && !failure->has_expected)
        return rule_truncated(inquiry, sent + failure->reply.length, -1);
    if (offset >= body && failure->has_expected)
        return decide_body(inquiry, offset, start, got);
    if (offset < sent + failure->reply.length)
        return rule_different(inquiry, offset);
    return rule_truncated(inquiry, offset, -1);
}

bool asks_by_http(const struct failure *failure)
{
    return memmem(failure->request.data, failure->request.length, " HTTP/1.", 8) != NULL;
}

static bool is_line_end(const struct failure *failure)
{
    if (failure->suspect < 0 || !asks_by_http(failure) ||
        (size_t)(failure->suspect + failure->suspect_length) > failure->request.length)
        return false;
    for (long i = 0; i < failure->suspect_length; i++)
        if (strchr("\r\n", failure->request.data[failure->suspect + i]) == NULL)
            return false;
    return true;
}

// Where bytes were forgotten, nobody knows where on the connection the others stand.
bool has_places(const struct recording *r)
{
    return r->code.descriptor >= 0 && (r->code.forgotten == 0 || r->code.before > 0);
}

static void decide_hang(struct inquiry *inquiry)
{
    const struct failure *failure = inquiry->failure;
    if (failure->is_unheard) {
        rule_blocking(inquiry);
        return;
    }
    if (failure->waits && rule_time_limit(inquiry))
        return;
    if (strcmp(failure->awaited, "listen") == 0 || strcmp(failure->awaited, "port") == 0) {
        rule_listening(inquiry);
        return;
    }
    if (strcmp(failure->awaited, "exit") == 0 && rule_not_ended(inquiry))
        return;
    if (inquiry->r->code.descriptor < 0) {
        rule_unserved(inquiry);
        return;
    }
    if (strcmp(failure->awaited, "close") == 0 && rule_stays_open(inquiry))
        return;
    if (!rule_lost(inquiry) && !tell_last_look(inquiry, NOBODY, false, false) &&
        !rule_not_polled(inquiry) && !rule_unsent(inquiry))
        rule_waits(inquiry);
}

static void decide_end(struct inquiry *inquiry)
{
    if (strcmp(inquiry->failure->awaited, "exit") == 0)
        rule_exit_status(inquiry);
    else
        rule_ended(inquiry);
}

// A client: what it printed, how it ended, what it waits for.
static bool decide_run(struct inquiry *inquiry)
{
    const struct failure *failure = inquiry->failure;
    if (strcmp(failure->state, "stuck") == 0)
        return (failure->waits && rule_time_limit(inquiry)) ||
               tell_last_look(inquiry, NOBODY, false, false) || rule_waits(inquiry);
    if (failure->has_expected && failure->has_actual &&
        (rule_exit(inquiry) || rule_counted(inquiry)))
        return true;
    if (strcmp(failure->state, "exited") == 0 && !failure->has_expected && failure->suspect < 0 &&
        rule_given_up(inquiry))
        return true;
    if (failure->printed)
        return rule_printed(inquiry) || (failure->actual.length == 0 && rule_absent(inquiry)) ||
               rule_file(inquiry);
    return tell_last_look(inquiry, NOBODY, false, false);
}

void decide(struct recording *r, const struct failure *failure, struct told *out)
{
    struct failure copy = *failure;
    // The end of the head is where something was missed, and nothing to look at.
    if (is_line_end(failure) || failure->suspect_length <= 0 || !has_places(r))
        copy.suspect = -1;
    if (copy.awaited == NULL)
        copy.awaited = "";
    failure = &copy;
    struct inquiry inquiry = {r, failure, out};
    r->reply = failure->reply;
    *out = (struct told){.kind = TOLD_NONE, .step = NOBODY};
    if (strcmp(failure->state, "signalled") == 0)
        rule_crash(&inquiry);
    else if (failure->offset >= 0 && has_places(r))
        decide_offset(&inquiry);
    else if (failure->was_run && decide_run(&inquiry))
        return;
    else if (strcmp(failure->state, "stuck") == 0)
        decide_hang(&inquiry);
    else if (strcmp(failure->state, "exited") == 0 && failure->offset < 0)
        decide_end(&inquiry);
    else if (failure->has_expected && failure->has_actual)
        rule_file(&inquiry);
    else if (failure->reply.length > 0 && r->code.sent == 0 && has_places(r)) {
        struct sent sent;
        struct origin origin;
        if (origin_of_sent(r, 0, &sent, &origin))
            tell_origin(&inquiry, &origin, NULL);
    }
}
