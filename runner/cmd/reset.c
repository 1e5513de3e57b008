// SPDX-License-Identifier: MIT
// lab reset: the stub again, or the files of an earlier attempt; what was there is kept. Which
// attempts there are, and what has changed since.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/text.h"
#include "cmd/changes.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/pager.h"
#include "render/render.h"

static bool has_progress(const struct context *context, struct err *err)
{
    if (context->progress == NULL)
        err_set(err, ERR_ENV, "earlier attempts are not to be had without the progress file");
    return context->progress != NULL;
}

static bool earlier_sources(struct context *context, long long number, struct sources *out,
                            struct err *err)
{
    return has_progress(context, err) &&
           progress_sources(context->progress, context->workspace.folder, number, out, err);
}

// ---------------------------------------------------------------- --list

// "2026-11-30 15:44"
static void append_time(struct str *out, long long at)
{
    time_t seconds = (time_t)at;
    struct tm local;
    char text[32];
    if (localtime_r(&seconds, &local) != NULL &&
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local) > 0)
        str_append(out, text);
}

static void append_attempt(struct str *out, const struct progress_attempt *attempt)
{
    str_append_format(out, "%lld  ", attempt->number);
    append_time(out, attempt->at);
    if (!attempt->built)
        str_append(out, "  did not compile");
    else if (attempt->complete)
        str_append(out, "  all passed");
    else
        str_append_format(out, "  %d/%d points", attempt->points, attempt->max_points);
    if (!attempt->kept)
        str_append(out, ", files not kept");
    else if (attempt->same)
        str_append(out, ", same files");
}

static void say_list(const struct screen *screen, const struct progress_attempts *attempts)
{
    for (size_t i = attempts->count; i-- > 0;) {
        auto_str struct str line = STR_INIT;
        append_attempt(&line, &attempts->items[i]);
        // Numbers end in one column.
        auto_free char *blanks = str_format("%*s",
                                            attempts->items[i].number < 10     ? 3
                                            : attempts->items[i].number < 100  ? 2
                                            : attempts->items[i].number < 1000 ? 1
                                                                               : 0,
                                            "");
        screen_wrap(screen, blanks, "      ", str_text(&line));
    }
    screen_command(screen, "changes since one: ", "%s reset --diff N", cmd_program());
    screen_command(screen, "back to one: ", "%s reset --to N", cmd_program());
}

// The same as text, for the pager. The caller frees it.
static char *text_of(const struct screen *screen, const struct progress_attempts *attempts)
{
    char *text = NULL;
    size_t length = 0;
    struct screen memory = *screen;
    memory.out = open_memstream(&text, &length);
    if (memory.out == NULL)
        abort();
    say_list(&memory, attempts);
    fclose(memory.out);
    return text;
}

static bool list(struct context *context, struct err *err)
{
    struct progress_attempts attempts = {0};
    if (!has_progress(context, err) ||
        !progress_attempts(context->progress, context->workspace.folder, &attempts, err))
        return false;
    const struct screen screen = screen_for(stdout, NULL);
    if (attempts.count == 0) {
        screen_say(&screen, "no attempt was made here yet");
        screen_command(&screen, "next: ", "%s check", cmd_program());
        return true;
    }
    auto_free char *text = text_of(&screen, &attempts);
    pager_print(text);
    progress_attempts_release(&attempts);
    return true;
}

// ---------------------------------------------------------------- --diff

static enum style style_of(const char *line)
{
    if (str_starts_with(line, "+++") || str_starts_with(line, "---"))
        return STYLE_STRONG;
    return line[0] == '+'   ? STYLE_GOOD
           : line[0] == '-' ? STYLE_BAD
           : line[0] == '@' ? STYLE_POINT
                            : STYLE_PLAIN;
}

