// SPDX-License-Identifier: MIT
// What an attempt says of itself: its first failure, its exit status; and its release.
#include "grade/attempt.h"

#include <stdlib.h>
#include <string.h>

static void io_release(struct io_record *record)
{
    free(record->text);
}

// ---------------------------------------------------------------- findings

const char *finding_kind_name(enum finding_kind kind)
{
    static const char *const names[] = {
        [FINDING_CRASHED_AT] = "crashed_at",     [FINDING_MADE_BY] = "made_by",
        [FINDING_READ_BY] = "read_by",           [FINDING_SENT_BY] = "sent_by",
        [FINDING_PRINTED_BY] = "printed_by",     [FINDING_CLOSED_BY] = "closed_by",
        [FINDING_STUCK_IN] = "stuck_in",         [FINDING_FAILED_IN] = "failed_in",
        [FINDING_ENDED_BY] = "ended_by",         [FINDING_ASKED_BY] = "asked_by",
        [FINDING_ALLOCATED_AT] = "allocated_at",
    };
    return names[kind];
}

struct finding *check_add_finding(struct check_result *check, enum finding_kind kind)
{
    check->findings =
        mem_resize(check->findings, (check->finding_count + 1) * sizeof *check->findings);
    struct finding *finding = &check->findings[check->finding_count++];
    *finding = (struct finding){.kind = kind};
    return finding;
}

void finding_add_frame(struct finding *finding, const char *file, int line, const char *function)
{
    finding->frames =
        mem_resize(finding->frames, (finding->frame_count + 1) * sizeof *finding->frames);
    finding->frames[finding->frame_count++] =
        (struct source_frame){mem_copy_string(file), line, mem_copy_string(function)};
}

static void finding_release(struct finding *finding)
{
    for (size_t i = 0; i < finding->frame_count; i++) {
        free(finding->frames[i].file);
        free(finding->frames[i].function);
    }
    free(finding->frames);
    free(finding->call);
    free(finding->text);
    free(finding->note);
}

void check_drop_finding(struct check_result *check, size_t index)
{
    finding_release(&check->findings[index]);
    check->finding_count--;
    for (size_t i = index; i < check->finding_count; i++)
        check->findings[i] = check->findings[i + 1];
}

void check_clear_findings(struct check_result *check)
{
    for (size_t i = 0; i < check->finding_count; i++)
        finding_release(&check->findings[i]);
    free(check->findings);
    check->findings = NULL;
    check->finding_count = 0;
    strings_release(&check->trace_notes);
    check->trace_notes = (struct strings)STRINGS_INIT;
    cleanup_free(&check->help);
}

static void check_release(struct check_result *check)
{
    free(check->id);
    free(check->title);
    free(check->message);
    free(check->expected);
    free(check->actual);
    free(check->suspect.text);
    free(check->sql.statement);
    free(check->sql.answer);
    strings_release(&check->sql.expected);
    strings_release(&check->sql.found);
    strings_release(&check->sql.program);
    free(check->awaited);
    free(check->because);
    free(check->reproduce);
    free(check->reproduce_environment);
    free(check->fixed_input);
    strings_release(&check->arguments);
    free(check->output);
    free(check->stream);
    free(check->script);
    free(check->program.state);
    free(check->program.error_output);
    strings_release(&check->notes);
    for (size_t i = 0; i < check->transcript_count; i++)
        io_release(&check->transcript[i]);
    free(check->transcript);
    free(check->records);
    check_clear_findings(check);
}

void attempt_release(struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->check_count; i++)
        check_release(&attempt->checks[i]);
    free(attempt->checks);
    free(attempt->steps);
    free(attempt->sandbox);
    free(attempt->broken_reason);
    build_result_release(&attempt->build);
    *attempt = (struct attempt){0};
}

static bool is_trouble(enum check_status status)
{
    return status == CHECK_FAILED || status == CHECK_BROKEN;
}

const struct step_result *attempt_first_failure(const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->step_count; i++)
        if (is_trouble(attempt->steps[i].status))
            return &attempt->steps[i];
    return NULL;
}

const struct check_result *step_first_failure(const struct attempt *attempt,
                                              const struct step_result *step)
{
    for (size_t i = 0; i < step->check_count; i++) {
        const struct check_result *check = &attempt->checks[step->first_check + i];
        if (is_trouble(check->status))
            return check;
    }
    return NULL;
}

// Whoever made a connection is the first to be recorded on it.
bool check_connection_is_outgoing(const struct check_result *check, int connection)
{
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        if (record->connection == connection)
            return record->from_program && record->omitted == 0 && record->end == NULL &&
                   (record->text == NULL || record->text[0] == '\0');
    }
    return false;
}

// A sanitizer ends a program by exit(1): its status alone does not tell it from an exit of its own.
bool check_has_sanitizer_report(const struct check_result *check)
{
    const char *const marks[] = {"Sanitizer: ", "Sanitizer:DEADLYSIGNAL", "runtime error: "};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if ((check->program.error_output != NULL &&
             strstr(check->program.error_output, marks[i]) != NULL) ||
            (check->message != NULL && strstr(check->message, marks[i]) != NULL))
            return true;
    return false;
}

const char *check_outcome(const struct check_result *check)
{
    if (check->status != CHECK_FAILED)
        return NULL;
    if (str_equal(check->program.state, "signalled") || check_has_sanitizer_report(check))
        return "crash";
    return str_equal(check->program.state, "stuck") ? "timeout" : "mismatch";
}

const char *check_status_name(enum check_status status)
{
    switch (status) {
    case CHECK_PASSED:
        return "passed";
    case CHECK_FAILED:
        return "failed";
    case CHECK_BROKEN:
        return "broken";
    case CHECK_NOT_RUN:
        break;
    }
    return "not_run";
}

int attempt_exit_status(const struct attempt *attempt)
{
    if (attempt->interrupted)
        return 130;
    if (attempt->broken_reason != NULL || attempt->broken > 0)
        return 3;
    if (!attempt->build.ok || attempt->failed > 0)
        return 1;
    // Nothing was judged: that is no pass.
    return attempt->passed > 0 ? 0 : 3;
}
