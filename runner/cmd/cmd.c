// SPDX-License-Identifier: MIT
// What commands ask of their call.
#include "cmd/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/program.h"

const char *cmd_value(const struct cmd_call *call, const char *name)
{
    for (size_t i = 0; i < call->cmd->option_count; i++)
        if (strcmp(call->cmd->options[i].name, name) == 0)
            return call->values[i];
    return NULL;
}

bool cmd_has(const struct cmd_call *call, const char *name)
{
    return cmd_value(call, name) != NULL;
}

bool cmd_integer(const struct cmd_call *call, const char *name, long long least, long long most,
                 long long *out, struct err *err)
{
    const char *value = cmd_value(call, name);
    if (value == NULL)
        return true;
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0 || number < least || number > most) {
        err_set(err, ERR_USAGE, "--%s is %s, and takes a whole number from %lld to %lld", name,
                value, least, most);
        err_set_cure(err, "%s %s --help says more", cmd_program(), call->cmd->name);
        return false;
    }
    *out = number;
    return true;
}

const char *cmd_program(void)
{
    return program_word();
}
