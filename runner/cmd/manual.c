// SPDX-License-Identifier: MIT
/*
 * The manual page lab(1), in man(7). Commands, options and their texts come from the same table as
 * --help; the sections below say what belongs to no command.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"

// Text as troff takes it for itself: no requests, no escapes, hyphens that can be pasted.
static void append_escaped(struct str *out, const char *text)
{
    static const char ellipsis[] = "…";
    if (text[0] == '.' || text[0] == '\'')
        str_append(out, "\\&");
    for (; *text != '\0'; text++) {
        if (strncmp(text, ellipsis, sizeof ellipsis - 1) == 0) {
            str_append(out, "...");
            text += sizeof ellipsis - 2;
        } else if (*text == '\\') {
            str_append(out, "\\e");
        } else if (*text == '-') {
            str_append(out, "\\-");
        } else {
            str_append_char(out, *text);
        }
    }
}

static void print_escaped(const char *before, const char *text, const char *after)
{
    auto_str struct str out = STR_INIT;
    append_escaped(&out, text);
    printf("%s%s%s", before, str_text(&out), after);
}

// Lines of text; an empty one parts paragraphs, and lines that begin with a blank stay as they are.
static void print_text(const char *text)
{
    bool literal = false;
    bool parted = false; // a paragraph is due, unless literal lines follow
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        auto_free char *line = str_format("%.*s", (int)length, text);
        bool indented = line[0] == ' ';
        if (indented != literal)
            printf("%s", indented ? ".PP\n.nf\n" : ".fi\n");
        if ((parted || literal) && !indented && length > 0)
            printf(".PP\n");
        parted = length == 0 && !indented;
        literal = indented;
        if (length > 0)
            print_escaped("", line, "\n");
        text += length + (text[length] == '\n');
    }
    if (literal)
        printf(".fi\n");
}

static void print_option(const struct cmd_option *option)
{
    auto_free char *usage = option_usage(option);
    printf(".TP\n");
    if (option->letter != 0)
        printf(".BR \\-%c \", \" ", option->letter);
    else
        printf(".B ");
    auto_str struct str word = STR_INIT;
    append_escaped(&word, usage);
    printf("\"%s\"\n", str_text(&word));
    print_escaped("", option->help, "\n");
}

static void print_command(const struct cmd *cmd)
{
    auto_free char *usage = command_usage(cmd);
    print_escaped(".SS \"", usage, "\"\n");
    print_text(cmd->help);
    for (size_t i = 0; i < cmd->option_count; i++)
        print_option(&cmd->options[i]);
}

static void print_summaries(bool for_instructors)
{
    for (size_t i = 0; i < command_count; i++) {
        if (commands[i]->for_instructors != for_instructors)
            continue;
        print_escaped(".TP\n.B ", commands[i]->name, "\n");
        print_escaped("", commands[i]->summary, "\n");
    }
}

static void print_commands(bool for_instructors)
{
    for (size_t i = 0; i < command_count; i++)
        if (commands[i]->for_instructors == for_instructors)
            print_command(commands[i]);
}

struct entry {
    const char *word, *text;
};

static void print_entries(const char *section, const struct entry *entries, size_t count)
{
    printf(".SH %s\n", section);
    for (size_t i = 0; i < count; i++) {
        print_escaped(".TP\n.B \"", entries[i].word, "\"\n");
        print_escaped("", entries[i].text, "\n");
    }
}

static const struct entry statuses[] = {
    {"0", "everything that was asked for passed"},
    {"1", "graded, and not all passed: a compile error, a crash and a time-out too"},
    {"2", "usage"},
    {"3", "the lab is broken, which is its author's fault"},
    {"4", "the machine lacks something, or stdout could not be written"},
    {"70", "a bug in lab"},
    {"130", "interrupted"},
};

static const struct entry variables[] = {
    {"LAB_PATH", "further courses, besides the one around: absolute, a colon between"},
    {"LAB_PLAIN", "when set, every command is called as with --plain"},
    {"NO_COLOR", "when set, no colours"},
    {"TERM", "on the terminal \"dumb\" everything is printed as with --plain"},
    {"COLUMNS", "how wide lines may be; 80 at most"},
    {"PAGER", "shows what is longer than the terminal; the default is less"},
    {"XDG_DATA_HOME, XDG_STATE_HOME, XDG_CACHE_HOME, XDG_CONFIG_HOME", "where the files below lie"},
};

static const struct entry files[] = {
    {"~/.local/share/lab/progress.db", "your progress, and the files of your attempts"},
    {"~/.cache/lab", "compiled programs and graders; it can be removed at any time"},
    {"~/.config/lab/courses", "courses that may run their graders, one a line"},
    {"~/.local/state/lab", "logs"},
    {".lab/last/", "in a workspace: all that is known of the last attempt"},
    {".lab/backup/", "in a workspace: your files from before each reset"},
};

static const struct entry examples[] = {
    {"lab", "says what to do next"},
    {"lab start http-basics && cd http-basics && lab check", "begins a lab and checks its stub"},
    {"lab check 1-4", "checks the first four steps"},
    {"lab check --format=gcc", "prints what is wrong so that editors jump to it"},
    {"lab list --stage=internet --todo", "what is left of a stage"},
    {"lab reset --to=7", "brings the files of the seventh attempt back"},
};

#define PRINT_ENTRIES(section, entries)                                                            \
    print_entries(section, entries, sizeof(entries) / sizeof *(entries))

void manual_print(void)
{
    printf(".\\\" SPDX-License-Identifier: MIT\n"
           ".\\\" Made by lab itself from the table of its commands.\n"
           ".TH LAB 1 2026-11-30 \"lab " LAB_VERSION "\" \"User Commands\"\n"
           ".nh\n"
           ".SH NAME\n"
           "lab \\- hands\\-on labs for backend development, in C\n"
           ".SH SYNOPSIS\n"
           ".B lab\n.RI [ COMMAND \" [\" ARGUMENT ...]]\n"
           ".SH DESCRIPTION\n"
           "A learner edits a program in C;\n"
           ".B lab check\n"
           "compiles it, starts it in a sandbox, probes it over real network connections,\n"
           "and says what is wrong, what was sent, what came back, and which line did it.\n"
           ".B lab\n"
           "alone says what to do next.\n"
           ".PP\nCommands:\n");
    print_summaries(false);
    printf(".PP\nFor instructors:\n");
    print_summaries(true);
    printf(".PP\nEvery command takes these options:\n");
    for (size_t i = 0; i < common_option_count; i++)
        print_option(&common_options[i]);
    printf(".TP\n.BR \\-V \", \" \"\\-\\-version\"\nin place of a command: print the version\n");
    printf(".SH COMMANDS\n");
    print_commands(false);
    printf(".SH COMMANDS FOR INSTRUCTORS\n");
    print_commands(true);
    PRINT_ENTRIES("EXIT STATUS", statuses);
    PRINT_ENTRIES("ENVIRONMENT", variables);
    PRINT_ENTRIES("FILES", files);
    PRINT_ENTRIES("EXAMPLES", examples);
    printf(".SH SEE ALSO\n.BR cc (1),\n.BR curl (1),\n.BR gdb (1)\n");
}
