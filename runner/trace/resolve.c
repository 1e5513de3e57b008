// SPDX-License-Identifier: MIT
/*
 * The resolver reads debugging data that a stranger's program made up, by libraries that were not
 * written for that. So it sits in a box as the compiler does: the program read-only, no network,
 * nothing to write to but the pipe of its lines, and limits on memory, time and words.
 */
#include "trace/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "box/box.h"
#include "trace/resolver/resolver.h"

enum {
    CPU_SECONDS = 2,
    WALL_SECONDS = 20, // it never waits for anything: only a machine that is busy makes it slow
    OUTPUT_MOST = RESOLVER_OUTPUT_MOST + 4096,
};
#ifdef __SANITIZE_ADDRESS__ // terabytes of addresses, all but a few never used
#define MEMORY_MOST 0
#else
#define MEMORY_MOST ((uint64_t)1024 * 1024 * 1024)
#endif

static bool start(const struct stage *stage, const char *resolver, const char *program,
                  int snapshot, int output, struct box *out, struct err *err)
{
    auto_free char *init = box_init_path(err);
    if (init == NULL)
        return false;
    static const char *const argv[] = {"/resolver", RESOLVER_PROGRAM, NULL};
    static const char *const environment[] = {"LC_ALL=C", "ASAN_OPTIONS=detect_leaks=0", NULL};
    const struct box_mount mounts[] = {{resolver, "/resolver", false},
                                       {program, RESOLVER_PROGRAM, false}};
    const struct box_options options = {
        .level = stage->level,
        .init = init,
        .argv = argv,
        .environment = environment,
        .mounts = mounts,
        .mount_count = sizeof mounts / sizeof *mounts,
        .folder = "/",
        .limits = {.memory = MEMORY_MOST,
                   .file_size = 1,
                   .processes = 4,
                   .descriptors = 64,
                   .cpu_seconds = CPU_SECONDS},
        .own_network = true,
        .allow_tmp = true,
        .standard_input = snapshot,
        .standard_output = output,
        .standard_error = -1,
        .user = stage->user,
    };
    return box_start(&options, out, err);
}

static long long milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Appends what is there; false at the end, or when it is too much.
static bool read_some(int output, struct str *text)
{
    char *end = str_reserve(text, 1 << 16);
    ssize_t got = read(output, end, 1 << 16);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (got <= 0)
        return false;
    text->length += (size_t)got;
    return text->length <= OUTPUT_MOST;
}

// Reads its lines to their end.
static bool read_lines(int output, struct str *text, struct err *err)
{
    const long long until = milliseconds_now() + WALL_SECONDS * 1000LL;
    for (;;) {
        struct pollfd polled[] = {{.fd = output, .events = POLLIN},
                                  {.fd = interrupt_descriptor(), .events = POLLIN}};
        long long left = until - milliseconds_now();
        if (left <= 0 || (poll(polled, 2, (int)left) < 0 && errno != EINTR)) {
            err_set(err, ERR_ENV, "the resolver did not end within %d s", WALL_SECONDS);
            return false;
        }
        if (interrupt_happened(err))
            return false;
        if (polled[0].revents != 0 && !read_some(output, text))
            return true;
    }
}

static bool judge_end(struct box *box, struct err *err)
{
    int status = 0;
    if (box_wait(box, &status, err) != BOX_ENDED)
        return false;
    if (status == 0)
        return true;
    if (WIFSIGNALED(status))
        err_set(err, ERR_ENV, "the resolver was ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
    else
        err_set(err, ERR_ENV, "the resolver ended with status %d", WEXITSTATUS(status));
    return false;
}

bool resolve(const struct stage *stage, const char *resolver, const char *program, int snapshot,
             struct events *out, struct err *err)
{
    int ends[2];
    if (lseek(snapshot, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "cannot read a snapshot: %s", strerror(errno));
        return false;
    }
    auto_close int output = ends[0];
    struct box box = BOX_INIT;
    auto_str struct str lines = STR_INIT;
    bool started = start(stage, resolver, program, snapshot, ends[1], &box, err);
    close(ends[1]);
    bool whole = started && read_lines(output, &lines, err) && judge_end(&box, err);
    box_release(&box);
    if (!events_read(str_text(&lines), lines.length, out) && whole) {
        err_set(err, ERR_ENV, "the resolver's lines cannot be read");
        return false;
    }
    return whole;
}
