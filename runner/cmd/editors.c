// SPDX-License-Identifier: MIT
// `lab check --format=gcc`: the result for editors, in place of the report.
#include "cmd/editors.h"

#include <string.h>

#include "base/file.h"

bool editors_choose(const struct cmd_call *call, bool *out_gcc, struct err *err)
{
    const char *format = cmd_value(call, "format");
    bool gcc = str_equal(format, "gcc");
    if (format != NULL && !gcc) {
        err_set(err, ERR_USAGE, "--format is %s, and takes gcc", format);
        err_set_cure(err, "leave it out for the report, or say --json for JSON");
        return false;
    }
    if (gcc && cmd_has(call, "json")) {
        err_set(err, ERR_USAGE, "--json and --format cannot both be said");
        err_set_cure(err, "leave one of them out");
        return false;
    }
    *out_gcc = gcc;
    return true;
}

void editors_print(const struct screen *screen, const struct workspace *workspace,
                   const struct attempt *attempt, const struct report_options *options)
{
    // An editor looks for the files from the folder that it called us in.
    auto_free char *here = path_real(".", NULL);
    bool inside = str_equal(here, workspace->folder);
    auto_free char *folder = inside ? mem_copy_string("") : str_format("%s/", workspace->folder);
    render_attempt_gcc(screen, attempt, options, folder);
    if (attempt->broken_reason != NULL)
        render_warning("the lab is broken: %s", attempt->broken_reason);
    for (size_t i = 0; i < attempt->check_count; i++) {
        const struct check_result *check = &attempt->checks[i];
        if (check->status == CHECK_BROKEN)
            render_warning("%s: the lab's grader is broken: %s", check->id,
                           check->message != NULL ? check->message : "it gave no result");
    }
}
