// SPDX-License-Identifier: MIT
// A progress file of its own for each test, and what is done with it all the time.
#ifndef LAB_PROGRESS_SAMPLE_H
#define LAB_PROGRESS_SAMPLE_H

#include "unit.h"

#include "base/file.h"
#include "progress/progress.h"
#include "sample.h"

static char home[64]; // XDG_DATA_HOME of this test; a test is a process of its own

static inline const char *data(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/lab/%s", home, name);
    return path;
}

static inline void set_up(void)
{
    snprintf(home, sizeof home, "/tmp/lab-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(home));
    ck_assert_int_eq(setenv("XDG_DATA_HOME", home, 1), 0);
}

static inline void clean_up(void)
{
    struct err err = ERR_INIT;
    ck_assert(folder_remove_all(home, &err));
}

static inline struct progress *opened(void)
{
    struct err err = ERR_INIT;
    char *note = NULL;
    struct progress *progress = progress_open(&note, &err);
    ck_assert_msg(progress != NULL, "%s", err.message);
    ck_assert_msg(note == NULL, "%s", note);
    return progress;
}

static inline long long record(struct progress *progress, const char *workspace,
                               const struct sample *sample, const struct sources *sources)
{
    struct err err = ERR_INIT;
    long long number = 0;
    ck_assert_msg(progress_record(progress, workspace, &sample->attempt, sources, &number, &err),
                  "%s", err.message);
    return number;
}

static inline struct progress_lab known(struct progress *progress, const struct sample *sample)
{
    struct err err = ERR_INIT;
    struct progress_lab lab;
    ck_assert_msg(progress_lab(progress, &sample->lab, &lab, &err), "%s", err.message);
    return lab;
}

#endif
