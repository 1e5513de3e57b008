// SPDX-License-Identifier: MIT
/*
 * A subcommand is one file that ends in one `const struct cmd`; cmd_list.h is the only list of
 * them.
 * --help, usage errors and suggestions are made from the fields.
 */
#ifndef LAB_CMD_H
#define LAB_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct cmd_option {
    char letter;          // 0: none
    const char *name;     // without the dashes
    const char *argument; // "N", or NULL when it takes none
    const char *help;     // one line
};

// What was typed, taken apart by the table below.
struct cmd_call {
    const struct cmd *cmd;
    const char *const *words; // positional ones
    size_t word_count;
    const char *const *rest; // behind "--", NULL-terminated; NULL: there is no "--"
    const char **values; // values[i] belongs to cmd->options[i]: NULL when not given, "" when it
                         // takes no argument
};

struct cmd {
    const char *name;
    const char *arguments; // "[LAB] [STEP…]"
    const char *summary;   // one line for `lab --help`
    const char *help;      // some lines for `lab NAME --help`
    size_t least_words, most_words;
    bool takes_rest; // what stands behind "--" is no word of its own, but somebody else's
    const struct cmd_option *options;
    size_t option_count;
    // Returns the exit status. An error: sets err and returns anything.
    int (*run)(const struct cmd_call *call, struct err *err);
    bool for_instructors;
};

// The value of an option, NULL when it was not given.
const char *cmd_value(const struct cmd_call *call, const char *name);
bool cmd_has(const struct cmd_call *call, const char *name);
// A whole number in [least, most]; else USAGE that names the option.
bool cmd_integer(const struct cmd_call *call, const char *name, long long least, long long most,
                 long long *out, struct err *err);

// How this program is called in printed commands: "lab" when PATH finds it, else "./lab".
const char *cmd_program(void);

#endif
