// SPDX-License-Identifier: MIT
// Trying the sandbox for real: a cell, in it a box, in it a program, as a check does it.
#include "box/box.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/cell.h"
#include "box/stage.h"

#define TRY_BYTES (1u << 20)
#define ANSWER_BYTES 8192

// Runs `true` in a box and looks at how it ended.
static bool try_box(const char *init, enum box_level level, struct err *err)
{
    const struct box_options options = {.level = level,
                                        .init = init,
                                        .argv = (const char *const[]){"/usr/bin/true", NULL},
                                        .environment =
                                            (const char *const[]){"PATH=/usr/bin:/bin", NULL},
                                        .limits = {256u << 20, 1u << 20, 8, 64, 5},
                                        .allow_tmp = true,
                                        .standard_input = -1,
                                        .standard_output = -1,
                                        .standard_error = -1};
    struct box box = BOX_INIT;
    int status = 0;
    if (!box_start(&options, &box, err))
        return false;
    enum box_event event = box_wait(&box, &status, err);
    box_release(&box);
    if (event == BOX_ENDED && status != 0)
        err_set(err, ERR_ENV, "`true` does not work in the sandbox: raw status %d", status);
    return event == BOX_ENDED && status == 0;
}

// PID 1 of a cell tells its parent what went wrong: kind, message and cure, each ended by NUL.
static void tell(int out, const struct err *err)
{
    auto_str struct str text = STR_INIT;
    str_append_format(&text, "%d", (int)err->kind);
    str_append_char(&text, '\0');
    str_append(&text, err->message != NULL ? err->message : "");
    str_append_char(&text, '\0');
    str_append(&text, err->cure != NULL ? err->cure : "");
    str_append_char(&text, '\0');
    ssize_t sent = write(out, text.data, text.length);
    (void)sent; // the parent takes silence for an error too
}

static void understand(const struct str *text, struct err *err)
{
    const char *kind = str_text(text);
    const char *end = kind + text->length;
    const char *message = kind + strlen(kind) + 1;
    const char *cure = message < end ? message + strlen(message) + 1 : end;
    if (message >= end || cure >= end) {
        err_set(err, ERR_ENV, "the sandbox cannot be tried: its process was killed");
        return;
    }
    err_set(err, (enum err_kind)strtol(kind, NULL, 10), "%s", message);
    if (cure[0] != '\0')
        err_set_cure(err, "%s", cure);
}

// In a child of its own, which gives up root: the caller keeps it.
_Noreturn static void child_try(const struct stage *stage, const char *scratch, const char *init,
                                int out)
{
    struct err err = ERR_INIT;
    const struct cell_options cell = {scratch, TRY_BYTES, stage->level};
    int status = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!process_become(&stage->user) || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        err_set(&err, ERR_ENV, "cannot become user %u: %s", stage->user.uid, strerror(errno));
    pid_t pid = err.kind == ERR_NONE ? cell_enter(&cell, &err) : -1;
    if (pid == 0)
        try_box(init, stage->level, &err);
    else if (pid > 0)
        waitpid(pid, &status, 0);
    if (err.kind != ERR_NONE)
        tell(out, &err);
    else if (pid == 0)
        tell(out, &(struct err){ERR_NONE, (char[]){"all works"}, NULL});
    _exit(0);
}

// Reads until the child and its cell have ended.
static void listen_to(int in, struct str *out)
{
    for (;;) {
        char bytes[1024];
        ssize_t got = read(in, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        if (out->length < ANSWER_BYTES)
            str_append_bytes(out, bytes, (size_t)got);
    }
}

// box-init where the stage's user can read it: lab may lie in a private folder.
static char *copy_init(const struct stage *stage, struct err *err)
{
    auto_free char *from = box_init_path(err);
    auto_free char *to = path_join(stage->path, "box-init");
    if (from == NULL || !file_copy(from, to, 0755, err))
        return NULL;
    if (chmod(to, 0755) == 0) // whatever the umask is
        return take(to);
    err_set(err, ERR_ENV, "%s: %s", to, strerror(errno));
    return NULL;
}

static bool try_all(const struct stage *stage, struct err *err)
{
    int ends[2];
    auto_free char *scratch = stage_folder(stage, "scratch", err);
    auto_free char *init = scratch != NULL ? copy_init(stage, err) : NULL;
    if (init == NULL)
        return false;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "cannot make a pipe: %s", strerror(errno));
        return false;
    }
    auto_close int reading = ends[0];
    pid_t pid = fork();
    if (pid == 0)
        child_try(stage, scratch, init, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        err_set(err, ERR_ENV, "cannot start a process: %s", strerror(errno));
        return false;
    }
    auto_str struct str answer = STR_INIT;
    listen_to(reading, &answer);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (str_equal(str_text(&answer), "0"))
        return true;
    understand(&answer, err);
    return false;
}

bool box_try(enum box_level *out_level, struct err *err)
{
    struct stage stage = STAGE_INIT;
    struct err own = ERR_INIT;
    bool works = false;
    if (stage_open(&stage, &own)) {
        works = try_all(&stage, &own);
        *out_level = stage.level;
        stage_close(&stage);
    }
    if (!works)
        err_move(err, &own);
    return works;
}
