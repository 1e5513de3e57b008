// SPDX-License-Identifier: MIT
// The line that is shown, measured against the bug.
#include "validate/measure.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"

enum {
    PATCH_MOST = 1 << 20 // bytes
};

static struct check_result *find_check(struct attempt *attempt, const char *id)
{
    for (size_t i = 0; i < attempt->check_count; i++)
        if (str_equal(attempt->checks[i].id, id))
            return &attempt->checks[i];
    return NULL;
}

static void take_line(const struct check_result *check, const struct bug *bug, struct trial *trial)
{
    trial->measured = true;
    for (size_t i = 0; i < check->finding_count && trial->reported_file == NULL; i++) {
        const struct finding *finding = &check->findings[i];
        if (finding->frame_count == 0)
            continue;
        trial->reported_file = mem_copy_string(finding->frames[0].file);
        trial->reported_line = finding->frames[0].line;
        trial->reported_how = mem_copy_string(finding_kind_name(finding->kind));
    }
    trial->distance = bug_distance(bug, trial->reported_file, trial->reported_line);
}

static bool read_bug(const struct trial *trial, struct bug *out, struct err *err)
{
    auto_str struct str patch = STR_INIT;
    if (!file_read(AT_FDCWD, trial->path, PATCH_MOST, &patch, err))
        return false;
    *out = bug_read(str_text(&patch));
    return true;
}

bool measure_bug(const struct sources *sources, struct trial *trial, struct err *err)
{
    struct bug bug;
    if (!read_bug(trial, &bug, err))
        return false;
    trial->sends = bug_is_where_bytes_are_sent(&bug, sources);
    bug_release(&bug);
    return true;
}

bool measure_line(struct tracing *tracing, const struct grade_request *request,
                  const struct sources *sources, struct attempt *attempt, struct trial *trial,
                  struct err *err)
{
    struct check_result *check =
        trial->head.breaks.count > 0 ? find_check(attempt, trial->head.breaks.items[0]) : NULL;
    struct bug bug;
    if (!read_bug(trial, &bug, err))
        return false;
    bool looked = check == NULL || check->status != CHECK_FAILED ||
                  trace_explain(tracing, request, sources, check, err);
    if (looked && check != NULL && check->status == CHECK_FAILED)
        take_line(check, &bug, trial);
    bug_release(&bug);
    return looked;
}
