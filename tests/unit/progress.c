// SPDX-License-Identifier: MIT
// Progress: attempts, steps, sources, hints, and who may read them.
#include "progress_sample.h"

#include <sys/stat.h>

START_TEST(a_new_file_is_private_and_knows_nothing)
{
    set_up();
    umask(0);
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(15);
    struct progress_lab lab = known(progress, sample);
    ck_assert_int_eq(lab.attempts, 0);
    ck_assert_int_eq(lab.points, 0);
    ck_assert_int_eq(lab.max_points, 100);
    ck_assert_uint_eq(lab.step_count, 15);
    ck_assert_ptr_null(lab.workspace);
    progress_lab_release(&lab);
    struct stat status;
    ck_assert_int_eq(stat(data("progress.db"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(stat(data("progress.db-wal"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(stat(data(""), &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0700);
    progress_close(progress);
    clean_up();
}
END_TEST

START_TEST(attempts_are_counted_by_workspace_and_steps_keep_their_latest_state)
{
    set_up();
    struct progress *progress = opened();
    auto_sample struct sample *pass = sample_new(15);
    auto_sample struct sample *fail = sample_new(15);
    sample_set(fail, 3, CHECK_FAILED, NULL, "it does not");
    ck_assert_int_eq(record(progress, "/a\n\"b\xff'", fail, NULL), 1);
    ck_assert_int_eq(record(progress, "/a\n\"b\xff'", pass, NULL), 2);
    ck_assert_int_eq(record(progress, "/other", fail, NULL), 1);
    struct progress_lab lab = known(progress, pass);
    ck_assert_int_eq(lab.attempts, 3);
    ck_assert_int_eq(lab.points, 90);
    ck_assert(!lab.steps[3].passed);
    ck_assert(lab.steps[3].ever);
    ck_assert(lab.passed);
    ck_assert_str_eq(lab.workspace, "/other");
    progress_lab_release(&lab);
    progress_close(progress);
    clean_up();
}
END_TEST

START_TEST(a_broken_or_half_run_step_changes_no_state)
{
    set_up();
    struct progress *progress = opened();
    auto_sample struct sample *pass = sample_new(15);
    record(progress, "/w", pass, NULL);
    auto_sample struct sample *broken = sample_new(15);
    sample_set(broken, 3, CHECK_BROKEN, NULL, "the grader ended");
    record(progress, "/w", broken, NULL);
    auto_sample struct sample *half = sample_new(15);
    sample_set(half, 0, CHECK_FAILED, NULL, "it does not");
    half->checks[4].status = CHECK_NOT_RUN; // its step says passed, of what was run
    record(progress, "/w", half, NULL);
    struct progress_lab lab = known(progress, pass);
    ck_assert(!lab.steps[0].passed);
    ck_assert(lab.steps[3].passed);
    ck_assert(lab.steps[4].passed);
    ck_assert_int_eq(lab.points, 95);
    progress_lab_release(&lab);
    progress_close(progress);
    clean_up();
}
END_TEST

START_TEST(steps_passed_one_by_one_are_no_pass_of_the_lab)
{
    set_up();
    struct progress *progress = opened();
    for (size_t passing = 0; passing < 2; passing++) {
        auto_sample struct sample *sample = sample_new(2);
        sample_set(sample, passing, CHECK_NOT_RUN, NULL, NULL);
        record(progress, "/w", sample, NULL);
    }
    auto_sample struct sample *both = sample_new(2);
    struct progress_lab lab = known(progress, both);
    ck_assert_int_eq(lab.points, 15);
    ck_assert(!lab.passed);
    progress_lab_release(&lab);
    progress_close(progress);
    clean_up();
}
END_TEST

START_TEST(sources_come_back_byte_by_byte_and_are_kept_once)
{
    set_up();
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(2);
    size_t length = 1 << 20;
    auto_free char *large = mem_alloc(length);
    for (size_t i = 0; i < length; i++)
        large[i] = (char)(i * 2654435761u >> 24);
    struct source items[] = {{literal("empty.c"), literal(""), 0},
                             {literal("größe.c"), literal("a\0b"), 3},
                             {literal("large.c"), large, length}};
    struct sources sources = {.items = items, .count = 3, .hash = literal("beef")};
    record(progress, "/w", sample, &sources);
    for (int i = 0; i < 20; i++)
        record(progress, "/w", sample, &sources);
    struct err err = ERR_INIT;
    struct sources back;
    ck_assert(progress_sources(progress, "/w", 0, &back, &err));
    ck_assert_uint_eq(back.count, 3);
    ck_assert_str_eq(back.hash, "beef");
    ck_assert_str_eq(back.items[1].name, "größe.c");
    ck_assert_mem_eq(back.items[1].data, "a\0b", 4);
    ck_assert_uint_eq(back.items[2].length, length);
    ck_assert_int_eq(memcmp(back.items[2].data, large, length), 0);
    sources_release(&back);
    ck_assert(!progress_sources(progress, "/w", 77, &back, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    err_release(&err);
    progress_close(progress);
    struct stat status;
    ck_assert_int_eq(stat(data("progress.db"), &status), 0);
    ck_assert_int_lt(status.st_size, 3 << 20);
    clean_up();
}
END_TEST

START_TEST(hints_workspaces_and_giving_up_are_remembered)
{
    set_up();
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(2);
    struct err err = ERR_INIT;
    int shown = -1;
    ck_assert(progress_hints(progress, "http-basics", "echo", &shown, &err));
    ck_assert_int_eq(shown, 0);
    ck_assert(progress_set_hints(progress, "http-basics", "echo", 2, &err));
    ck_assert(progress_set_workspace(progress, "http-basics", "/w", &err));
    ck_assert(progress_set_gave_up(progress, "http-basics", &err));
    progress_close(progress);
    progress = opened();
    ck_assert(progress_hints(progress, "http-basics", "echo", &shown, &err));
    ck_assert_int_eq(shown, 2);
    struct progress_lab lab = known(progress, sample);
    ck_assert_str_eq(lab.workspace, "/w");
    ck_assert(lab.gave_up);
    ck_assert_int_eq(lab.attempts, 0);
    progress_lab_release(&lab);
    progress_close(progress);
    clean_up();
}
END_TEST

START_TEST(the_last_failure_is_the_first_of_the_latest_attempt)
{
    set_up();
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(15);
    sample_set(sample, 1, CHECK_BROKEN, "broken", "the lab's fault");
    sample_set(sample, 3, CHECK_FAILED, "first", "one")->program.state = literal("stuck");
    sample_set(sample, 4, CHECK_FAILED, "second", "two");
    record(progress, "/w", sample, NULL);
    struct err err = ERR_INIT;
    char *check = NULL;
    char *outcome = NULL;
    ck_assert(progress_last_failure(progress, "http-basics", &check, &outcome, &err));
    ck_assert_str_eq(check, "echo/first");
    ck_assert_str_eq(outcome, "timeout");
    free(check);
    free(outcome);
    auto_sample struct sample *pass = sample_new(15);
    record(progress, "/w", pass, NULL);
    ck_assert(progress_last_failure(progress, "http-basics", &check, &outcome, &err));
    ck_assert_ptr_null(check);
    ck_assert_ptr_null(outcome);
    progress_close(progress);
    clean_up();
}
END_TEST

UNIT_MAIN("progress", a_new_file_is_private_and_knows_nothing,
          attempts_are_counted_by_workspace_and_steps_keep_their_latest_state,
          a_broken_or_half_run_step_changes_no_state,
          steps_passed_one_by_one_are_no_pass_of_the_lab,
          sources_come_back_byte_by_byte_and_are_kept_once,
          hints_workspaces_and_giving_up_are_remembered,
          the_last_failure_is_the_first_of_the_latest_attempt)
