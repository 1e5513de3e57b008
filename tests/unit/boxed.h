// SPDX-License-Identifier: MIT
/*
 * For tests of the sandbox: the test's own executable runs again inside a box, where one of its
 * probes, a function named on its command line, looks around. A test file lists its probes by
 * BOXED_PROBES({"name", function}, …) and asks with boxed_run("name", options).
 */
#ifndef LAB_BOXED_H
#define LAB_BOXED_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/box.h"
#include "box/stage.h"

struct boxed_probe {
    const char *name;
    int (*run)(void); // its result is the exit status
};

// Before main() when the command line is `PROGRAM --inside NAME`.
#define BOXED_PROBES(...)                                                                          \
    static const struct boxed_probe boxed_probes[] = {__VA_ARGS__};                                \
    __attribute__((constructor)) static void boxed_inside(int argc, char **argv)                   \
    {                                                                                              \
        if (argc != 3 || strcmp(argv[1], "--inside") != 0)                                         \
            return;                                                                                \
        for (size_t i = 0; i < sizeof boxed_probes / sizeof *boxed_probes; i++)                    \
            if (strcmp(argv[2], boxed_probes[i].name) == 0)                                        \
                exit(boxed_probes[i].run());                                                       \
        exit(99);                                                                                  \
    }

struct boxed {
    enum box_event event;
    int status;        // raw
    struct str output; // what the program wrote to 1 and 2
    struct err err;
};

static inline void boxed_release(struct boxed *boxed)
{
    str_release(&boxed->output);
    err_release(&boxed->err);
}

#define BOXED_OPTIONS                                                                              \
    .allow_tmp = true, .own_network = true, .standard_input = -1, .standard_output = -1,           \
    .standard_error = -1

// Ends the test unless it holds, with what lab would say.
static inline void boxed_must(bool holds, const struct err *err)
{
    ck_assert_msg(holds, "%s (%s)", err->message, err->cure);
}

// Puts a file where the stage's user can read it, unless it is there; the caller frees the path.
static inline char *boxed_copy(const struct stage *stage, const char *from, const char *name)
{
    struct err err = ERR_INIT;
    char *to = path_join(stage->path, name);
    if (!path_exists(to)) {
        boxed_must(file_copy(from, to, 0755, &err), &err);
        ck_assert_int_eq(chmod(to, 0755), 0);
    }
    return to;
}

// The test's own executable.
static inline char *boxed_program(const struct stage *stage)
{
    char self[4096] = "";
    ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
    return boxed_copy(stage, self, "program");
}

// Reads until the last writer is gone.
static inline void boxed_read(int pipe, struct str *out)
{
    for (;;) {
        char *end = str_reserve(out, 4096);
        ssize_t got = read(pipe, end, 4096);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        out->length += (size_t)got;
        out->data[out->length] = '\0';
    }
}

// Starts a probe; `output` is the read end of its 1 and 2. Options' argv, mounts and user are set
// here unless they are set already.
static inline void boxed_start(const struct stage *stage, const char *probe,
                               struct box_options options, struct box *box, int *output)
{
    struct err err = ERR_INIT;
    int ends[2];
    auto_free char *init = box_init_path(&err);
    auto_free char *program = boxed_program(stage);
    const char *const argv[] = {"/program", "--inside", probe, NULL};
    const char *const environment[] = {"PATH=/usr/bin:/bin", "ASAN_OPTIONS=detect_leaks=0", NULL};
    struct box_mount mounts[8] = {{program, "/program", false}};
    ck_assert_uint_lt(options.mount_count, 7);
    for (size_t i = 0; i < options.mount_count; i++)
        mounts[i + 1] = options.mounts[i];
    options.mounts = mounts;
    options.mount_count++;
    options.init = init;
    if (options.argv == NULL)
        options.argv = argv;
    if (options.environment == NULL)
        options.environment = environment;
    options.user = stage->user;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    options.standard_output = ends[1];
    options.standard_error = ends[1];
    boxed_must(init != NULL && box_start(&options, box, &err), &err);
    close(ends[1]);
    *output = ends[0];
}

static inline struct boxed boxed_run_in(const struct stage *stage, const char *probe,
                                        struct box_options options)
{
    struct boxed boxed = {BOX_NOTHING, 0, STR_INIT, ERR_INIT};
    struct box box = BOX_INIT;
    int output;
    boxed_start(stage, probe, options, &box, &output);
    boxed.event = box_wait(&box, &boxed.status, &boxed.err);
    box_release(&box);
    boxed_read(output, &boxed.output);
    close(output);
    return boxed;
}

// A box of its own stage, to its end.
static inline struct boxed boxed_run(const char *probe, struct box_options options)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    boxed_must(stage_open(&stage, &err), &err);
    struct boxed boxed = boxed_run_in(&stage, probe, options);
    stage_close(&stage);
    return boxed;
}

// Runs a probe and demands that it exits with 0; its output says what it did not like.
static inline void boxed_expect_ok(const char *probe, struct box_options options)
{
    struct boxed boxed = boxed_run(probe, options);
    boxed_must(boxed.event == BOX_ENDED, &boxed.err);
    ck_assert_msg(boxed.status == 0, "raw status %d: %s", boxed.status, str_text(&boxed.output));
    boxed_release(&boxed);
}

#endif
