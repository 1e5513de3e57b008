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

static struct progress_failures failures(struct progress *progress, const char *step)
{
    struct err err = ERR_INIT;
    struct progress_failures found = {0};
    ck_assert_msg(progress_failures(progress, "http-basics", step, &found, &err), "%s",
                  err.message);
    return found;
}

START_TEST(failures_are_those_of_the_latest_attempt_that_judged_the_step)
{
    set_up();
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(15);
    sample_set(sample, 1, CHECK_BROKEN, "broken", "the lab's fault");
    sample_set(sample, 3, CHECK_FAILED, "first", "one")->program.state = literal("stuck");
    sample_set(sample, 4, CHECK_FAILED, "second", "two");
    record(progress, "/w", sample, NULL);
    // An attempt on the first three steps says nothing about the others.
    auto_sample struct sample *part = sample_new(3);
    record(progress, "/w", part, NULL);
    struct progress_failures found = failures(progress, "echo");
    ck_assert_uint_eq(found.count, 1);
    ck_assert_str_eq(found.items[0].check, "echo/first");
    ck_assert_str_eq(found.items[0].outcome, "timeout");
    progress_failures_release(&found);
    found = failures(progress, "headers");
    ck_assert_uint_eq(found.count, 1);
    ck_assert_str_eq(found.items[0].check, "headers/second");
    ck_assert_str_eq(found.items[0].outcome, "mismatch");
    progress_failures_release(&found);
    ck_assert_uint_eq(failures(progress, "status-line").count, 0);
    auto_sample struct sample *pass = sample_new(15);
    record(progress, "/w", pass, NULL);
    ck_assert_uint_eq(failures(progress, "echo").count, 0);
    progress_close(progress);
    clean_up();
}
END_TEST

// ---- attempts and what is kept of them

static struct sources one_source(struct source *source, char *text)
{
    *source = (struct source){literal("server.c"), text, strlen(text)};
    return (struct sources){source, 1, text};
}

static struct progress_attempts attempts_of(struct progress *progress, const char *workspace)
{
    struct err err = ERR_INIT;
    struct progress_attempts found = {0};
    ck_assert_msg(progress_attempts(progress, workspace, &found, &err), "%s", err.message);
    return found;
}

START_TEST(attempts_of_a_workspace_are_listed_with_what_they_earned)
{
    set_up();
    struct progress *progress = opened();
    auto_sample struct sample *fail = sample_new(15);
    sample_set(fail, 3, CHECK_FAILED, NULL, "it does not");
    auto_sample struct sample *pass = sample_new(15);
    struct source source;
    struct sources one = one_source(&source, literal("one"));
    record(progress, "/w", fail, &one);
    record(progress, "/w", fail, &one);
    struct sources two = one_source(&source, literal("two"));
    record(progress, "/w", pass, &two);
    record(progress, "/other", pass, NULL);
    struct progress_attempts found = attempts_of(progress, "/w");
    ck_assert_uint_eq(found.count, 3);
    ck_assert_int_eq(found.items[0].number, 1);
    ck_assert_int_eq(found.items[0].points, 90);
    ck_assert_int_eq(found.items[0].max_points, 100);
    ck_assert_uint_eq(found.items[0].failed, 1);
    ck_assert(found.items[0].kept && found.items[0].built && !found.items[0].complete);
    ck_assert(!found.items[0].same && found.items[1].same && !found.items[2].same);
    ck_assert(found.items[2].complete);
    ck_assert_int_gt(found.items[2].at, 0);
    progress_attempts_release(&found);
    found = attempts_of(progress, "/other");
    ck_assert_uint_eq(found.count, 1);
    ck_assert(!found.items[0].kept);
    progress_attempts_release(&found);
    ck_assert_uint_eq(attempts_of(progress, "/none").count, 0);
    progress_close(progress);
    clean_up();
}
END_TEST

START_TEST(sources_of_the_latest_attempts_and_of_the_best_are_kept)
{
    set_up();
    struct progress *progress = opened();
    auto_sample struct sample *fail = sample_new(15);
    sample_set(fail, 3, CHECK_FAILED, NULL, "it does not");
    auto_sample struct sample *pass = sample_new(15);
    const long long last = PROGRESS_KEPT_ATTEMPTS + 5;
    for (long long number = 1; number <= last; number++) {
        struct source source;
        auto_free char *text = str_format("attempt %lld", number);
        struct sources sources = one_source(&source, text);
        ck_assert_int_eq(record(progress, "/w", number == 3 ? pass : fail, &sources), number);
    }
    struct progress_attempts found = attempts_of(progress, "/w");
    ck_assert_uint_eq(found.count, (size_t)last);
    for (size_t i = 0; i < found.count; i++)
        ck_assert_msg(found.items[i].kept == (i >= 5 || i == 2), "attempt %zu", i + 1);
    progress_attempts_release(&found);
    struct err err = ERR_INIT;
    struct sources sources;
    ck_assert(progress_sources(progress, "/w", 3, &sources, &err));
    ck_assert_str_eq(sources.items[0].data, "attempt 3");
    sources_release(&sources);
    ck_assert(!progress_sources(progress, "/w", 2, &sources, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.message, "the files of attempt 2 are not kept any more");
    ck_assert_ptr_nonnull(strstr(err.cure, "reset --list"));
    err_release(&err);
    // What no attempt needs is gone; points are not.
    struct progress_lab lab = known(progress, pass);
    ck_assert_int_eq(lab.attempts, last);
    ck_assert(lab.passed);
    progress_lab_release(&lab);
    progress_close(progress);
    clean_up();
}
END_TEST

START_TEST(large_sources_make_room_by_their_bytes_and_the_latest_stay)
{
    set_up();
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(15);
    enum { BYTES = PROGRESS_KEPT_BYTES / 4 };
    char *text = mem_alloc(BYTES + 1);
    memset(text, 'x', BYTES);
    for (int number = 1; number <= 6; number++) {
        struct source source = {literal("server.c"), text, BYTES};
        struct sources sources = {&source, 1, text};
        text[0] = (char)('a' + number);
        record(progress, "/w", sample, &sources);
    }
    free(text);
    struct progress_attempts found = attempts_of(progress, "/w");
    // The first is the best, as all are alike; and three more fit beside it.
    const bool kept[] = {true, false, false, true, true, true};
    for (size_t i = 0; i < 6; i++)
        ck_assert_msg(found.items[i].kept == kept[i], "attempt %zu", i + 1);
    progress_attempts_release(&found);
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
          failures_are_those_of_the_latest_attempt_that_judged_the_step,
          attempts_of_a_workspace_are_listed_with_what_they_earned,
          sources_of_the_latest_attempts_and_of_the_best_are_kept,
          large_sources_make_room_by_their_bytes_and_the_latest_stay)