// Lines as they are, safe for a terminal. They are code: nothing is wrapped.
static char *styled(const struct screen *screen, const char *changes)
{
    char *text = NULL;
    size_t length = 0;
    struct screen memory = *screen;
    memory.out = open_memstream(&text, &length);
    if (memory.out == NULL)
        abort();
    while (*changes != '\0') {
        size_t line_length = strcspn(changes, "\n");
        auto_str struct str line = STR_INIT;
        text_append_clean(&line, changes, line_length);
        screen_print(&memory, style_of(str_text(&line)), "%s", str_text(&line));
        fputc('\n', memory.out);
        changes += line_length + (changes[line_length] == '\n');
    }
    fclose(memory.out);
    return text;
}

static bool show_changes(struct context *context, const struct cmd_call *call, long long number,
                         struct err *err)
{
    struct sources old = {0};
    struct sources now = {0};
    auto_str struct str changes = STR_INIT;
    auto_free char *name = str_format("attempt %lld", number);
    bool compared = earlier_sources(context, number, &old, err) &&
                    workspace_sources(&context->workspace, context->lab, &now, err) &&
                    changes_append(&old, &now, name, &changes, err);
    sources_release(&old);
    sources_release(&now);
    if (!compared)
        return false;
    const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
    if (changes.length == 0) {
        screen_say(&screen, "nothing has changed since attempt %lld", number);
        return true;
    }
    auto_free char *text = styled(&screen, str_text(&changes));
    pager_print(text);
    return true;
}

// ---------------------------------------------------------------- back

static bool go_back(struct context *context, long long number, struct err *err)
{
    struct sources sources = {0};
    if (number > 0 && !earlier_sources(context, number, &sources, err))
        return false;
    auto_free char *backup = NULL;
    bool done = workspace_reset(&context->workspace, context->lab, number > 0 ? &sources : NULL,
                                &backup, err);
    sources_release(&sources);
    if (!done)
        return false;
    const struct screen screen = screen_for(stdout, NULL);
    if (number > 0)
        screen_say(&screen, "%s is as it was in attempt %lld", context->workspace.folder, number);
    else
        screen_say(&screen, "%s holds the stub again", context->workspace.folder);
    screen_say(&screen, "your files are kept in %s", backup);
    return true;
}

static bool one_at_most(const struct cmd_call *call, struct err *err)
{
    int said = cmd_has(call, "to") + cmd_has(call, "list") + cmd_has(call, "diff");
    if (said < 2)
        return true;
    err_set(err, ERR_USAGE, "only one of --to, --list and --diff can be said");
    err_set_cure(err, "--list and --diff change nothing; --to does");
    return false;
}

static int reset(struct context *context, const struct cmd_call *call, struct err *err)
{
    const char *const *words = call->words;
    size_t word_count = call->word_count;
    long long to = 0;
    long long since = 0;
    if (!one_at_most(call, err) || !cmd_integer(call, "to", 1, 1000000000, &to, err) ||
        !cmd_integer(call, "diff", 1, 1000000000, &since, err) || !context_open(context, err) ||
        !context_open_lab(context, &words, &word_count, true, err) ||
        !context_no_words(context, words, word_count, err))
        return 0;
    if (cmd_has(call, "list"))
        list(context, err);
    else if (since > 0)
        show_changes(context, call, since, err);
    else
        go_back(context, to, err);
    return 0;
}

static int run_reset(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    int status = reset(&context, call, err);
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {0, "to", "ATTEMPT", "the files of that attempt instead of the stub"},
    {0, "list", NULL, "change nothing: name the attempts made here"},
    {0, "diff", "ATTEMPT", "change nothing: print what changed since then"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_reset = {
    .name = "reset",
    .arguments = "[LAB]",
    .summary = "begin again, or go back; your files are kept",
    .help = "Puts the stub (or the files of an earlier attempt) into the workspace. What was\n"
            "there is copied first, and the command says where to.\n"
            "ATTEMPT is a number: 1 is the first check that was made in the workspace. The\n"
            "files of the latest 100 are kept, and of the first that earned the most points.",
    .most_words = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_reset,
};
