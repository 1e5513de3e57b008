// SPDX-License-Identifier: MIT
// What has changed since the grading before.
#include <stdlib.h>
#include <string.h>

#include "classroom/results.h"

static size_t index_of(const struct strings *list, const char *text)
{
    size_t index = 0;
    while (index < list->count && strcmp(list->items[index], text) != 0)
        index++;
    return index;
}

// The lab may have other checks now: they are compared by name.
static void compare_checks(const struct class_view *view, const struct class_row *now,
                           const struct class_view *old, const struct class_row *before,
                           struct class_change *out)
{
    for (size_t i = 0; now->checks != NULL && i < view->checks.count; i++) {
        size_t other = index_of(&old->checks, view->checks.items[i]);
        enum check_status was = before->checks != NULL && other < old->checks.count
                                    ? before->checks[other]
                                    : CHECK_NOT_RUN;
        if (now->checks[i] == was)
            continue;
        if (now->checks[i] == CHECK_PASSED)
            strings_add(&out->better, view->checks.items[i]);
        else if (now->checks[i] == CHECK_FAILED)
            strings_add(&out->worse, view->checks.items[i]);
    }
}

static void compare_row(const struct results *results, struct class_view *view,
                        const struct class_row *now)
{
    auto_free char *path = results_path_before(results, now->name);
    struct class_view old = {.lab = view->lab, .earlier = true};
    struct class_row before = {0};
    if (path == NULL || !results_read(path, &old, &before, NULL)) {
        class_view_release(&old);
        return;
    }
    struct class_change change = {.points_before = before.points,
                                  .points_now = now->points,
                                  .other_sources = now->sources != NULL && before.sources != NULL &&
                                                   strcmp(now->sources, before.sources) != 0};
    compare_checks(view, now, &old, &before, &change);
    if (change.points_before != change.points_now || change.better.count > 0 ||
        change.worse.count > 0 || change.other_sources || before.status != now->status) {
        change.name = mem_copy_string(now->name);
        view->changes = mem_resize(view->changes, (view->change_count + 1) * sizeof change);
        view->changes[view->change_count++] = change;
    }
    class_row_release(&before);
    class_view_release(&old);
}

void results_compare(const struct results *results, struct class_view *view)
{
    view->has_before = results->before > 0;
    for (size_t i = 0; view->has_before && i < view->count; i++)
        if (view->rows[i].status != CLASS_OPEN)
            compare_row(results, view, &view->rows[i]);
}
