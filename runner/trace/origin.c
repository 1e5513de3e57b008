// SPDX-License-Identifier: MIT
/*
 * What made a byte: the check runs once more with a program that was compiled without sanitizers,
 * while each of its own instructions is recorded; the executable `origin`, in a box, follows the
 * byte through the recording. Everything that it says is a line that was executed in that run.
 */
#include "trace/origin.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "trace/argument.h"
#include "trace/boxed_tool.h"
#include "trace/failure.h"
#include "trace/rules.h"

enum { CPU_SECONDS = 4, OUTPUT_MOST = 64 * 1024, FRAMES_MOST = 32 };

struct search {
    struct tracing *tracing;
    const struct grade_request *request;
    const struct sources *sources;
    struct check_result *check;
    bool waits, is_unheard;
    char *program;
    int connection;
    bool from_main;
    size_t sent;
    bool had_connection; // the recording began
};

// ---------------------------------------------------------------- the executable

// Its line; nothing where it found none, or could not.
static bool ask(const struct search *search, const char *failure, int recording, struct str *answer,
                struct err *err)
{
    static const char *const argv[] = {"/origin", "/program", "/failure", NULL};
    auto_free char *path = tracing_tool(search->tracing, "origin", err);
    if (path == NULL)
        return false;
    const struct boxed_tool tool = {
        .name = "origin",
        .argv = argv,
        .mounts = {{path, "/origin", false},
                   {search->program, "/program", false},
                   {failure, "/failure", false}},
        .mount_count = 3,
        .input = recording,
        .cpu_seconds = CPU_SECONDS,
        .output_most = OUTPUT_MOST,
    };
    struct err failed = ERR_INIT;
    if (boxed_tool_run(search->request->stage, &tool, answer, &failed))
        return true;
    str_clear(answer);
    if (failed.kind == ERR_INTERRUPTED) {
        err_move(err, &failed);
        return false;
    }
    err_release(&failed);
    return true;
}

// ---------------------------------------------------------------- the finding

// `NAME =` or `#define NAME` begins the line.
static bool line_names(const char *line, size_t length, const char *name)
{
    auto_free char *text = str_format("%.*s", (int)length, line);
    const char *at = text + strspn(text, " \t");
    bool defines = strncmp(at, "#define", 7) == 0;
    at += defines ? 7 + strspn(at + 7, " \t") : 0;
    if (!str_starts_with(at, name))
        return false;
    at += strlen(name);
    return defines ? *at == ' ' || *at == '\t' : at[strspn(at, " \t")] == '=';
}

// Where the name of a number gets it: a frame in front of those that use it.
static void add_definition(const struct search *search, const char *name, struct finding *finding)
{
    for (size_t i = 0; name != NULL && i < search->sources->count; i++) {
        const struct source *source = &search->sources->items[i];
        const char *end = source->data + source->length, *line = source->data;
        for (int number = 1; line < end; number++) {
            const char *newline = memchr(line, '\n', (size_t)(end - line));
            const char *stop = newline != NULL ? newline : end;
            if (line_names(line, (size_t)(stop - line), name)) {
                finding_add_frame(finding, source->name, number, NULL);
                return;
            }
            line = stop + 1;
        }
    }
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool has_word(const char *line, const char *word)
{
    const size_t length = word != NULL ? strlen(word) : 0;
    for (const char *at = line; length > 0 && (at = strstr(at, word)) != NULL; at++)
        if ((at == line || !is_word(at[-1])) && !is_word(at[length]))
            return true;
    return false;
}

static enum finding_kind kind_of(const char *name)
{
    return str_equal(name, "read_by")     ? FINDING_READ_BY
           : str_equal(name, "closed_by") ? FINDING_CLOSED_BY
                                          : FINDING_MADE_BY;
}

// Puts the last finding first, but (unless it says more) behind where the program crashed.
static void move_to_front(struct check_result *check, bool before_crash)
{
    size_t count = check->finding_count - 1;
    struct finding last = check->findings[count];
    bool crashed = count > 0 && check->findings[0].kind == FINDING_CRASHED_AT;
    size_t to = crashed && !before_crash ? 1 : 0;
    memmove(check->findings + to + 1, check->findings + to, (count - to) * sizeof *check->findings);
    check->findings[to] = last;
}

// The second program has no sanitizers: it crashes in its own way.
static bool ended_alike(const struct check_result *first, const struct check_result *again)
{
    bool crashes = check_has_sanitizer_report(first) && program_is(again, "signalled");
    return again->status == CHECK_FAILED && (crashes || failed_alike(first, again));
}

// Made for an argument of a call that takes several lines: the argument's own.
static int line_of_argument(const struct search *search, const cJSON *json, const char *file,
                            int line)
{
    const char *call = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "call"));
    const cJSON *argument = cJSON_GetObjectItemCaseSensitive(json, "argument");
    for (size_t i = 0; call != NULL && i < search->sources->count; i++) {
        const struct source *source = &search->sources->items[i];
        if (str_equal(source->name, file) && cJSON_IsNumber(argument))
            return argument_line(source->data, source->length, line, call, argument->valueint);
    }
    return line;
}

