// SPDX-License-Identifier: MIT
// The folder of results.
#include "classroom/results.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/seed.h"

enum {
    RUN_MOST = 1 << 16,
    RESULT_MOST = 64 << 20, // bytes of a result file
    PLAIN_NAME = 180,       // bytes of a file's name, so that an ending still fits
    BEFORE_MOST = 10000,
};

static const char *const moved[] = {"run.json", "results", "feedback", "grades.csv", "report.html"};

// ---------------------------------------------------------------- names

// Every byte but these is written %XX, as in a URL: no name becomes a path, a hidden file or what a
// shell or a terminal takes for something else.
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-_.@+", c) != NULL;
}

static char *file_name(const char *name, const char *ending)
{
    struct str out = STR_INIT;
    for (const char *c = name; *c != '\0'; c++) {
        bool hides = c == name && (*c == '.' || *c == '-');
        if (is_plain(*c) && !hides)
            str_append_char(&out, *c);
        else
            str_append_format(&out, "%%%02X", (unsigned char)*c);
    }
    if (out.length > PLAIN_NAME) {
        auto_free char *hash = hash_hex(name, strlen(name));
        out.length = PLAIN_NAME - 40;
        str_append_format(&out, "%%%.32s", hash);
    }
    str_append(&out, ending);
    return str_take(&out);
}

char *results_path(const struct results *results, const char *name)
{
    auto_free char *file = file_name(name, ".json");
    return str_format("%s/results/%s", results->folder, file);
}

char *results_feedback_name(const char *name)
{
    return file_name(name, ".txt");
}

char *results_feedback_path(const struct results *results, const char *name)
{
    auto_free char *file = results_feedback_name(name);
    return str_format("%s/feedback/%s", results->folder, file);
}

char *results_path_before(const struct results *results, const char *name)
{
    auto_free char *file = file_name(name, ".json");
    return results->before > 0
               ? str_format("%s/before-%u/results/%s", results->folder, results->before, file)
               : NULL;
}

// ---------------------------------------------------------------- files

static bool cannot_write(struct err *err)
{
    if (err != NULL && err->kind == ERR_ENV)
        err_set_cure(err, "make the folder writable and see that its disk has space (df -h), then "
                          "go on with --resume");
    return false;
}

bool results_write(const char *path, const char *text, size_t length, struct err *err)
{
    return file_write_atomic(path, text, length, 0600, err) || cannot_write(err);
}

bool results_text(const char *path, struct str *out)
{
    return file_read(AT_FDCWD, path, RESULT_MOST, out, NULL);
}

bool results_read(const char *path, struct class_view *view, struct class_row *out, struct err *why)
{
    auto_str struct str text = STR_INIT;
    struct err fault = ERR_INIT;
    *out = (struct class_row){0};
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return false;
    bool good = file_read(AT_FDCWD, path, RESULT_MOST, &text, &fault) &&
                class_row_read(path, str_text(&text), text.length, view, out, &fault);
    if (!good && why != NULL)
        err_move(why, &fault);
    err_release(&fault);
    return good;
}

// ---------------------------------------------------------------- run.json

static bool write_run(const struct results *results, const struct lab *lab, struct err *err)
{
    auto_free char *path = path_join(results->folder, "run.json");
    auto_free char *text =
        str_format("{\"version\":1,\"lab\":\"%s\",\"lab_version\":\"%s\","
                   "\"program_version\":\"%s\",\"seed\":%" PRIu64 ",\"before\":%u}\n",
                   lab->id, lab->version != NULL ? lab->version : "", LAB_VERSION, results->seed,
                   results->before);
    return results_write(path, text, strlen(text), err);
}

struct earlier {
    bool there;
    char *lab, *version;
    long long seed, before;
};

static void earlier_release(struct earlier *earlier)
{
    free(earlier->lab);
    free(earlier->version);
}

static bool read_run(const char *folder, struct earlier *out, struct err *err)
{
    auto_free char *path = path_join(folder, "run.json");
    *out = (struct earlier){0};
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return true;
    struct json_file *file = json_file_read(path, RUN_MOST, ERR_ENV, err);
    if (file == NULL)
        return false;
    const cJSON *root = json_file_root(file);
    const char *lab = NULL;
    const char *version = NULL;
    bool whole = json_get_string(file, root, "lab", &lab, err) &&
                 json_get_string(file, root, "lab_version", &version, err) &&
                 json_get_integer(file, root, "seed", 0, 9007199254740991, &out->seed, err) &&
                 json_get_integer(file, root, "before", 0, BEFORE_MOST, &out->before, err);
    if (whole) {
        out->there = true;
        out->lab = mem_copy_string(lab);
        out->version = mem_copy_string(version);
    }
    json_file_free(file);
    return whole;
}

// ---------------------------------------------------------------- opening

