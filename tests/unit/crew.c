// SPDX-License-Identifier: MIT
// The crew: every submission gets its turn, and whoever fails gets one more.
#include "unit.h"

#include <pthread.h>
#include <string.h>

#include "classroom/crew.h"

enum { SUBMISSIONS = 40 };

struct made {
    pthread_mutex_t lock; // holds everything below
    enum crew_outcome first[SUBMISSIONS], second[SUBMISSIONS];
    int tries[SUBMISSIONS], given_up[SUBMISSIONS];
    bool keep_compiling; // nobody says that its compilation is done
    size_t told, told_most;
};

static enum crew_outcome grade(void *context, struct crew_job *job, struct err *err)
{
    struct made *made = context;
    if (!made->keep_compiling) {
        crew_compiled(job);
        crew_compiled(job); // twice is once
    }
    crew_share(job, 0.5);
    pthread_mutex_lock(&made->lock);
    ck_assert_int_eq(job->tries, made->tries[job->index]);
    enum crew_outcome outcome =
        made->tries[job->index]++ == 0 ? made->first[job->index] : made->second[job->index];
    pthread_mutex_unlock(&made->lock);
    if (outcome == CREW_FAILED || outcome == CREW_STOPPED)
        err_set(err, ERR_ENV, "submission %zu", job->index);
    return outcome;
}

static bool give_up(void *context, size_t index, const struct err *why, struct err *err)
{
    (void)err;
    struct made *made = context;
    ck_assert(strncmp(why->message, "submission", 10) == 0);
    made->given_up[index]++;
    return true;
}

static void tell(void *context, size_t done, size_t count, double share)
{
    struct made *made = context;
    ck_assert(done <= count && count == SUBMISSIONS && share >= 0);
    ck_assert(done >= made->told_most); // it never goes back
    made->told_most = done;
    made->told++;
}

static bool run(struct made *made, size_t cores, struct err *err)
{
    size_t indexes[SUBMISSIONS];
    double idle = -1;
    for (size_t i = 0; i < SUBMISSIONS; i++)
        indexes[i] = i;
    pthread_mutex_init(&made->lock, NULL);
    const struct crew_request request = {.indexes = indexes,
                                         .count = SUBMISSIONS,
                                         .cores = cores,
                                         .places = cores > 0 ? 2 * cores : 1,
                                         .grade = grade,
                                         .give_up = give_up,
                                         .progress = tell,
                                         .context = made,
                                         .progress_context = made};
    bool whole = crew_run(&request, &idle, err);
    ck_assert(idle >= 0 && idle <= 1);
    pthread_mutex_destroy(&made->lock);
    return whole;
}

START_TEST(each_is_graded_once)
{
    for (size_t cores = 0; cores < 4; cores++) {
        struct made made = {0};
        struct err err = ERR_INIT;
        made.keep_compiling = cores == 3; // the crew says it for them
        ck_assert(run(&made, cores, &err));
        for (size_t i = 0; i < SUBMISSIONS; i++)
            ck_assert_int_eq(made.tries[i], 1);
        ck_assert_uint_eq(made.told_most, SUBMISSIONS);
    }
}
END_TEST

START_TEST(what_is_broken_is_tried_once_more_and_no_oftener)
{
    struct made made = {0};
    struct err err = ERR_INIT;
    made.first[7] = made.second[7] = CREW_BROKEN;
    made.first[39] = CREW_BROKEN; // the last one: nobody else is at work
    ck_assert(run(&made, 2, &err));
    for (size_t i = 0; i < SUBMISSIONS; i++)
        ck_assert_int_eq(made.tries[i], i == 7 || i == 39 ? 2 : 1);
    ck_assert_int_eq(made.given_up[7], 0); // its result is written
}
END_TEST

START_TEST(a_fault_of_the_machine_is_tried_once_more_then_told)
{
    struct made made = {0};
    struct err err = ERR_INIT;
    made.first[3] = CREW_FAILED;
    made.first[5] = made.second[5] = CREW_FAILED;
    ck_assert(run(&made, 2, &err));
    ck_assert_int_eq(made.tries[3], 2);
    ck_assert_int_eq(made.given_up[3], 0);
    ck_assert_int_eq(made.tries[5], 2);
    ck_assert_int_eq(made.given_up[5], 1);
}
END_TEST

START_TEST(three_in_a_row_end_the_run)
{
    struct made made = {0};
    struct err err = ERR_INIT;
    int given_up = 0;
    for (size_t i = 0; i < SUBMISSIONS; i++)
        made.first[i] = made.second[i] = CREW_FAILED;
    ck_assert(!run(&made, 2, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    for (size_t i = 0; i < SUBMISSIONS; i++)
        given_up += made.given_up[i];
    ck_assert_int_eq(given_up, 2);
    err_release(&err);
}
END_TEST

START_TEST(what_cannot_go_on_ends_the_run)
{
    struct made made = {0};
    struct err err = ERR_INIT;
    made.first[0] = CREW_STOPPED;
    ck_assert(!run(&made, 0, &err));
    ck_assert_str_eq(err.message, "submission 0");
    ck_assert_int_eq(made.tries[1], 0);
    err_release(&err);
}
END_TEST

UNIT_MAIN("crew", each_is_graded_once, what_is_broken_is_tried_once_more_and_no_oftener,
          a_fault_of_the_machine_is_tried_once_more_then_told, three_in_a_row_end_the_run,
          what_cannot_go_on_ends_the_run)
