// SPDX-License-Identifier: MIT
/*
 * A lab of six steps and attempts on it, made in memory for the tests of render and progress. Text
 * is borrowed from literals: nothing here is released by attempt_release, but by sample_release.
 */
#ifndef LAB_SAMPLE_H
#define LAB_SAMPLE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "grade/attempt.h"
#include "render/render.h"

struct sample {
    struct lab lab;
    struct step steps[15];
    char *edit[2];
    struct attempt attempt;
    struct step_result results[15];
    struct check_result checks[64];
    struct io_record records[64];
};

// The first steps of a lab like http-basics.
static inline void sample_steps(struct sample *sample)
{
    static const struct {
        const char *id, *title;
        int points;
    } steps[15] = {
        {"listen", "accepts a connection on $PORT", 5},
        {"status-line", "answers with a status line", 10},
        {"not-found", "unknown paths get 404", 5},
        {"echo", "/echo/{text} comes back as the body", 10},
        {"headers", "reads request headers", 5},
        {"head", "HEAD is GET without the body", 5},
        {"concurrent", "an idle client blocks nobody", 10},
        {"files", "serves the files of $FILES_DIR", 10},
        {"post-file", "POST stores the body", 10},
        {"keep-alive", "many requests on one connection", 5},
        {"bad-requests", "refuses what is wrong", 10},
        {"chunked", "reads chunked bodies", 5},
        {"gzip", "compresses for who asks", 3},
        {"ranges", "sends a part of a file", 4},
        {"slow-clients", "a stalled client is timed out", 3},
    };
    for (size_t i = 0; i < 15; i++)
        sample->steps[i] = (struct step){.id = (char *)(uintptr_t)steps[i].id,
                                         .title = (char *)(uintptr_t)steps[i].title,
                                         .points = steps[i].points};
}

// Literals stand where the structures own text; the tests change none of it.
static inline char *literal(const char *text)
{
    return (char *)(uintptr_t)text;
}

// An attempt on the first `step_count` steps in which every step has one check and passes.
static inline struct sample *sample_new(size_t step_count)
{
    struct sample *sample = mem_alloc(sizeof *sample);
    sample_steps(sample);
    sample->edit[0] = literal("server.c");
    sample->lab = (struct lab){.id = literal("http-basics"),
                               .title = literal("HTTP from the socket up"),
                               .version = literal("cafe"),
                               .kind = LAB_SERVER,
                               .edit = {sample->edit, 1},
                               .steps = sample->steps,
                               .step_count = step_count};
    struct attempt *attempt = &sample->attempt;
    *attempt = (struct attempt){.lab = &sample->lab,
                                .sandbox = literal("namespaces"),
                                .seed = 7193,
                                .seconds = 0.4,
                                .build = {.ok = true, .seconds = 0.21},
                                .steps = sample->results,
                                .step_count = step_count,
                                .checks = sample->checks,
                                .check_count = step_count,
                                .passed = step_count};
    for (size_t i = 0; i < step_count; i++) {
        sample->results[i] =
            (struct step_result){&sample->steps[i], CHECK_PASSED, sample->steps[i].points, i, 1};
        sample->checks[i] = (struct check_result){.id = str_format("%s/works", sample->steps[i].id),
                                                  .title = literal("works"),
                                                  .status = CHECK_PASSED,
                                                  .seconds = 0.01,
                                                  .seed = i};
        attempt->points += sample->steps[i].points;
        attempt->max_points += sample->steps[i].points;
    }
    return sample;
}

static inline void sample_release(struct sample **sample)
{
    for (size_t i = 0; i < (*sample)->attempt.check_count; i++)
        free((*sample)->checks[i].id);
    free(*sample);
}
#define auto_sample __attribute__((cleanup(sample_release)))

// Changes the outcome of a step and of its one check; returns the check.
static inline struct check_result *sample_set(struct sample *sample, size_t step,
                                              enum check_status status, const char *id,
                                              const char *message)
{
    struct attempt *attempt = &sample->attempt;
    struct check_result *check = &sample->checks[sample->results[step].first_check];
    sample->results[step].status = status;
    sample->results[step].points = 0;
    attempt->points -= sample->steps[step].points;
    attempt->passed--;
    attempt->failed += status == CHECK_FAILED;
    attempt->broken += status == CHECK_BROKEN;
    check->status = status;
    check->message = literal(message);
    if (id != NULL) {
        free(check->id);
        check->id = str_format("%s/%s", sample->steps[step].id, id);
    }
    return check;
}

// Appends a record to the check's transcript. Only one check of a sample has one.
static inline void sample_io(struct sample *sample, struct check_result *check, double at,
                             bool from_program, int connection, const char *text)
{
    size_t offset = 0;
    for (size_t i = 0; i < check->transcript_count; i++) {
        const struct io_record *before = &check->transcript[i];
        if (before->from_program == from_program && before->connection == connection) {
            auto_str struct str bytes = STR_INIT;
            text_append_unescaped(&bytes, before->text);
            offset = before->offset + bytes.length;
        }
    }
    check->transcript = sample->records;
    check->transcript[check->transcript_count++] = (struct io_record){.at = at,
                                                                      .from_program = from_program,
                                                                      .connection = connection,
                                                                      .offset = offset,
                                                                      .text = literal(text)};
}

// What is printed onto a screen of that width. The caller frees it.
struct sample_output {
    struct screen screen;
    char *text;
    size_t length;
};

static inline struct sample_output output_open(int width, bool colour)
{
    return (struct sample_output){.screen = {.colour = colour, .width = width}};
}

static inline void output_begin(struct sample_output *output)
{
    output->screen.out = open_memstream(&output->text, &output->length);
}

static inline char *output_end(struct sample_output *output)
{
    fclose(output->screen.out);
    return output->text;
}

// The text without what a terminal takes for styles. The caller frees it.
static inline char *without_styles(const char *text)
{
    struct str out = STR_INIT;
    for (; *text != '\0'; text++) {
        if (*text == '\033')
            text += strcspn(text, "m");
        else
            str_append_char(&out, *text);
    }
    return str_take(&out);
}

// The widest line, in columns.
static inline size_t widest_line(const char *text)
{
    size_t widest = 0;
    while (*text != '\0') {
        auto_str struct str line = STR_INIT;
        str_append_bytes(&line, text, strcspn(text, "\n"));
        if (text_width(str_text(&line)) > widest)
            widest = text_width(str_text(&line));
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return widest;
}

#endif
