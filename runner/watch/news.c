// SPDX-License-Identifier: MIT
// Messages about an attempt: a head, then the attempt's bytes or the fault's words.
#include "watch/news.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "grade/attempt_wire.h"

struct head {
    size_t length; // of what follows
    struct {
        enum watch_phase phase;
        size_t done, total;
        long long number;
        size_t hints_shown, hints_total;
        bool has_attempt, has_cure;
        enum err_kind fault;
    } said;
};

static void write_all(int output, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = write(output, bytes, length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return; // nobody listens any more: the end is near
        bytes += done;
        length -= (size_t)done;
    }
}

void news_send(int output, const struct watch_news *news, const struct attempt *attempt,
               const struct err *fault)
{
    auto_str struct str body = STR_INIT;
    auto_str struct str whole = STR_INIT;
    struct head head;
    memset(&head, 0, sizeof head); // its padding is written too
    head.said.phase = news->phase;
    head.said.done = news->done;
    head.said.total = news->total;
    head.said.number = news->number;
    head.said.hints_shown = news->hints_shown;
    head.said.hints_total = news->hints_total;
    if (fault != NULL && fault->kind != ERR_NONE) {
        head.said.fault = fault->kind;
        head.said.has_cure = fault->cure != NULL;
        str_append_bytes(&body, fault->message, strlen(fault->message) + 1);
        if (fault->cure != NULL)
            str_append_bytes(&body, fault->cure, strlen(fault->cure) + 1);
    } else if (attempt != NULL) {
        head.said.has_attempt = true;
        attempt_write(attempt, &body);
    }
    head.length = body.length;
    str_append_bytes(&whole, &head, sizeof head);
    str_append_bytes(&whole, str_text(&body), body.length);
    write_all(output, str_text(&whole), whole.length);
}

static void read_fault(const struct head *head, const char *body, struct err *out)
{
    // Both texts end in a NUL, else the message is not whole.
    size_t first = strnlen(body, head->length);
    bool whole = first < head->length && body[head->length - 1] == '\0';
    err_set(out, head->said.fault, "%s", whole ? body : "an error without words");
    if (whole && head->said.has_cure && first + 1 < head->length)
        err_set_cure(out, "%s", body + first + 1);
}

bool news_take(struct str *input, const struct lab *lab, struct watch_news *out)
{
    struct head head;
    if (input->length < sizeof head)
        return false;
    memcpy(&head, input->data, sizeof head);
    if (input->length - sizeof head < head.length)
        return false;
    const char *body = input->data + sizeof head;
    *out = (struct watch_news){.phase = head.said.phase,
                               .done = head.said.done,
                               .total = head.said.total,
                               .number = head.said.number,
                               .hints_shown = head.said.hints_shown,
                               .hints_total = head.said.hints_total,
                               .fault = ERR_INIT};
    if (head.said.fault != ERR_NONE)
        read_fault(&head, body, &out->fault);
    else if (head.said.has_attempt)
        out->has_attempt = attempt_read(body, head.length, lab, &out->attempt);
    if (head.said.has_attempt && !out->has_attempt)
        err_set(&out->fault, ERR_BUG, "what came of the check could not be read");
    size_t used = sizeof head + head.length;
    memmove(input->data, input->data + used, input->length - used);
    input->length -= used;
    return true;
}

void news_release(struct watch_news *news)
{
    if (news->has_attempt)
        attempt_release(&news->attempt);
    err_release(&news->fault);
    *news = (struct watch_news){.fault = ERR_INIT};
}
