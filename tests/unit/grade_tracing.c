// SPDX-License-Identifier: MIT
// Grading with somebody who looks at programs: when the socket is handed over, and that the result
// is the same.
#include "unit.h"

#include <stdio.h>
#include <sys/syscall.h>

#include "base/file.h"
#include "grade/grade.h"
#include "snapshots.h"

// http-basics, built from `source`, or from its solution when that is NULL.
struct graded {
    struct courses courses;
    struct lab *lab;
    struct stage stage;
    struct plan plan;
    struct build_result build;
    struct attempt attempt;
};

static void must(bool holds, const struct err *err)
{
    ck_assert_msg(holds, "%s (%s)", err->message, err->cure);
}

static void graded_open(struct graded *graded, const char *source)
{
    struct err err = ERR_INIT;
    struct sources sources = {0};
    *graded = (struct graded){.stage = STAGE_INIT};
    setenv("LAB_HOME", LAB_SOURCE_DIR, 1);
    must(courses_find(&graded->courses, &err), &err);
    graded->lab = lab_load(&graded->courses, "http-basics", &err);
    must(graded->lab != NULL, &err);
    must(stage_open(&graded->stage, &err), &err);
    must(plan_load(graded->lab, &graded->stage, &graded->plan, &err), &err);
    must(sources_read(LAB_SOURCE_DIR "/labs/http-basics/solution", NULL, &sources, &err), &err);
    if (source != NULL)
        sources_put(&sources, "server.c", source, strlen(source));
    const struct build_request request = {
        .lab = graded->lab, .sources = &sources, .stage = &graded->stage, .no_cache = true};
    must(build_run(&request, &graded->build, &err), &err);
    ck_assert_msg(graded->build.ok, "%s", graded->build.raw);
    sources_release(&sources);
}

static const struct check_result *grade_one(struct graded *graded, const char *check,
                                            const struct grade_tracing *tracing)
{
    struct err err = ERR_INIT;
    bool *selected = mem_alloc_array(graded->plan.count, sizeof *selected);
    const char *const words[] = {check};
    must(plan_select(graded->lab, &graded->plan, words, 1, selected, &err), &err);
    const struct grade_request request = {.lab = graded->lab,
                                          .plan = &graded->plan,
                                          .selected = selected,
                                          .seed = 7,
                                          .stage = &graded->stage,
                                          .build = &graded->build,
                                          .tracing = tracing};
    must(grade_run(&request, &graded->attempt, &err), &err);
    free(selected);
    for (size_t i = 0; i < graded->attempt.check_count; i++)
        if (graded->attempt.checks[i].status != CHECK_NOT_RUN)
            return &graded->attempt.checks[i];
    return NULL;
}

static void graded_close(struct graded *graded)
{
    attempt_release(&graded->attempt);
    build_result_release(&graded->build);
    plan_release(&graded->plan);
    lab_free(graded->lab);
    stage_close(&graded->stage);
    courses_release(&graded->courses);
}

// ---------------------------------------------------------------- who looks

struct looker {
    const struct stage *stage;
    struct tracing tracing;
    int times;
    size_t check;
};

static void look(void *context, size_t check, int socket)
{
    struct looker *looker = context;
    looker->times++;
    looker->check = check;
    looker->tracing = tracing_serve(&looker->stage->user, socket);
    close(socket);
}

START_TEST(a_check_that_passes_is_not_looked_at)
{
    struct graded graded;
    graded_open(&graded, NULL);
    struct looker looker = {&graded.stage, {.socket = -1}, 0, 0};
    const struct grade_tracing tracing = {&looker, false, look};
    const struct check_result *check = grade_one(&graded, "status-line/root_is_200", &tracing);
    ck_assert_int_eq(check->status, CHECK_PASSED);
    ck_assert_int_eq(looker.times, 0);
    ck_assert(check->clock > 0);
    graded_close(&graded);
}
END_TEST

START_TEST(a_check_traced_from_the_start_passes)
{
    struct graded graded;
    graded_open(&graded, NULL);
    struct looker looker = {&graded.stage, {.socket = -1}, 0, 0};
    const struct grade_tracing tracing = {&looker, true, look};
    const struct check_result *check = grade_one(&graded, "status-line/root_is_200", &tracing);
    ck_assert_int_eq(check->status, CHECK_PASSED);
    ck_assert_int_eq(looker.times, 1);
    ck_assert_str_eq(graded.plan.checks[looker.check].id, "status-line/root_is_200");
    struct seen seen = tracing_end(&looker.tracing);
    ck_assert_ptr_nonnull(seen_find(&seen, EVENT_STARTED, -1, 0));
    // It was answered after it had been started, by the same clock.
    const struct seen_event *accepted = seen_find(&seen, EVENT_CALL, SYS_accept, 0);
    ck_assert_ptr_nonnull(accepted);
    ck_assert((double)accepted->event->clock_after / 1e9 >= check->clock);
    graded_close(&graded);
}
END_TEST

START_TEST(a_check_that_hangs_is_looked_at)
{
    struct graded graded;
    graded_open(&graded, "#include <unistd.h>\nint main(void)\n{\n    pause();\n}\n");
    struct looker looker = {&graded.stage, {.socket = -1}, 0, 0};
    const struct grade_tracing tracing = {&looker, false, look};
    const struct check_result *check = grade_one(&graded, "status-line/root_is_200", &tracing);
    ck_assert_int_eq(check->status, CHECK_FAILED);
    ck_assert_str_eq(check->program.state, "stuck");
    ck_assert_int_eq(looker.times, 1);
    struct seen seen = tracing_end(&looker.tracing);
    ck_assert_ptr_nonnull(seen_find(&seen, EVENT_STUCK, SYS_pause, 0));
    graded_close(&graded);
}
END_TEST

// Nobody answers, nobody closes: the kit waits its second and goes on.
static void ignore(void *context, size_t check, int socket)
{
    (void)check;
    *(int *)context = socket;
}

START_TEST(a_check_whose_socket_nobody_reads_is_judged)
{
    struct graded graded;
    graded_open(&graded, "#include <unistd.h>\nint main(void)\n{\n    pause();\n}\n");
    int socket = -1;
    const struct grade_tracing tracing = {&socket, false, ignore};
    const struct check_result *check = grade_one(&graded, "status-line/root_is_200", &tracing);
    ck_assert_int_eq(check->status, CHECK_FAILED);
    ck_assert_int_ge(socket, 0);
    close(socket);
    graded_close(&graded);
}
END_TEST

UNIT_MAIN("grade_tracing", a_check_that_passes_is_not_looked_at,
          a_check_traced_from_the_start_passes, a_check_that_hangs_is_looked_at,
          a_check_whose_socket_nobody_reads_is_judged)
