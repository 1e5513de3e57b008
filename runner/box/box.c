// SPDX-License-Identifier: MIT
// The box: starting bubblewrap with box-init inside. events.c reads what box-init reports.
#include "box/box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/bare.h"
#include "box/bubblewrap.h"
#include "box/init/config.h"
#include "box/landlock.h"
#include "box/seccomp.h"

// The caller's ends are in struct box; these go to bubblewrap.
struct ends {
    int status, said, config, init, nothing;
    int rules; // level container
    int files[BUBBLEWRAP_FILES];
};

// By descriptor: its path may lie where the box's user may not look, and is not visible inside.
static int open_init(const struct box_options *options, struct err *err)
{
    struct stat status;
    int file = open(options->init, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) < 0) {
        err_set(err, ERR_ENV, "%s: %s", options->init, strerror(errno));
    } else if (options->user.drop && (status.st_mode & S_IXOTH) == 0) {
        err_set(err, ERR_ENV, "%s: not executable for everybody", options->init);
        err_set_cure(err, "Type: chmod 755 %s", options->init);
    } else {
        return file;
    }
    if (file >= 0)
        close(file);
    return -1;
}

// ---------------------------------------------------------------- the configuration for box-init

static uint32_t append_strings(struct str *out, const char *const *strings)
{
    uint32_t count = 0;
    for (; strings != NULL && *strings != NULL; strings++, count++)
        str_append_bytes(out, *strings, strlen(*strings) + 1);
    return count;
}

static bool write_whole(int file, const void *bytes, size_t length, off_t at)
{
    const char *next = bytes;
    while (length > 0) {
        ssize_t written = pwrite(file, next, length, at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        next += written;
        at += written;
        length -= (size_t)written;
    }
    return true;
}

static uint32_t flags_of(const struct box_options *options)
{
    return (box_level_is_bare(options->level) ? INIT_IS_BARE : 0) |
           (options->level == BOX_CONTAINER ? INIT_HAS_RULES : 0);
}

static void append_words(const struct box_options *options, struct init_config *config,
                         struct str *out)
{
    auto_strings struct strings argv = STRINGS_INIT;
    auto_strings struct strings environment = STRINGS_INIT;
    bool bare = box_level_is_bare(options->level);
    if (bare) {
        bare_arguments(options, &argv);
        bare_environment(options, &environment);
    }
    config->argument_count =
        append_strings(out, bare ? (const char *const *)argv.items : options->argv);
    config->environment_count =
        append_strings(out, bare ? (const char *const *)environment.items : options->environment);
    config->strings_bytes = out->length;
}

// Behind the place of the configuration. Returns where they end, -1 on failure.
static off_t write_filters(const struct box_options *options, int file, struct init_config *config,
                           struct err *err)
{
    bool bare = box_level_is_bare(options->level);
    const struct seccomp_options filter = {.bare = bare,
                                           .no_network = bare && options->own_network};
    if (!seccomp_write(file, &filter, err))
        return -1;
    off_t middle = lseek(file, 0, SEEK_CUR);
    if (options->trace && !seccomp_write_traced(file, err))
        return -1;
    off_t end = lseek(file, 0, SEEK_CUR);
    config->filter_bytes = (uint32_t)(middle - (off_t)sizeof *config);
    config->trace_bytes = (uint32_t)(end - middle);
    return end;
}

static int write_config(const struct box_options *options, struct err *err)
{
    int file = bubblewrap_memory("lab-box", err);
    if (file < 0)
        return -1;
    auto_str struct str strings = STR_INIT;
    const struct box_limits *limits = &options->limits;
    bool bare = box_level_is_bare(options->level);
    struct init_config config = {.magic = INIT_MAGIC,
                                 .flags = flags_of(options),
                                 .memory = limits->memory,
                                 .file_size = limits->file_size,
                                 .processes = limits->processes,
                                 .descriptors = limits->descriptors,
                                 .cpu_seconds = limits->cpu_seconds};
    if (bare && limits->processes > 0)
        config.processes += bare_processes(&options->user);
    append_words(options, &config, &strings);
    off_t end = -1;
    if (lseek(file, sizeof config, SEEK_SET) >= 0)
        end = write_filters(options, file, &config, err);
    if (end >= 0 && write_whole(file, &config, sizeof config, 0) &&
        write_whole(file, str_text(&strings), strings.length, end))
        return file;
    if (end >= 0)
        err_set(err, ERR_ENV, "cannot write the box's configuration: %s", strerror(errno));
    close(file);
    return -1;
}

// ---------------------------------------------------------------- start

static void close_ends(struct ends *ends)
{
    int *all[] = {&ends->status, &ends->said,    &ends->config,
                  &ends->init,   &ends->nothing, &ends->rules};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cleanup_close(all[i]);
    for (size_t i = 0; i < BUBBLEWRAP_FILES; i++)
        cleanup_close(&ends->files[i]);
}

// The status socket tells the sender's pid with each message, in the receiver's numbering: the
// program's first process names itself by writing, not by a number of the box's.
static bool open_channels(struct box *box, struct ends *ends, struct err *err)
{
    int status[2], said[2], yes = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, status) == 0) {
        box->status = status[0];
        ends->status = status[1];
    }
    if (pipe2(said, O_CLOEXEC) == 0) {
        box->error_output = said[0];
        ends->said = said[1];
    }
    ends->nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (box->status >= 0 && box->error_output >= 0 && ends->nothing >= 0 &&
        setsockopt(box->status, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) == 0 &&
        fcntl(box->error_output, F_SETFL, O_NONBLOCK) == 0)
        return true;
    err_set(err, ERR_ENV, "cannot make the channels of a box: %s", strerror(errno));
    return false;
}

