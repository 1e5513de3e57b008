// SPDX-License-Identifier: MIT
// What commands ask of their call.
#include "cmd/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

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
        err_set_cure(err, "lab %s --help says more", call->cmd->name);
        return false;
    }
    *out = number;
    return true;
}

// Does PATH lead to this very program, or to the launcher of its build tree?
static bool path_finds_us(void)
{
    auto_free char *us = path_real("/proc/self/exe", NULL);
    const char *path = getenv("PATH");
    if (us == NULL || path == NULL)
        return false;
    for (const char *part = path; part != NULL; part = strchr(part, ':')) {
        part += *part == ':';
        auto_free char *folder = str_format("%.*s", (int)strcspn(part, ":"), part);
        auto_free char *candidate = path_join(folder[0] != '\0' ? folder : ".", "lab");
        if (access(candidate, X_OK) != 0 || path_is_folder(candidate))
            continue;
        auto_free char *real = path_real(candidate, NULL);
        return str_equal(real, us);
    }
    return false;
}

const char *cmd_program(void)
{
    static const char *program;
    if (program == NULL)
        program = path_finds_us() ? "lab" : "./lab";
    return program;
}
