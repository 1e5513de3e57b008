// SPDX-License-Identifier: MIT
// `lab --help`, and `lab COMMAND --help`, from the table.
#include <stdio.h>

#include "cmd/commands.h"

static void print_group(const char *title, bool for_instructors)
{
    printf("\n%s\n", title);
    for (size_t i = 0; i < command_count; i++)
        if (commands[i]->for_instructors == for_instructors)
            printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
}

void help_print(void)
{
    printf("usage: lab COMMAND [ARGUMENT…]\n\n"
           "Hands-on labs for backend development, in C: edit a program, `lab check` probes\n"
           "it over the network and says what is wrong.\n");
    print_group("commands", false);
    print_group("for instructors", true);
    printf("\nlab COMMAND --help says more of one; `lab` alone says what to do next.\n");
}

static void print_option(const struct cmd_option *option)
{
    auto_free char *usage = option_usage(option);
    if (option->letter != 0)
        printf("  -%c, %-18s %s\n", option->letter, usage, option->help);
    else
        printf("      %-18s %s\n", usage, option->help);
}

void help_print_command(const struct cmd *cmd)
{
    auto_free char *usage = command_usage(cmd);
    printf("usage: %s\n\n%s\n\noptions\n", usage, cmd->help);
    for (size_t i = 0; i < cmd->option_count; i++)
        print_option(&cmd->options[i]);
    for (size_t i = 0; i < common_option_count; i++)
        print_option(&common_options[i]);
}
