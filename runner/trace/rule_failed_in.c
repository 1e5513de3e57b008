// SPDX-License-Identifier: MIT
/*
 * A call of the system that failed, where it can have to do with the failure: the program did not
 * come to serve, or it answered that it could not. Calls fail all the time in programs that are
 * right (a file that is asked for and not there), so the check's failure has to be of that kind.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/text.h"
#include "trace/rules.h"

static bool has_failed(const struct event *event)
{
    const long long result = event->shown.result;
    return event->kind == EVENT_CALL && !event->unfinished && result < 0 && result > -4096 &&
           result != -EAGAIN && result != -EINTR && result != -EINPROGRESS &&
           event->shown.frame_count > 0;
}

static bool add(const struct evidence *evidence, const struct event *event,
                struct check_result *out)
{
    struct finding *finding = finding_of_event(evidence, event, FINDING_FAILED_IN, out);
    if (finding == NULL)
        return false;
    auto_free char *words = errno_words((int)-event->shown.result);
    const char *path = event->call->kind == CALL_PATH ? event->shown.path : NULL;
    finding->note = path != NULL ? str_format("%s: %.200s", words, path) : take(words);
    if (event->local > 0 && event->number == SYS_bind) {
        auto_free char *without = take(finding->note);
        finding->note = str_format("%s: port %d", without, event->local);
    }
    return true;
}

// ---------------------------------------------------------------- it did not come to serve

// The last of the calls that a server begins with.
static const struct event *failed_setup(const struct events *events)
{
    const struct event *failed = NULL, *listening = NULL;
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->items[i];
        if (event->kind != EVENT_CALL)
            continue;
        if (event->number == SYS_listen && event->shown.result == 0)
            listening = event;
        bool serves = event->call->kind == CALL_SETUP || event->call->kind == CALL_ACCEPT;
        if (serves && has_failed(event))
            failed = event;
    }
    // A second try that went well makes up for the first.
    if (failed != NULL && listening != NULL && failed->call->kind == CALL_SETUP &&
        listening->clock > failed->clock)
        return NULL;
    return failed;
}

static bool never_served(const struct check_result *check)
{
    return check->transcript_count == 0;
}

// Libraries look for files of the system's that need not be there: getaddrinfo(), OpenSSL.
static bool looks_around(const struct event *event)
{
    const char *path = event->shown.path;
    return path != NULL && (str_starts_with(path, "/etc/") || str_starts_with(path, "/usr/"));
}

// ---------------------------------------------------------------- it ended after a failed call

// The last failed call before the end; one that was long over before it has nothing to do with it.
static const struct event *failed_before_end(const struct events *events)
{
    const struct event *failed = NULL;
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->items[i];
        if (has_failed(event) && !looks_around(event))
            failed = event;
        // What it says on stderr about it lies between.
        else if (event->kind == EVENT_CALL && event->shown.connection > 0)
            failed = NULL;
    }
    return failed;
}

// ---------------------------------------------------------------- it answered that it could not

static const struct event *answer_of(const struct events *events, int connection)
{
    const struct event *answer = NULL;
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->items[i];
        if (event->kind == EVENT_CALL && event->shown.connection == connection &&
            event->shown.from_program && event->shown.length > 0)
            answer = event;
    }
    return answer;
}

// The last part of the path is in what the grader sent on the connection.
static bool was_asked_for(const struct check_result *check, int connection, const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : path;
    if (name == NULL || strlen(name) < 3)
        return false;
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        if (!record->from_program && record->connection == connection &&
            strstr(record->text, name) != NULL)
            return true;
    }
    return false;
}

// The status that the text begins with; 0: it is none.
static int status_in(const char *text)
{
    bool is_status = text != NULL && strlen(text) >= 3 && isdigit((unsigned char)text[0]) &&
                     isdigit((unsigned char)text[1]) && isdigit((unsigned char)text[2]);
    return is_status ? (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0') : 0;
}

// It answered success for refusal, or the other way round, and the refusal is one for what the file
// is: not there, not to be read. A request that is wrong is refused whatever lies on the disk.
static bool hangs_on_file(const struct check_result *check)
{
    const int expected = status_in(check->expected), actual = status_in(check->actual);
    if (expected == 0 || actual == 0 || (expected >= 400) == (actual >= 400))
        return false;
    const int refusal = expected >= 400 ? expected : actual;
    return refusal == 403 || refusal == 404 || refusal == 410 || refusal >= 500;
}

static const struct event *failed_for_answer(const struct evidence *evidence)
{
    const struct check_result *check = evidence->check;
    const int connection = failing_connection(check);
    const int status = connection > 0 ? answered_status(check, connection) : 0;
    const struct event *answer = answer_of(evidence->events, connection);
    if (answer == NULL || (status < 500 && !hangs_on_file(check)))
        return NULL;
    const struct event *failed = NULL;
    for (size_t i = 0; i < evidence->events->count; i++) {
        const struct event *event = &evidence->events->items[i];
        if (event->clock > answer->clock || event->pid != answer->pid || !has_failed(event))
            continue;
        if ((status >= 500 && !looks_around(event)) ||
            was_asked_for(check, connection, event->shown.path))
            failed = event;
    }
    return failed;
}

bool rule_failed_in(const struct evidence *evidence, struct check_result *out)
{
    const struct check_result *check = evidence->check;
    const struct event *failed = NULL;
    if (never_served(check))
        failed = failed_setup(evidence->events);
    if (failed == NULL && program_is(check, "exited") && end_matters(check))
        failed = failed_before_end(evidence->events);
    if (failed == NULL)
        failed = failed_for_answer(evidence);
    return failed != NULL && add(evidence, failed, out);
}

// ---------------------------------------------------------------- a file's content

bool rule_wrote_file(const struct evidence *evidence, struct check_result *out)
{
    const struct check_result *check = evidence->check;
    const struct event *wrote = NULL;
    if (check->connection > 0 || check->message == NULL)
        return false;
    for (size_t i = 0; i < evidence->events->count; i++) {
        const struct event *event = &evidence->events->items[i];
        const char *slash = event->shown.path != NULL ? strrchr(event->shown.path, '/') : NULL;
        if (slash == NULL || strlen(slash + 1) < 3 || strstr(check->message, slash + 1) == NULL ||
            event->shown.frame_count == 0)
            continue;
        // Who stores a file may look first whether it is there.
        bool fails = has_failed(event) && event->shown.result != -ENOENT;
        bool writes = event->kind == EVENT_CALL && event->call->kind == CALL_SEND;
        if (fails || (writes && event->shown.result > 0))
            wrote = event;
    }
    if (wrote == NULL)
        return false;
    if (has_failed(wrote))
        return add(evidence, wrote, out);
    return finding_of_event(evidence, wrote, FINDING_SENT_BY, out) != NULL;
}
