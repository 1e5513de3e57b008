// SPDX-License-Identifier: MIT
// The table of subcommands, made from cmd_list.h: what dispatch, --help, the manual page and
// completion read.
#ifndef LAB_COMMANDS_H
#define LAB_COMMANDS_H

#include <stddef.h>

#include "base/str.h"
#include "cmd/cmd.h"

extern const struct cmd *const commands[];
extern const size_t command_count;
// NULL: there is none of that name.
const struct cmd *command_find(const char *name);

// Options that every command takes, besides its own.
extern const struct cmd_option common_options[];
extern const size_t common_option_count;

// The word with which completion asks, and the one that prints the manual page: for scripts, not
// for people, so --help does not name them.
#define COMPLETE_WORD "__complete"
#define MANUAL_WORD "__manual"

// "--seed=N". The caller frees it.
char *option_usage(const struct cmd_option *option);
// "lab check [OPTION…] [LAB] [STEP…]". The caller frees it.
char *command_usage(const struct cmd *cmd);

// Prints `lab --help`, and `lab NAME --help`.
void help_print(void);
void help_print_command(const struct cmd *cmd);
// The manual page lab(1), in man(7).
void manual_print(void);
// What could stand in place of the last of these words, which may be empty: a candidate a line,
// with a tab and what it is behind it. The line ":folders" stands for every folder.
void complete_print(const char *const *words, size_t count);

#endif
