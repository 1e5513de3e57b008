// SPDX-License-Identifier: MIT
// Executables of ours that read what a stranger may have made up.
#include "trace/boxed_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"

// It never waits for anything, and its CPU time is limited: only a machine that is busy makes it
// slow.
enum { WALL_SECONDS = 60 };

#ifdef __SANITIZE_ADDRESS__ // terabytes of addresses, all but a few never used
#define MEMORY_MOST 0
#else
#define MEMORY_MOST ((uint64_t)1024 * 1024 * 1024)
#endif

static bool start(const struct stage *stage, const struct boxed_tool *tool, int output,
                  struct box *out, struct err *err)
{
    static const char *const environment[] = {"LC_ALL=C", "ASAN_OPTIONS=detect_leaks=0", NULL};
    auto_free char *init = box_init_path(err);
    if (init == NULL)
        return false;
    const struct box_options options = {
        .level = stage->level,
        .init = init,
        .argv = tool->argv,
        .environment = environment,
        .mounts = tool->mounts,
        .mount_count = tool->mount_count,
        .folder = "/",
        .limits = {.memory = MEMORY_MOST,
                   .file_size = 1,
                   .processes = 4,
                   .descriptors = 64,
                   .cpu_seconds = (uint64_t)tool->cpu_seconds},
        .own_network = true,
        .allow_tmp = true,
        .standard_input = tool->input,
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
static bool read_some(int output, size_t most, struct str *text)
{
    char *end = str_reserve(text, 1 << 16);
    ssize_t got = read(output, end, 1 << 16);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (got <= 0)
        return false;
    text->length += (size_t)got;
    return text->length <= most;
}

static bool read_to_end(const struct boxed_tool *tool, int output, struct str *text,
                        struct err *err)
{
    const long long until = milliseconds_now() + WALL_SECONDS * 1000LL;
    for (;;) {
        struct pollfd polled[] = {{.fd = output, .events = POLLIN},
                                  {.fd = interrupt_descriptor(), .events = POLLIN}};
        long long left = until - milliseconds_now();
        if (left <= 0 || (poll(polled, 2, (int)left) < 0 && errno != EINTR)) {
            err_set(err, ERR_ENV, "%s did not end within %d s", tool->name, WALL_SECONDS);
            return false;
        }
        if (interrupt_happened(err))
            return false;
        if (polled[0].revents != 0 && !read_some(output, tool->output_most, text))
            return true;
    }
}

static bool judge_end(const struct boxed_tool *tool, struct box *box, struct err *err)
{
    int status = 0;
    if (box_wait(box, &status, err) != BOX_ENDED)
        return false;
    if (status == 0)
        return true;
    if (WIFSIGNALED(status))
        err_set(err, ERR_ENV, "%s was ended by SIG%s", tool->name, sigabbrev_np(WTERMSIG(status)));
    else
        err_set(err, ERR_ENV, "%s ended with status %d", tool->name, WEXITSTATUS(status));
    return false;
}

bool boxed_tool_run(const struct stage *stage, const struct boxed_tool *tool, struct str *out,
                    struct err *err)
{
    int ends[2];
    if (lseek(tool->input, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "%s has nothing to read: %s", tool->name, strerror(errno));
        return false;
    }
    auto_close int output = ends[0];
    struct box box = BOX_INIT;
    bool started = start(stage, tool, ends[1], &box, err);
    close(ends[1]);
    bool whole = started && read_to_end(tool, output, out, err) && judge_end(tool, &box, err);
    box_release(&box);
    return whole;
}
