// SPDX-License-Identifier: MIT
/*
 * Made-up evidence for tests: a check with a transcript, and events as the resolver would write
 * them. Client n of the transcript has port 50000 + n, the program listens on 8080.
 */
#ifndef LAB_TRACE_MADE_H
#define LAB_TRACE_MADE_H

#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "grade/attempt.h"
#include "trace/events.h"
#include "trace/rules.h"

struct made {
    struct attempt attempt; // owns the check
    struct check_result *check;
    struct str lines;
    struct events events;
    struct sources sources;
    struct evidence evidence;
    long long clock; // of the next event
};

// Line n of the source is "line n;", except for the ones that tests replace.
static const char made_source[] = "line 1;\n"
                                  "    socket(AF_INET, SOCK_STREAM, 0);\n"
                                  "\tbind(fd, address, length);\r\n"
                                  "    recv(fd, buffer, size, 0);\n"
                                  "    send(fd, text, length, 0);\n"
                                  "    fflush(stream);\n"
                                  "    close(fd);\n"
                                  "    pthread_mutex_lock(&first);\n"
                                  "    pthread_mutex_lock(&second);\n"
                                  "    while (i < n)\n"
                                  "    exit(3);\n"
                                  "    open(path, O_RDONLY);\n"
                                  "    accept(fd, NULL, NULL);\n"
                                  "last line";

static inline struct made made_begin(void)
{
    struct made made = {.clock = 1000000000};
    made.attempt.checks = mem_alloc(sizeof *made.attempt.checks);
    made.attempt.check_count = 1;
    made.check = made.attempt.checks;
    made.check->status = CHECK_FAILED;
    made.check->clock = 1;
    made.check->program.state = mem_copy_string("running");
    sources_put(&made.sources, "server.c", made_source, sizeof made_source - 1);
    return made;
}

static inline void made_release(struct made *made)
{
    attempt_release(&made->attempt);
    events_release(&made->events);
    sources_release(&made->sources);
    str_release(&made->lines);
}

static inline void made_io(struct made *made, int connection, bool from_program, const char *text)
{
    struct check_result *check = made->check;
    size_t offset = from_program ? received_total(check, connection) : 0;
    check->transcript =
        mem_resize(check->transcript, (check->transcript_count + 1) * sizeof *check->transcript);
    check->transcript[check->transcript_count++] = (struct io_record){.connection = connection,
                                                                      .from_program = from_program,
                                                                      .offset = offset,
                                                                      .text = mem_copy_string(text),
                                                                      .local = 50000 + connection,
                                                                      .peer = 8080};
}

// The failure: on a connection (0: none), at an offset (-1: none).
static inline void made_failure(struct made *made, int connection, long offset)
{
    made->check->message = mem_copy_string("it is wrong");
    made->check->connection = connection;
    made->check->has_offset = offset >= 0;
    made->check->offset = offset >= 0 ? (size_t)offset : 0;
}

static inline void made_state(struct made *made, const char *state)
{
    free(made->check->program.state);
    made->check->program.state = mem_copy_string(state);
}

// Frames from "send/5/main:20": a name alone is the library's, with a line it is the learner's.
static inline void made_frames(struct str *out, const char *frames)
{
    auto_free char *copy = mem_copy_string(frames);
    char *rest = copy;
    str_append(out, ",\"frames\":[");
    for (char *word; (word = strsep(&rest, " ")) != NULL && word[0] != '\0';) {
        char *colon = strchr(word, ':');
        if (out->data[out->length - 1] == '}')
            str_append_char(out, ',');
        if (colon != NULL)
            *colon = '\0';
        str_append_format(out, "{\"function\":\"%s\"", word);
        if (colon != NULL)
            str_append_format(out, ",\"file\":\"server.c\",\"line\":%s,\"own\":true", colon + 1);
        str_append_char(out, '}');
    }
    str_append_char(out, ']');
}

// One event of thread `tid`; `fields` are further members, without the comma before them.
__attribute__((format(printf, 5, 6))) static inline void made_event(struct made *made,
                                                                    const char *kind, int tid,
                                                                    const char *frames,
                                                                    const char *fields, ...)
{
    va_list arguments;
    va_start(arguments, fields);
    str_append_format(&made->lines, "{\"kind\":\"%s\",\"pid\":1,\"tid\":%d,\"clock\":\"%lld\",",
                      kind, tid, made->clock);
    made->clock += 1000000;
    str_append_format_list(&made->lines, fields, arguments);
    va_end(arguments);
    made_frames(&made->lines, frames);
    str_append(&made->lines, "}\n");
}

#define MADE_ON(client) "\"socket\":2,\"local\":8080,\"peer\":" #client

// A call on client n's connection; n 0: on no connection.
static inline void made_call(struct made *made, int number, int client, long long result,
                             const char *frames)
{
    made_event(made, "call", 1, frames,
               "\"number\":%d,\"result\":%lld,\"descriptor\":4,\"local\":%d,\"peer\":%d", number,
               result, client > 0 ? 8080 : 0, client > 0 ? 50000 + client : 0);
}

static inline void made_end(struct made *made)
{
    str_append(&made->lines, "{\"kind\":\"end\",\"ended\":true}\n");
    ck_assert_msg(events_read(str_text(&made->lines), made->lines.length, &made->events), "%s",
                  str_text(&made->lines));
    events_join(&made->events, made->check, NULL);
    made->evidence = (struct evidence){made->check, &made->events, &made->sources};
}

// Finding i: its line and the line's text.
static inline const struct finding *made_finding(const struct made *made, size_t i,
                                                 enum finding_kind kind, int line)
{
    ck_assert_uint_gt(made->check->finding_count, i);
    const struct finding *finding = &made->check->findings[i];
    ck_assert_str_eq(finding_kind_name(finding->kind), finding_kind_name(kind));
    ck_assert_uint_gt(finding->frame_count, 0);
    ck_assert_str_eq(finding->frames[0].file, "server.c");
    ck_assert_int_eq(finding->frames[0].line, line);
    return finding;
}

#endif
