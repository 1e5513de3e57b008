// SPDX-License-Identifier: MIT
// lab list: every lab there is, or those that were asked for.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/table.h"

static const char *const difficulties[] = {"easy", "medium", "hard"};
static const char *const states[] = {"open", "started", "passed", "todo"};

// What was asked for; NULL: any.
struct wanted {
    const struct roadmap_stage *stage;
    const char *difficulty;
    const char *state;
};

// The value of an option is one of these words.
static bool choose(const struct cmd_call *call, const char *option, const char *const *words,
                   size_t count, const char **out, struct err *err)
{
    const char *value = cmd_value(call, option);
    if (value == NULL)
        return true;
    auto_str struct str all = STR_INIT;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], value) == 0) {
            *out = words[i];
            return true;
        }
        str_append_format(&all, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
    }
    err_set(err, ERR_USAGE, "--%s is %s, and takes %s", option, value, str_text(&all));
    const char *meant = text_suggest(value, words, count);
    if (meant != NULL)
        err_set_cure(err, "did you mean --%s=%s?", option, meant);
    else
        err_set_cure(err, "%s list --help says more", cmd_program());
    return false;
}

// A stage by its id or its number.
static bool choose_stage(const struct cmd_call *call, const struct roadmap *roadmap,
                         const struct roadmap_stage **out, struct err *err)
{
    const char *value = cmd_value(call, "stage");
    if (value == NULL)
        return true;
    auto_free const char **ids = mem_alloc_array(roadmap->count, sizeof *ids);
    for (size_t i = 0; i < roadmap->count; i++) {
        auto_free char *number = str_format("%zu", i + 1);
        ids[i] = roadmap->stages[i].id;
        if (strcmp(ids[i], value) == 0 || strcmp(number, value) == 0) {
            *out = &roadmap->stages[i];
            return true;
        }
    }
    err_set(err, ERR_USAGE, "the roadmap has no stage \"%s\"", value);
    const char *meant = text_suggest(value, ids, roadmap->count);
    if (meant != NULL) {
        err_set_cure(err, "did you mean %s?", meant);
        return false;
    }
    auto_str struct str all = STR_INIT;
    for (size_t i = 0; i < roadmap->count; i++)
        str_append_format(&all, "%s%s", i > 0 ? ", " : "", ids[i]);
    err_set_cure(err, "stages are named by number (1-%zu) or by id: %s", roadmap->count,
                 str_text(&all));
    return false;
}

static bool read_wanted(const struct cmd_call *call, const struct table *table, struct wanted *out,
                        struct err *err)
{
    if (cmd_has(call, "todo") && cmd_has(call, "state")) {
        err_set(err, ERR_USAGE, "--todo and --state cannot both be said");
        err_set_cure(err, "--todo is short for --state=todo");
        return false;
    }
    out->state = cmd_has(call, "todo") ? "todo" : NULL;
    return choose_stage(call, &table->roadmap, &out->stage, err) &&
           choose(call, "difficulty", difficulties, sizeof difficulties / sizeof *difficulties,
                  &out->difficulty, err) &&
           choose(call, "state", states, sizeof states / sizeof *states, &out->state, err);
}

static bool is_wanted(const struct table *table, const struct table_lab *entry, const void *context)
{
    const struct wanted *wanted = context;
    (void)table;
    const char *state = roadmap_lab_status_name(entry->status);
    bool todo = str_equal(wanted->state, "todo");
    return (wanted->stage == NULL || str_equal(wanted->stage->id, entry->lab->stage)) &&
           (wanted->difficulty == NULL || str_equal(wanted->difficulty, entry->lab->difficulty)) &&
           (wanted->state == NULL || str_equal(wanted->state, state) ||
            (todo && entry->status != ROADMAP_LAB_PASSED));
}

static bool has_labs(const struct table *table, const struct roadmap_stage *stage)
{
    for (size_t i = 0; i < table->count; i++)
        if (str_equal(table->labs[i].lab->stage, stage->id))
            return true;
    return false;
}

static void say_none(const struct screen *screen, const struct table *table,
                     const struct wanted *wanted)
{
    if (table->count == 0)
        screen_say(screen, "there are no labs here");
    else if (wanted->stage != NULL && !has_labs(table, wanted->stage))
        screen_say(screen, "%s has no labs yet", wanted->stage->title);
    else
        screen_say(screen, "no lab is like that; `%s list` shows all", cmd_program());
}

static void show(const struct table *table, const struct wanted *wanted,
                 const struct cmd_call *call)
{
    struct table_view view = table_view_make(table, is_wanted, wanted);
    bool all = wanted->stage == NULL && wanted->difficulty == NULL && wanted->state == NULL;
    if (cmd_has(call, "json")) {
        auto_free char *json = render_labs_json(&view.roadmap);
        fputs(json, stdout);
    } else {
        const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
        if (view.count == 0)
            say_none(&screen, table, wanted);
        else
            render_labs(&screen, &view.roadmap, all);
    }
    table_view_release(&view);
}

static int run_list(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    struct table table = {0};
    struct wanted wanted = {0};
    if (context_open(&context, err) && table_load(&context, &table, err) &&
        read_wanted(call, &table, &wanted, err))
        show(&table, &wanted, call);
    int status = table_tell_broken(&table);
    table_release(&table);
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {0, "stage", "STAGE", "only labs of this stage: its id or number"},
    {0, "difficulty", "HOW", "only easy, medium or hard ones"},
    {0, "state", "STATE", "only open, started or passed ones, or those todo"},
    {0, "todo", NULL, "only labs that are not passed yet"},
    {0, "json", NULL, "print one JSON object"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_list = {
    .name = "list",
    .arguments = "",
    .summary = "every lab there is",
    .help = "Prints the labs in the roadmap's order, with your progress and workspaces.\n"
            "Several filters together leave the labs that fit all of them.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_list,
};