static bool lock_folder(struct results *results, struct err *err)
{
    results->lock = open(results->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (results->lock >= 0 && flock(results->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno == EWOULDBLOCK) {
        err_set(err, ERR_ENV, "%s: another lab grade writes its results there", results->folder);
        err_set_cure(err, "wait for it, or name another folder");
    } else {
        err_set(err, ERR_ENV, "%s: %s", results->folder, strerror(errno));
        cannot_write(err);
    }
    return false;
}

static bool may_be_folder(const char *folder, struct err *err)
{
    if (!path_exists(folder) || path_is_folder(folder))
        return true;
    err_set(err, ERR_USAGE, "%s is a file, and results need a folder", folder);
    err_set_cure(err, "name a new folder");
    return false;
}

static bool judge_new(const char *folder, const struct earlier *earlier, struct err *err)
{
    auto_strings struct strings names = STRINGS_INIT;
    if (earlier->there) {
        err_set(err, ERR_USAGE, "%s holds results of %s already", folder, earlier->lab);
        err_set_cure(err, "--resume goes on where it stopped, --again grades all anew and keeps "
                          "these; or name another folder");
        return false;
    }
    if (!folder_list(folder, &names, err))
        return false;
    if (names.count == 0)
        return true;
    err_set(err, ERR_USAGE, "%s is not empty, and holds no results of lab grade", folder);
    err_set_cure(err, "name a new folder");
    return false;
}

static bool judge_earlier(const char *folder, const struct lab *lab, enum results_mode mode,
                          const uint64_t *seed, const struct earlier *earlier, struct err *err)
{
    if (mode == RESULTS_NEW || !earlier->there)
        return judge_new(folder, earlier, err);
    if (strcmp(earlier->lab, lab->id) != 0) {
        err_set(err, ERR_USAGE, "%s holds results of %s, not of %s", folder, earlier->lab, lab->id);
        err_set_cure(err, "name another folder");
        return false;
    }
    if (mode == RESULTS_AGAIN)
        return true;
    if (strcmp(earlier->version, lab->version != NULL ? lab->version : "") != 0) {
        err_set(err, ERR_USAGE, "%s holds results of another version of %s", folder, lab->id);
        err_set_cure(err, "--again grades all anew, keeps these, and lists the differences");
        return false;
    }
    if (seed != NULL && *seed != (uint64_t)earlier->seed) {
        err_set(err, ERR_USAGE, "%s holds results of another seed", folder);
        err_set_cure(err, "leave out --seed, or grade all --again");
        return false;
    }
    return true;
}

// The first free before-N gets what is there.
static bool move_away(struct results *results, struct err *err)
{
    auto_free char *to = NULL;
    do {
        results->before++;
        free(to);
        to = str_format("%s/before-%u", results->folder, results->before);
    } while (path_exists(to) && results->before < BEFORE_MOST);
    if (mkdir(to, 0700) < 0) {
        err_set(err, ERR_ENV, "%s: %s", to, strerror(errno));
        return cannot_write(err);
    }
    for (size_t i = sizeof moved / sizeof *moved; i-- > 0;) { // run.json last: until then it is all
        auto_free char *old = path_join(results->folder, moved[i]);
        auto_free char *kept = path_join(to, moved[i]);
        if (rename(old, kept) < 0 && errno != ENOENT) {
            err_set(err, ERR_ENV, "%s: %s", old, strerror(errno));
            return cannot_write(err);
        }
    }
    return true;
}

// What a killed lab left half-written.
static void sweep(const struct results *results, const char *name, const char *ending)
{
    auto_free char *folder = path_join(results->folder, name);
    auto_strings struct strings names = STRINGS_INIT;
    if (!folder_list(folder, &names, NULL))
        return;
    for (size_t i = 0; i < names.count; i++) {
        auto_free char *path = path_join(folder, names.items[i]);
        if (!str_ends_with(path, ending))
            unlink(path);
    }
}

bool results_open(const char *folder, const struct lab *lab, enum results_mode mode,
                  const uint64_t *seed, struct results *out, struct err *err)
{
    *out = (struct results)RESULTS_INIT;
    struct earlier earlier = {0};
    bool open =
        may_be_folder(folder, err) && (folder_make_all(folder, 0700, err) || cannot_write(err));
    out->folder = open ? path_real(folder, err) : NULL;
    open = out->folder != NULL && lock_folder(out, err) && read_run(out->folder, &earlier, err) &&
           judge_earlier(out->folder, lab, mode, seed, &earlier, err);
    if (open) {
        out->before = (unsigned)earlier.before;
        out->seed = seed != NULL ? *seed : earlier.there ? (uint64_t)earlier.seed : seed_new();
        auto_free char *results = path_join(out->folder, "results");
        auto_free char *feedback = path_join(out->folder, "feedback");
        open = (mode != RESULTS_AGAIN || !earlier.there || move_away(out, err)) &&
               ((folder_make_all(results, 0700, err) && folder_make_all(feedback, 0700, err)) ||
                cannot_write(err)) &&
               write_run(out, lab, err);
    }
    earlier_release(&earlier);
    if (!open) {
        results_release(out);
        return false;
    }
    sweep(out, "results", ".json");
    sweep(out, "feedback", ".txt");
    return true;
}

void results_release(struct results *results)
{
    if (results->lock >= 0)
        close(results->lock);
    free(results->folder);
    *results = (struct results)RESULTS_INIT;
}
