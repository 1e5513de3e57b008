// SPDX-License-Identifier: MIT
// The table of subcommands, made from cmd_list.h.
#include "cmd/commands.h"

#include <string.h>

#include "cmd/cmd_list.h"

#define CMD_DECLARE(name) extern const struct cmd cmd_##name;
CMD_LIST(CMD_DECLARE)

#define CMD_POINTER(name) &cmd_##name,
const struct cmd *const commands[] = {CMD_LIST(CMD_POINTER)};
const size_t command_count = sizeof commands / sizeof commands[0];

const struct cmd_option common_options[] = {
    {0, "plain", NULL, "words instead of colours, columns and drawings"},
    {'h', "help", NULL, "print this"},
};
const size_t common_option_count = sizeof common_options / sizeof *common_options;

const struct cmd *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

char *option_usage(const struct cmd_option *option)
{
    return str_format("--%s%s%s", option->name, option->argument != NULL ? "=" : "",
                      option->argument != NULL ? option->argument : "");
}

char *command_usage(const struct cmd *cmd)
{
    return str_format("lab %s [OPTION…]%s%s", cmd->name, cmd->arguments[0] != '\0' ? " " : "",
                      cmd->arguments);
}