static bool launch(const struct box_options *options, const struct ends *ends, struct box *box,
                   struct err *err)
{
    auto_strings struct strings arguments = STRINGS_INIT;
    bubblewrap_arguments(options, &arguments);
    const int standard[] = {options->standard_input, options->standard_output,
                            options->standard_error};
    struct process_descriptor descriptors[7 + BUBBLEWRAP_FILES] = {{ends->said, 2},
                                                                   {ends->status, INIT_STATUS},
                                                                   {ends->config, INIT_CONFIG},
                                                                   {ends->init, INIT_SELF}};
    size_t count = 4;
    for (int i = 0; i < 3; i++)
        descriptors[count++] = (struct process_descriptor){
            standard[i] >= 0 ? standard[i] : ends->nothing, INIT_STANDARD + i};
    for (int i = 0; i < BUBBLEWRAP_FILES; i++)
        descriptors[count++] = (struct process_descriptor){ends->files[i], INIT_FILES + i};
    struct process_options process = {.argv = (const char *const *)arguments.items,
                                      .executable = -1,
                                      .descriptors = descriptors,
                                      .descriptor_count = count,
                                      .folder = "/",
                                      .untied = true, // box-init watches the status socket
                                      // A terminal's Ctrl-C between bubblewrap's clone and the
                                      // maps would leave a child that waits for ever.
                                      .new_session = true,
                                      .user = options->user};
    if (process_start(&process, &box->wrapper, err))
        return true;
    err_set_cure(err, "Install bubblewrap: sudo apt-get install bubblewrap");
    return false;
}

// box-init itself, as the box's user.
static bool launch_bare(const struct box_options *options, const struct ends *ends, struct box *box,
                        struct err *err)
{
    auto_free char *folder = bare_path(options, options->folder != NULL ? options->folder : "/tmp");
    const int standard[] = {options->standard_input, options->standard_output,
                            options->standard_error};
    struct process_descriptor descriptors[6] = {{ends->status, INIT_STATUS},
                                                {ends->config, INIT_CONFIG}};
    size_t count = 2;
    for (int i = 0; i < 3; i++)
        descriptors[count++] = (struct process_descriptor){
            standard[i] >= 0 ? standard[i] : ends->nothing, INIT_STANDARD + i};
    if (ends->rules >= 0)
        descriptors[count++] = (struct process_descriptor){ends->rules, INIT_RULES};
    const struct process_options process = {.argv = (const char *const[]){"box-init", NULL},
                                            .executable = ends->init,
                                            .descriptors = descriptors,
                                            .descriptor_count = count,
                                            .folder = folder,
                                            .untied = true, // it watches the status socket
                                            .new_session = true,
                                            .user = options->user};
    box->bare = true;
    return process_start(&process, &box->wrapper, err);
}

// What the level needs besides: the files that bubblewrap copies, or the rules of Landlock.
static bool open_for_level(const struct box_options *options, struct ends *ends, struct err *err)
{
    if (!box_level_is_bare(options->level))
        return bubblewrap_files(&options->user, ends->files, err);
    if (options->level == BOX_CONTAINER)
        ends->rules = landlock_rules(options, err);
    return options->level != BOX_CONTAINER || ends->rules >= 0;
}

bool box_start(const struct box_options *options, struct box *out, struct err *err)
{
    struct box box = BOX_INIT;
    struct ends ends = {-1, -1, -1, -1, -1, -1, {-1, -1, -1, -1}};
    bool started =
        (ends.init = open_init(options, err)) >= 0 &&
        (ends.config = write_config(options, err)) >= 0 && open_for_level(options, &ends, err) &&
        open_channels(&box, &ends, err) &&
        (box_level_is_bare(options->level) ? launch_bare : launch)(options, &ends, &box, err);
    close_ends(&ends);
    if (started)
        *out = box;
    else
        box_release(&box);
    return started;
}