static void add_finding(const struct search *search, const cJSON *json)
{
    const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "kind"));
    const char *note = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "note"));
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "name"));
    const cJSON *frames = cJSON_GetObjectItemCaseSensitive(json, "frames"), *item;
    const bool on_line = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "name_on_line"));
    struct finding *finding = NULL;
    int count = 0;
    if (kind == NULL || str_equal(kind, "none"))
        return;
    cJSON_ArrayForEach(item, frames)
    {
        const char *file = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "file"));
        const cJSON *line = cJSON_GetObjectItemCaseSensitive(item, "line");
        const char *function =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "function"));
        auto_free char *text =
            cJSON_IsNumber(line) ? source_line(search->sources, file, line->valueint) : NULL;
        bool given = strings_have(&search->request->lab->given, file);
        if (text == NULL || given || ++count > FRAMES_MOST)
            continue;
        const int number =
            finding == NULL ? line_of_argument(search, json, file, line->valueint) : line->valueint;
        if (finding == NULL)
            finding = check_add_finding(search->check, kind_of(kind));
        if (finding->frame_count == 0 && (!on_line || has_word(text, name)))
            add_definition(search, name, finding);
        finding_add_frame(finding, file, number, function);
    }
    if (finding == NULL)
        return;
    finding->text = source_line(search->sources, finding->frames[0].file, finding->frames[0].line);
    const struct source_frame *first = &finding->frames[0];
    if (note != NULL)
        finding->note = str_format("%s:%d: %s", first->file, first->line, note);
    move_to_front(search->check,
                  cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "before_crash")));
}

static bool use(void *context, const struct check_result *again, int recording, struct err *err)
{
    struct search *search = context;
    if (recording < 0 || !ended_alike(search->check, again))
        return true;
    search->had_connection = lseek(recording, 0, SEEK_END) > 0;
    const struct failure_told told = {.check = again,
                                      .connection = search->connection,
                                      .sent = search->sent,
                                      .waits = search->waits,
                                      .is_unheard = search->is_unheard};
    if (!failure_fits(&told))
        return true;
    auto_free char *failure = path_join(search->request->stage->path, "failure.json");
    if (!failure_write(&told, failure, err))
        return false;
    auto_str struct str answer = STR_INIT;
    bool good = ask(search, failure, recording, &answer, err);
    cJSON *json = cJSON_ParseWithLength(str_text(&answer), answer.length);
    if (good)
        add_finding(search, json);
    cJSON_Delete(json);
    return good;
}

static bool is_count(const char *text)
{
    return text != NULL && *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

// What stderr says is made of no byte that could be followed. An exit status, and how often it
// asked, hang on a condition.
static bool can_be_followed(const struct check_result *check)
{
    if (check->was_run && check_has_sanitizer_report(check))
        return true;
    bool gave_up = program_is(check, "exited") && check->program.status != 0 &&
                   check->expected == NULL && !str_equal(check->stream, "stderr");
    return !check->was_run || check->has_offset || str_equal(check->stream, "stdout") ||
           program_is(check, "stuck") || check->suspect.text != NULL || gave_up ||
           is_count(check->expected) ||
           (check->expected != NULL && str_starts_with(check->expected, "exit status "));
}

// The connection on which a failure hangs that is on none itself; of a program that is run and was
// answered by nobody, the first that it tried.
static int connection_of(const struct check_result *check)
{
    int connection = check->connection == 0 && check->suspect.text != NULL
                         ? check->suspect.connection
                         : failing_connection(check);
    return connection == 0 && check->was_run ? 1 : connection;
}

// The client on the connection speaks HTTP: what is wrong hangs on one request.
static bool asks_by_http(const struct check_result *check, int connection)
{
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *record = &check->transcript[i];
        if (!record->from_program && record->connection == connection &&
            strstr(record->text, " HTTP/1.") != NULL)
            return true;
    }
    return false;
}

static bool is_of_program(const struct search *search)
{
    const struct check_result *check = search->check;
    bool ended =
        (program_is(check, "exited") && !check->has_offset) || program_is(check, "signalled");
    return search->is_unheard || ended || !asks_by_http(check, search->connection);
}

static bool look(struct search *search, size_t check_index, struct err *err)
{
    return recorded_run(search->tracing, search->request, check_index, search->program,
                        search->connection, search->from_main, search->sent, use, search, err);
}

bool origin_find(struct tracing *tracing, const struct grade_request *request,
                 const struct sources *sources, size_t check_index, bool is_unheard,
                 struct check_result *check, struct err *err)
{
    if (!can_be_followed(check))
        return true;
    struct search search = {.tracing = tracing,
                            .request = request,
                            .sources = sources,
                            .check = check,
                            .is_unheard = is_unheard,
                            .waits = request->plan->checks[check_index].waits,
                            .connection = connection_of(check)};
    // A client has read its URL before it connects.
    search.from_main = check->was_run || is_of_program(&search);
    search.sent = search.from_main ? 0 : failure_sent_before(check, search.connection);
    search.program = build_stepped(request->lab, sources, request->stage, err);
    bool good = search.program != NULL ? look(&search, check_index, err) : err->kind == ERR_NONE;
    // The program never came to the connection: why not?
    if (good && search.program != NULL && !search.from_main && !search.had_connection) {
        search.from_main = true;
        search.sent = 0;
        good = look(&search, check_index, err);
    }
    free(search.program);
    return good;
}
