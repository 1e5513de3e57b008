// SPDX-License-Identifier: MIT
// Verdicts: from checks to steps, from steps to points.
#include "grade/verdict.h"

#include <string.h>

#include "base/seed.h"

static bool belongs(const char *check_id, const struct step *step)
{
    size_t length = strlen(step->id);
    return strncmp(check_id, step->id, length) == 0 && check_id[length] == '/';
}

void verdict_prepare(const struct lab *lab, const struct plan *plan, uint64_t seed,
                     struct attempt *out)
{
    out->lab = lab;
    out->seed = seed;
    out->check_count = plan->count;
    out->checks = mem_alloc_array(plan->count, sizeof *out->checks);
    for (size_t i = 0; i < plan->count; i++)
        out->checks[i] = (struct check_result){.id = mem_copy_string(plan->checks[i].id),
                                               .title = mem_copy_string(plan->checks[i].title),
                                               .plain_build = plan->checks[i].plain_build,
                                               .seed = seed_for_check(seed, plan->checks[i].id)};
    out->step_count = lab->step_count;
    out->steps = mem_alloc_array(lab->step_count, sizeof *out->steps);
    size_t next = 0;
    for (size_t s = 0; s < lab->step_count; s++) {
        struct step_result *step = &out->steps[s];
        step->step = &lab->steps[s];
        step->first_check = next;
        while (next < plan->count && belongs(plan->checks[next].id, step->step))
            next++;
        step->check_count = next - step->first_check;
        out->max_points += step->step->points;
    }
}

// A step is as bad as its worst check; a check that was not run leaves it not run.
void verdict_step(struct attempt *attempt, struct step_result *step)
{
    size_t counts[CHECK_BROKEN + 1] = {0};
    for (size_t i = 0; i < step->check_count; i++)
        counts[attempt->checks[step->first_check + i].status]++;
    if (counts[CHECK_BROKEN] > 0)
        step->status = CHECK_BROKEN;
    else if (counts[CHECK_FAILED] > 0)
        step->status = CHECK_FAILED;
    else if (counts[CHECK_NOT_RUN] > 0 || step->check_count == 0)
        step->status = CHECK_NOT_RUN;
    else
        step->status = CHECK_PASSED;
    step->points = step->status == CHECK_PASSED ? step->step->points : 0;
}

void verdict_sum(struct attempt *attempt)
{
    attempt->passed = attempt->failed = attempt->broken = 0;
    attempt->points = 0;
    for (size_t i = 0; i < attempt->check_count; i++) {
        attempt->passed += attempt->checks[i].status == CHECK_PASSED;
        attempt->failed += attempt->checks[i].status == CHECK_FAILED;
        attempt->broken += attempt->checks[i].status == CHECK_BROKEN;
    }
    for (size_t i = 0; i < attempt->step_count; i++)
        attempt->points += attempt->steps[i].points;
}
