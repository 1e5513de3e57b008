// SPDX-License-Identifier: MIT
/*
 * Taking the sources out of a submission. An archive is read in a box (classroom/unpack) and what
 * it holds lies for a moment in a folder of the stage that only the caller can read; it is gone
 * before anything is compiled.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "classroom/submissions.h"
#include "classroom/unpack/unpack.h"
#include "classroom/unpacked.h"
#include "trace/boxed_tool.h"
#include "workspace/workspace.h"

enum { WRAPPED = 4, CPU_SECONDS = 20 };

// ---------------------------------------------------------------- time

static char *write_time(struct timespec time)
{
    struct tm parts;
    char text[32] = "";
    if (gmtime_r(&time.tv_sec, &parts) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        return NULL;
    return str_format("%s.%09ldZ", text, time.tv_nsec);
}

static bool is_later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

static char *time_of_file(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 ? write_time(status.st_mtim) : NULL;
}

// Of the newest source that is the student's own.
static char *time_of_sources(const char *folder, const struct lab *lab,
                             const struct sources *sources)
{
    struct timespec newest = {0};
    for (size_t i = 0; i < sources->count; i++) {
        auto_free char *path = path_join(folder, sources->items[i].name);
        struct stat status;
        if (!strings_have(&lab->given, sources->items[i].name) && lstat(path, &status) == 0 &&
            is_later(status.st_mtim, newest))
            newest = status.st_mtim;
    }
    return newest.tv_sec != 0 || newest.tv_nsec != 0 ? write_time(newest) : time_of_file(folder);
}

// ---------------------------------------------------------------- folders

// The only entry of a folder, hidden ones and what archivers add left out, when it is a folder: a
// submission is often wrapped in one more. NULL: it is none. The caller frees it.
static char *only_folder(const char *folder)
{
    auto_strings struct strings names = STRINGS_INIT;
    if (!folder_list(folder, &names, NULL))
        return NULL;
    const char *only = NULL;
    for (size_t i = 0; i < names.count; i++) {
        if (strcmp(names.items[i], "__MACOSX") == 0)
            continue;
        if (only != NULL)
            return NULL;
        only = names.items[i];
    }
    auto_free char *path = only != NULL ? path_join(folder, only) : NULL;
    struct stat status;
    bool is_folder = path != NULL && lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
    return is_folder ? take(path) : NULL;
}

static char *unwrap(const char *folder)
{
    char *here = mem_copy_string(folder);
    for (int i = 0; i < WRAPPED; i++) {
        char *below = only_folder(here);
        if (below == NULL)
            break;
        free(here);
        here = below;
    }
    return here;
}

static bool is_empty(const char *folder)
{
    auto_strings struct strings names = STRINGS_INIT;
    return folder_list(folder, &names, NULL) && names.count == 0;
}

// A program needs a source that is the student's: given files alone are none.
static bool has_sources(const struct lab *lab, const struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (str_ends_with(sources->items[i].name, ".c") &&
            !strings_have(&lab->given, sources->items[i].name))
            return true;
    return false;
}

// `shown` stands for the folder's path in what is told.
static char *shorten(const char *message, const char *folder, const char *shown)
{
    size_t length = strlen(folder);
    const char *rest = message;
    if (strncmp(message, folder, length) == 0)
        rest += length + (message[length] == '/');
    return rest[0] == ':' ? str_format("%s%s", shown, rest) : mem_copy_string(rest);
}

static char *hash_own(const struct lab *lab, const struct sources *sources)
{
    struct hash *hash = hash_new();
    for (size_t i = 0; i < sources->count; i++) {
        if (strings_have(&lab->given, sources->items[i].name))
            continue;
        hash_add_text(hash, sources->items[i].name);
        hash_add_field(hash, sources->items[i].data, sources->items[i].length);
    }
    return hash_finish(hash);
}

static bool take_folder(const char *folder, const struct lab *lab, struct submitted *out,
                        struct err *err)
{
    auto_free char *inner = unwrap(folder);
    const struct workspace workspace = {.folder = inner};
    struct err why = ERR_INIT;
    if (!workspace_sources(&workspace, lab, &out->sources, &why)) {
        bool students = why.kind == ERR_ENV;
        if (students)
            out->refused = shorten(why.message, inner, "the folder");
        else
            err_move(err, &why);
        err_release(&why);
        return students;
    }
    if (is_empty(inner))
        out->refused = mem_copy_string("the folder is empty");
    else if (!has_sources(lab, &out->sources))
        out->refused = mem_copy_string("there are no sources: no file that ends in .c");
    out->hash = hash_own(lab, &out->sources);
    if (out->time == NULL)
        out->time = time_of_sources(inner, lab, &out->sources);
    return true;
}

// ---------------------------------------------------------------- archives

static bool run_unpacker(const struct stage *stage, const struct lab *lab, int archive,
                         struct str *out, char **out_refused, struct err *err)
{
    auto_free char *unpacker = box_tool_path("unpack", err);
    if (unpacker == NULL)
        return false;
    auto_free const char **argv = mem_alloc_array(lab->edit.count + 2, sizeof *argv);
    argv[0] = "/unpack";
    for (size_t i = 0; i < lab->edit.count; i++)
        argv[i + 1] = lab->edit.items[i];
    const struct boxed_tool tool = {
        .name = "the unpacker",
        .argv = argv,
        .mounts = {{unpacker, "/unpack", false}},
        .mount_count = 1,
        .input = archive,
        .cpu_seconds = CPU_SECONDS,
        .output_most = UNPACK_OUTPUT,
    };
    struct err why = ERR_INIT;
    if (boxed_tool_run(stage, &tool, out, &why))
        return true;
    // Its limits ended it: whatever an archive needs more than that for, it is no submission.
    if (why.kind == ERR_ENV && strstr(why.message, "was ended by SIG") != NULL) {
        *out_refused = mem_copy_string("it takes too long to unpack, or too much memory");
        err_release(&why);
        return true;
    }
    err_move(err, &why);
    return false;
}

static int open_archive(const char *path, char **out_refused)
{
    struct stat status;
    int archive = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (archive < 0 || fstat(archive, &status) < 0)
        *out_refused = str_format("it cannot be read: %s", strerror(errno));
    else if (!S_ISREG(status.st_mode))
        *out_refused = mem_copy_string("it is no regular file");
    else if (status.st_size == 0)
        *out_refused = mem_copy_string("the archive is empty");
    else if (status.st_size > UNPACK_ARCHIVE)
        *out_refused = mem_copy_string("the archive has more than 64 MB");
    return archive;
}

static bool take_archive(const char *path, const struct lab *lab, const struct stage *stage,
                         struct submitted *out, struct err *err)
{
    auto_str struct str said = STR_INIT;
    auto_close int archive = open_archive(path, &out->refused);
    out->time = time_of_file(path);
    if (out->refused != NULL)
        return true;
    if (!run_unpacker(stage, lab, archive, &said, &out->refused, err))
        return false;
    if (out->refused != NULL)
        return true;
    auto_free char *folder = path_join(stage->path, "submission");
    bool whole = unpacked_write(str_text(&said), said.length, folder, &out->refused, err) &&
                 (out->refused != NULL || take_folder(folder, lab, out, err));
    if (whole && out->refused != NULL && is_empty(folder)) {
        if (strcmp(out->refused, "the folder is empty") == 0) {
            free(out->refused);
            out->refused = mem_copy_string("there are no sources: no file that ends in .c");
        }
    }
    folder_remove_all(folder, NULL);
    return whole;
}

// A folder that holds an archive and nothing else, as learning platforms hand them out. The caller
// frees it.
static char *only_archive(const char *folder)
{
    auto_strings struct strings names = STRINGS_INIT;
    if (!folder_list(folder, &names, NULL) || names.count != 1)
        return NULL;
    const char *name = names.items[0];
    bool archive = str_ends_with(name, ".zip") || str_ends_with(name, ".tar.gz") ||
                   str_ends_with(name, ".tgz");
    auto_free char *path = path_join(folder, name);
    struct stat status;
    return archive && lstat(path, &status) == 0 && S_ISREG(status.st_mode) ? take(path) : NULL;
}

// ---------------------------------------------------------------- both

bool submission_take(const struct submission *submission, const struct lab *lab,
                     const struct stage *stage, struct submitted *out, struct err *err)
{
    *out = (struct submitted){0};
    if (submission->refused != NULL) {
        out->refused = mem_copy_string(submission->refused);
        return true;
    }
    if (submission->archive)
        return take_archive(submission->path, lab, stage, out, err);
    auto_free char *archive = only_archive(submission->path);
    return archive != NULL ? take_archive(archive, lab, stage, out, err)
                           : take_folder(submission->path, lab, out, err);
}

void submitted_release(struct submitted *submitted)
{
    sources_release(&submitted->sources);
    free(submitted->hash);
    free(submitted->time);
    free(submitted->refused);
    *submitted = (struct submitted){0};
}

// Without unpacking: of an archive only its time is known.
static void look_at(const struct submission *submission, const struct lab *lab,
                    struct submitted *out)
{
    struct err ignored = ERR_INIT;
    *out = (struct submitted){0};
    if (submission->refused != NULL)
        return;
    auto_free char *archive =
        submission->archive ? mem_copy_string(submission->path) : only_archive(submission->path);
    if (archive != NULL)
        out->time = time_of_file(archive);
    else
        take_folder(submission->path, lab, out, &ignored);
    err_release(&ignored);
}

char *submission_time(const struct submission *submission, const struct lab *lab)
{
    struct submitted now;
    look_at(submission, lab, &now);
    char *time = take(now.time);
    submitted_release(&now);
    return time;
}

bool submission_is(const struct submission *submission, const struct lab *lab, const char *hash,
                   const char *time)
{
    struct submitted now;
    look_at(submission, lab, &now);
    bool same = now.hash != NULL ? str_equal(now.hash, hash)
                                 : now.time != NULL && str_equal(now.time, time);
    submitted_release(&now);
    return same;
}
