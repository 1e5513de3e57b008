// SPDX-License-Identifier: MIT
// `lab --help`, and `lab COMMAND --help`, from the table.
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "render/render.h"

// Lines as they were written; one that is wider than the screen goes on below.
static void print_lines(const struct screen *screen, const char *text)
{
    while (*text != '\0') {
        size_t indent = strspn(text, " ");
        size_t length = strcspn(text, "\n");
        auto_free char *first = str_format("%.*s", (int)indent, text);
        auto_free char *line = str_format("%.*s", (int)(length - indent), text + indent);
        screen_wrap(screen, first, first, line);
        text += length + (text[length] == '\n');
    }
}

static void print_group(const struct screen *screen, const char *title, bool for_instructors)
{
    printf("\n%s\n", title);
    for (size_t i = 0; i < command_count; i++) {
        if (commands[i]->for_instructors != for_instructors)
            continue;
        auto_free char *first = str_format("  %-10s ", commands[i]->name);
        screen_wrap(screen, first, "             ", commands[i]->summary);
    }
}

void help_print(void)
{
    const struct screen screen = screen_for(stdout, NULL);
    print_lines(&screen,
                "usage: lab COMMAND [ARGUMENT…]\n\n"
                "Hands-on labs for backend development, in C: edit a program, `lab check` probes\n"
                "it over the network and says what is wrong.\n");
    print_group(&screen, "commands", false);
    print_group(&screen, "for instructors", true);
    print_lines(&screen,
                "\nlab COMMAND --help says more of one; `lab` alone says what to do next.\n");
}

static void print_option(const struct screen *screen, const struct cmd_option *option)
{
    auto_free char *usage = option_usage(option);
    auto_free char *letter =
        option->letter != 0 ? str_format("-%c,", option->letter) : mem_copy_string("   ");
    auto_free char *line = str_format("%-18s %s", usage, option->help);
    auto_free char *first = str_format("  %s ", letter);
    screen_wrap(screen, first, "        ", line);
}

void help_print_command(const struct cmd *cmd)
{
    const struct screen screen = screen_for(stdout, NULL);
    auto_free char *usage = command_usage(cmd);
    screen_wrap(&screen, "usage: ", "       ", usage);
    printf("\n");
    print_lines(&screen, cmd->help);
    printf("\noptions\n");
    for (size_t i = 0; i < cmd->option_count; i++)
        print_option(&screen, &cmd->options[i]);
    for (size_t i = 0; i < common_option_count; i++)
        print_option(&screen, &common_options[i]);
}
