// SPDX-License-Identifier: MIT
// From argv to a command: the table, --help, --version, mistyped words.
#include "cmd/dispatch.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "cmd/overview.h"
#include "render/render.h"

enum {
    PLAIN = 255,      // getopt's value for --plain, which every command takes
    OPTION_BASE = 256 // … for a command's own options, above every letter
};

// ---------------------------------------------------------------- options

struct table { // for getopt_long, made from the command's own table
    struct option *options;
    struct str letters;
};

static struct table table_make(const struct cmd *cmd)
{
    struct table table = {.letters = STR_INIT};
    table.options = mem_alloc_array(cmd->option_count + 3, sizeof *table.options);
    str_append(&table.letters, ":h"); // the colon: our own messages
    for (size_t i = 0; i < cmd->option_count; i++) {
        const struct cmd_option *option = &cmd->options[i];
        table.options[i] =
            (struct option){.name = option->name,
                            .has_arg = option->argument != NULL ? required_argument : no_argument,
                            .val = OPTION_BASE + (int)i};
        if (option->letter != 0)
            str_append_format(&table.letters, "%c%s", option->letter,
                              option->argument != NULL ? ":" : "");
    }
    table.options[cmd->option_count] = (struct option){.name = "help", .val = 'h'};
    table.options[cmd->option_count + 1] = (struct option){.name = "plain", .val = PLAIN};
    return table;
}

// An option that is none of the command's.
static void fail_unknown(const struct cmd *cmd, const char *typed, struct err *err)
{
    size_t count = cmd->option_count + common_option_count;
    auto_free const char **names = mem_alloc_array(count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = i < cmd->option_count ? cmd->options[i].name
                                         : common_options[i - cmd->option_count].name;
    const char *meant = text_suggest(typed + strspn(typed, "-"), names, count);
    err_set(err, ERR_USAGE, "lab %s has no option %s", cmd->name, typed);
    if (meant != NULL)
        err_set_cure(err, "did you mean --%s?", meant);
    else
        err_set_cure(err, "%s %s --help lists the options", cmd_program(), cmd->name);
}

static void fail_option(const struct cmd *cmd, char **argv, int found, struct err *err)
{
    const char *typed = argv[optind - 1];
    bool letter = optopt > 0 && optopt < PLAIN; // one of several behind one dash, perhaps
    char dashed[] = {'-', (char)optopt, '\0'};
    const char *own = optopt >= OPTION_BASE ? cmd->options[optopt - OPTION_BASE].name : "plain";
    if (optopt != PLAIN && found != ':' && optopt < OPTION_BASE) {
        fail_unknown(cmd, letter ? dashed : typed, err);
        return;
    }
    if (found == ':')
        err_set(err, ERR_USAGE, "lab %s: %s needs a value", cmd->name, letter ? dashed : typed);
    else
        err_set(err, ERR_USAGE, "lab %s: --%s takes no value", cmd->name, own);
    err_set_cure(err, "%s %s --help lists the options", cmd_program(), cmd->name);
}

// The one option that means the same to every command.
static bool check_color(const struct cmd *cmd, const struct cmd_option *option, const char *value,
                        struct err *err)
{
    if (strcmp(option->name, "color") != 0 || strcmp(value, "auto") == 0 ||
        strcmp(value, "always") == 0 || strcmp(value, "never") == 0)
        return true;
    err_set(err, ERR_USAGE, "--color is %s, and takes auto, always or never", value);
    err_set_cure(err, "%s %s --help says more", cmd_program(), cmd->name);
    return false;
}

static size_t option_of(const struct cmd *cmd, int found)
{
    if (found >= OPTION_BASE)
        return (size_t)(found - OPTION_BASE);
    for (size_t i = 0; i < cmd->option_count; i++)
        if (cmd->options[i].letter == found)
            return i;
    return cmd->option_count;
}

static int run_command(const struct cmd *cmd, int argc, char **argv, struct err *err)
{
    struct table table = table_make(cmd);
    auto_free struct option *options = table.options;
    auto_str struct str letters = table.letters;
    auto_free const char **values = mem_alloc_array(cmd->option_count + 1, sizeof *values);
    int found;
    opterr = 0;
    optind = 0;
    while ((found = getopt_long(argc, argv, str_text(&letters), options, NULL)) != -1) {
        if (found == 'h') {
            help_print_command(cmd);
            return 0;
        }
        if (found == PLAIN) {
            setenv(SCREEN_PLAIN_VARIABLE, "1", 1);
            continue;
        }
        size_t index = option_of(cmd, found);
        if (found == '?' || found == ':' || index == cmd->option_count) {
            fail_option(cmd, argv, found, err);
            return 2;
        }
        values[index] = optarg != NULL ? optarg : "";
        if (!check_color(cmd, &cmd->options[index], values[index], err))
            return 2;
    }
    const struct cmd_call call = {.cmd = cmd,
                                  .words = (const char *const *)argv + optind,
                                  .word_count = (size_t)(argc - optind),
                                  .values = values};
    if (call.word_count < cmd->least_words || call.word_count > cmd->most_words) {
        err_set(err, ERR_USAGE, "lab %s takes %s", cmd->name,
                cmd->most_words == 0 ? "no words" : cmd->arguments);
        err_set_cure(err, "%s %s --help says more", cmd_program(), cmd->name);
        return 2;
    }
    return cmd->run(&call, err);
}

static int fail_command(const char *typed, struct err *err)
{
    auto_free const char **names = mem_alloc_array(command_count, sizeof *names);
    for (size_t i = 0; i < command_count; i++)
        names[i] = commands[i]->name;
    bool option = typed[0] == '-';
    const char *meant = option ? NULL : text_suggest(typed, names, command_count);
    err_set(err, ERR_USAGE, option ? "lab has no option %s" : "there is no command %s", typed);
    if (option)
        err_set_cure(err, "%s --help lists the commands; options stand behind them", cmd_program());
    else if (meant != NULL)
        err_set_cure(err, "did you mean %s %s?", cmd_program(), meant);
    else
        err_set_cure(err, "%s --help lists the commands", cmd_program());
    return 2;
}

static int help(const char *asked, struct err *err)
{
    const struct cmd *cmd = asked != NULL ? command_find(asked) : NULL;
    if (asked != NULL && cmd == NULL)
        return fail_command(asked, err);
    if (cmd != NULL)
        help_print_command(cmd);
    else
        help_print();
    return 0;
}

// Words that only scripts say. Returns false when it is none of them.
static bool answer_script(int argc, char **argv)
{
    if (strcmp(argv[1], COMPLETE_WORD) == 0)
        complete_print((const char *const *)argv + 2, (size_t)(argc - 2));
    else if (strcmp(argv[1], MANUAL_WORD) == 0)
        manual_print();
    else
        return false;
    return true;
}

int dispatch(int argc, char **argv, struct err *err)
{
    if (argc > 1 && strcmp(argv[1], "--plain") == 0) {
        setenv(SCREEN_PLAIN_VARIABLE, "1", 1);
        argc--;
        argv++;
    }
    if (argc < 2)
        return overview(err);
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        printf("lab %s\n", LAB_VERSION);
        return 0;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return help(NULL, err);
    if (strcmp(word, "help") == 0)
        return help(argc > 2 && strcmp(argv[2], "help") != 0 ? argv[2] : NULL, err);
    if (answer_script(argc, argv))
        return 0;
    const struct cmd *cmd = command_find(word);
    if (cmd == NULL)
        return fail_command(word, err);
    return run_command(cmd, argc - 1, argv + 1, err);
}
