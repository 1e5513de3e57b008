// SPDX-License-Identifier: MIT
/*
 * Completion: what could stand where the cursor is. The table knows it: a command's `arguments` and
 * an option's `argument` name what is taken (LAB, STEP, STAGE, …). The scripts in runner/shell hand
 * over the words, and show what is printed here.
 *
 * Nothing is said about mistakes: somebody is in the middle of typing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/context.h"

// What was typed, up to the word that is to be completed.
struct typed {
    const struct cmd *cmd;
    struct strings positional;       // the words before, without options
    const struct cmd_option *option; // whose value the word is, or NULL
    bool only_words;                 // behind "--"
    const char *begun;               // the word, as far as it is there
    const char *before;              // "--color=" where the value stands in the same word; printed
};

static void offer(const struct typed *typed, const char *candidate, const char *what)
{
    if (!str_starts_with(candidate, typed->begun))
        return;
    printf("%s%s", typed->before, candidate);
    if (what != NULL && what[0] != '\0')
        printf("\t%s", what);
    printf("\n");
}

static bool has_word(const char *arguments, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = arguments; (at = strstr(at, word)) != NULL; at += length) {
        bool begins = at == arguments || strchr("[| ", at[-1]) != NULL;
        if (begins && (at[length] < 'A' || at[length] > 'Z'))
            return true;
    }
    return false;
}

// ---------------------------------------------------------------- what there is

static void offer_commands(const struct typed *typed)
{
    for (size_t i = 0; i < command_count; i++)
        offer(typed, commands[i]->name, commands[i]->summary);
}

static void offer_labs(const struct typed *typed, const struct courses *courses)
{
    auto_strings struct strings ids = STRINGS_INIT;
    if (!courses_list(courses, &ids, NULL))
        return;
    for (size_t i = 0; i < ids.count; i++) {
        if (!str_starts_with(ids.items[i], typed->begun))
            continue;
        struct lab *lab = lab_load(courses, ids.items[i], NULL);
        offer(typed, ids.items[i], lab != NULL ? lab->title : NULL);
        lab_free(lab);
    }
}

static void offer_stages(const struct typed *typed, const struct courses *courses)
{
    struct roadmap roadmap = {NULL, 0};
    if (!roadmap_load(courses, &roadmap, NULL))
        return;
    for (size_t i = 0; i < roadmap.count; i++)
        offer(typed, roadmap.stages[i].id, roadmap.stages[i].title);
    roadmap_release(&roadmap);
}

// The lab that a STEP belongs to: the one that was named, else that of the workspace.
static struct lab *lab_meant(const struct typed *typed, const struct courses *courses)
{
    struct lab *named =
        typed->positional.count > 0 ? lab_load(courses, typed->positional.items[0], NULL) : NULL;
    struct workspace here = {0};
    if (named != NULL || !workspace_find(".", &here, NULL))
        return named;
    struct lab *lab = lab_load(courses, here.lab, NULL);
    workspace_release(&here);
    return lab;
}

static void offer_steps(const struct typed *typed, const struct courses *courses)
{
    struct lab *lab = lab_meant(typed, courses);
    for (size_t i = 0; lab != NULL && i < lab->step_count; i++)
        if (!strings_have(&typed->positional, lab->steps[i].id))
            offer(typed, lab->steps[i].id, lab->steps[i].title);
    lab_free(lab);
}

static void offer_attempts(const struct typed *typed)
{
    struct workspace here = {0};
    auto_free char *note = NULL;
    if (!workspace_find(".", &here, NULL))
        return;
    struct progress *progress = progress_open(&note, NULL);
    struct progress_attempts attempts = {0};
    if (progress != NULL && progress_attempts(progress, here.folder, &attempts, NULL))
        for (size_t i = attempts.count; i-- > 0;) {
            if (!attempts.items[i].kept)
                continue;
            auto_free char *number = str_format("%lld", attempts.items[i].number);
            auto_free char *points = str_format("%d points", attempts.items[i].points);
            offer(typed, number, attempts.items[i].built ? points : "did not compile");
        }
    progress_attempts_release(&attempts);
    progress_close(progress);
    workspace_release(&here);
}

// ---------------------------------------------------------------- values of options

static const struct {
    const char *argument;
    const char *values[5];
} choices[] = {
    {"WHEN", {"auto", "always", "never"}},
    {"LEVEL", {"full", "namespaces", "container", "none"}},
    {"HOW", {"easy", "medium", "hard"}},
    {"STATE", {"open", "started", "passed", "todo"}},
    {"FORMAT", {"gcc"}},
    {"KIND", {"server", "client", "tool"}},
};

static void offer_values(const struct typed *typed, const struct courses *courses)
{
    const char *argument = typed->option->argument;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        for (size_t k = 0; strcmp(choices[i].argument, argument) == 0 &&
                           k < sizeof choices[i].values / sizeof *choices[i].values &&
                           choices[i].values[k] != NULL;
             k++)
            offer(typed, choices[i].values[k], NULL);
    if (strcmp(argument, "STAGE") == 0)
        offer_stages(typed, courses);
    if (strcmp(argument, "ATTEMPT") == 0)
        offer_attempts(typed);
    if (strcmp(argument, "LAB") == 0)
        offer_labs(typed, courses);
    if (strcmp(argument, "DIR") == 0 && typed->before[0] == '\0')
        printf(":folders\n");
}

static void offer_options(const struct typed *typed)
{
    const struct cmd *cmd = typed->cmd;
    for (size_t i = 0; cmd != NULL && i < cmd->option_count; i++) {
        auto_free char *name = str_format("--%s", cmd->options[i].name);
        offer(typed, name, cmd->options[i].help);
    }
    for (size_t i = 0; i < common_option_count; i++) {
        auto_free char *name = str_format("--%s", common_options[i].name);
        offer(typed, name, common_options[i].help);
    }
    if (cmd == NULL)
        offer(typed, "--version", "print the version");
}

static void offer_words(const struct typed *typed, const struct courses *courses)
{
    const char *arguments = typed->cmd->arguments;
    size_t position = typed->positional.count;
    if (position >= typed->cmd->most_words)
        return;
    if (has_word(arguments, "STEP"))
        offer_steps(typed, courses);
    if (has_word(arguments, "LAB") && (position == 0 || !has_word(arguments, "STEP")) &&
        (position == 0 || typed->cmd->most_words > 2))
        offer_labs(typed, courses);
    if (has_word(arguments, "DIR") && position == (has_word(arguments, "LAB") ? 1 : 0))
        printf(":folders\n");
}

// ---------------------------------------------------------------- what was typed

static const struct cmd_option *find_long(const struct cmd *cmd, const char *name, size_t length)
{
    for (size_t i = 0; i < cmd->option_count; i++)
        if (strncmp(cmd->options[i].name, name, length) == 0 &&
            cmd->options[i].name[length] == '\0')
            return &cmd->options[i];
    return NULL;
}

static const struct cmd_option *find_letter(const struct cmd *cmd, char letter)
{
    for (size_t i = 0; i < cmd->option_count; i++)
        if (cmd->options[i].letter == letter)
            return &cmd->options[i];
    return NULL;
}

// The option that waits for its value in the next word, or NULL.
static const struct cmd_option *opens_value(const struct cmd *cmd, const char *word)
{
    const struct cmd_option *option = NULL;
    if (str_starts_with(word, "--") && strchr(word, '=') == NULL)
        option = find_long(cmd, word + 2, strlen(word + 2));
    else if (word[0] == '-' && word[1] != '-' && word[1] != '\0' && word[2] == '\0')
        option = find_letter(cmd, word[1]);
    return option != NULL && option->argument != NULL ? option : NULL;
}

static void read_words(const char *const *words, size_t count, struct typed *typed)
{
    for (size_t i = 0; i < count; i++) {
        if (typed->option != NULL) // its value
            typed->option = NULL;
        else if (!typed->only_words && strcmp(words[i], "--") == 0)
            typed->only_words = true;
        else if (!typed->only_words && words[i][0] == '-')
            typed->option = opens_value(typed->cmd, words[i]);
        else
            strings_add(&typed->positional, words[i]);
    }
}

// "--color=al": the value is what is completed, and the whole word is printed.
static char *split_value(struct typed *typed)
{
    const char *equals = strchr(typed->begun, '=');
    if (typed->only_words || typed->option != NULL || equals == NULL ||
        !str_starts_with(typed->begun, "--"))
        return NULL;
    typed->option = find_long(typed->cmd, typed->begun + 2, (size_t)(equals - typed->begun) - 2);
    char *before = str_format("%.*s", (int)(equals - typed->begun) + 1, typed->begun);
    typed->begun = equals + 1;
    typed->before = before;
    return before;
}

static void complete_command(struct typed *typed)
{
    struct courses courses = {STRINGS_INIT, NULL};
    auto_free char *before = split_value(typed);
    if (typed->option == NULL && before == NULL && typed->begun[0] == '-' && !typed->only_words) {
        offer_options(typed);
        return;
    }
    if (!courses_find(&courses, NULL))
        return;
    if (typed->option != NULL && typed->option->argument != NULL)
        offer_values(typed, &courses);
    else if (before == NULL)
        offer_words(typed, &courses);
    courses_release(&courses);
}

void complete_print(const char *const *words, size_t count)
{
    if (count == 0)
        return;
    struct typed typed = {.positional = STRINGS_INIT, .begun = words[count - 1], .before = ""};
    bool help = count > 1 && strcmp(words[0], "help") == 0;
    if (count == 1 && words[0][0] == '-') {
        offer_options(&typed);
    } else if (count == 1 || (help && count == 2)) {
        offer_commands(&typed);
        if (!help)
            offer(&typed, "help", "what a command does, and its options");
    } else if ((typed.cmd = command_find(words[0])) != NULL) {
        read_words(words + 1, count - 2, &typed);
        complete_command(&typed);
    }
    strings_release(&typed.positional);
}
