// SPDX-License-Identifier: MIT
// Progress: what was recorded is there, whatever happens to the process, the disk or the file.
#include "progress_sample.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- damage

static void overwrite(const char *path, off_t at, const char *bytes, size_t length)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(pwrite(file, bytes, length, at), (ssize_t)length);
    close(file);
}

static size_t count_set_aside(void)
{
    auto_strings struct strings names = STRINGS_INIT;
    struct err err = ERR_INIT;
    ck_assert(folder_list(data(""), &names, &err));
    size_t count = 0;
    for (size_t i = 0; i < names.count; i++)
        count += strstr(names.items[i], ".damaged-") != NULL &&
                 !str_ends_with(names.items[i], "-wal") && !str_ends_with(names.items[i], "-shm");
    return count;
}

static void expect_set_aside(size_t files)
{
    struct err err = ERR_INIT;
    char *note = NULL;
    struct progress *progress = progress_open(&note, &err);
    ck_assert_msg(progress != NULL, "%s", err.message);
    ck_assert_ptr_nonnull(note);
    ck_assert_ptr_nonnull(strstr(note, "progress.db was damaged; it is kept as progress.db.dam"));
    free(note);
    ck_assert_uint_eq(count_set_aside(), files);
    auto_sample struct sample *sample = sample_new(2);
    ck_assert_int_eq(record(progress, "/w", sample, NULL), 1);
    progress_close(progress);
}

START_TEST(a_file_that_is_none_of_ours_is_set_aside_each_time_under_another_name)
{
    set_up();
    struct err err = ERR_INIT;
    ck_assert(folder_make_all(data(""), 0700, &err));
    static char garbage[8192];
    memset(garbage, 'x', sizeof garbage);
    overwrite(data("progress.db"), 0, garbage, sizeof garbage);
    expect_set_aside(1);
    overwrite(data("progress.db"), 0, garbage, sizeof garbage);
    expect_set_aside(2);
    clean_up();
}
END_TEST

static void fill(size_t attempts)
{
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(15);
    for (size_t i = 0; i < attempts; i++)
        record(progress, "/w", sample, NULL);
    progress_close(progress);
}

START_TEST(a_file_that_was_cut_is_set_aside)
{
    set_up();
    fill(50);
    ck_assert_int_eq(truncate(data("progress.db"), 20000), 0);
    expect_set_aside(1);
    clean_up();
}
END_TEST

START_TEST(damage_inside_is_found_when_the_last_one_was_killed)
{
    set_up();
    fill(50);
    pid_t child = fork();
    if (child == 0) {
        struct progress *progress = opened();
        auto_sample struct sample *sample = sample_new(2);
        record(progress, "/w", sample, NULL);
        raise(SIGKILL);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    static char garbage[4096];
    memset(garbage, 0xaa, sizeof garbage);
    for (off_t page = 4; page < 12; page++)
        overwrite(data("progress.db"), page * 4096, garbage, sizeof garbage);
    expect_set_aside(1);
    clean_up();
}
END_TEST

START_TEST(damage_that_shows_while_writing_loses_no_attempt)
{
    set_up();
    fill(200);
    struct progress *progress = opened();
    static char garbage[4096];
    memset(garbage, 0xaa, sizeof garbage);
    struct stat status;
    ck_assert_int_eq(stat(data("progress.db"), &status), 0);
    for (off_t page = 2; page < status.st_size / 4096; page++)
        overwrite(data("progress.db"), page * 4096, garbage, sizeof garbage);
    auto_sample struct sample *sample = sample_new(15);
    ck_assert_int_eq(record(progress, "/w", sample, NULL), 1);
    auto_free char *note = progress_take_note(progress);
    ck_assert_ptr_nonnull(note);
    progress_close(progress);
    ck_assert_uint_eq(count_set_aside(), 1);
    progress = opened();
    struct progress_lab lab = known(progress, sample);
    ck_assert_int_eq(lab.attempts, 1);
    progress_lab_release(&lab);
    progress_close(progress);
    clean_up();
}
END_TEST

START_TEST(two_that_see_the_damage_at_once_set_it_aside_once)
{
    set_up();
    struct err err = ERR_INIT;
    ck_assert(folder_make_all(data(""), 0700, &err));
    overwrite(data("progress.db"), 0, "this is no database, whatever it says", 37);
    enum { PROCESSES = 6 };
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++)
        if ((children[i] = fork()) == 0) {
            char *note = NULL;
            struct progress *progress = progress_open(&note, &err);
            auto_sample struct sample *sample = sample_new(2);
            long long number = 0;
            bool done = progress != NULL &&
                        progress_record(progress, "/w", &sample->attempt, NULL, &number, &err);
            progress_close(progress);
            _exit(done ? 0 : 1);
        }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_uint_eq(count_set_aside(), 1);
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(2);
    struct progress_lab lab = known(progress, sample);
    ck_assert_int_eq(lab.attempts, PROCESSES);
    progress_lab_release(&lab);
    progress_close(progress);
    clean_up();
}
END_TEST

START_TEST(a_newer_file_is_refused_and_kept)
{
    set_up();
    fill(1);
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(data("progress.db"), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    struct err err = ERR_INIT;
    char *note = NULL;
    ck_assert_ptr_null(progress_open(&note, &err));
    ck_assert_ptr_null(note);
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_ptr_nonnull(strstr(err.message, "progress.db: written by a newer lab"));
    ck_assert_ptr_nonnull(err.cure);
    err_release(&err);
    ck_assert_uint_eq(count_set_aside(), 0);
    clean_up();
}
END_TEST

// ---- surroundings

static void expect_refusal(const char *part)
{
    struct err err = ERR_INIT;
    char *note = NULL;
    struct progress *progress = progress_open(&note, &err);
    if (progress != NULL) {
        auto_sample struct sample *sample = sample_new(15);
        long long number = 0;
        ck_assert(!progress_record(progress, "/w", &sample->attempt, NULL, &number, &err));
        progress_close(progress);
    }
    ck_assert_ptr_null(note);
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_msg(strstr(err.message, part) != NULL, "%s", err.message);
    ck_assert_msg(strstr(err.message, home) != NULL, "%s", err.message);
    ck_assert_ptr_nonnull(err.cure);
    err_release(&err);
}

START_TEST(a_folder_that_is_a_file_is_named_with_a_cure)
{
    set_up();
    struct err err = ERR_INIT;
    char path[128];
    snprintf(path, sizeof path, "%s/lab", home);
    ck_assert(file_write(AT_FDCWD, path, "x", 1, 0600, &err));
    expect_refusal("not a folder");
    clean_up();
}
END_TEST

START_TEST(a_file_that_is_a_folder_is_named_with_a_cure)
{
    set_up();
    struct err err = ERR_INIT;
    ck_assert(folder_make_all(data("progress.db"), 0700, &err));
    expect_refusal("progress.db");
    clean_up();
}
END_TEST

// Makes this process root of a user namespace of its own, so that it can mount.
static void enter_namespace(void)
{
    uid_t uid = getuid();
    gid_t gid = getgid();
    ck_assert_int_eq(unshare(CLONE_NEWUSER | CLONE_NEWNS), 0);
    struct err err = ERR_INIT;
    auto_free char *users = str_format("0 %u 1", uid);
    auto_free char *groups = str_format("0 %u 1", gid);
    ck_assert(file_write(AT_FDCWD, "/proc/self/setgroups", "deny", 4, 0600, &err));
    ck_assert(file_write(AT_FDCWD, "/proc/self/uid_map", users, strlen(users), 0600, &err));
    ck_assert(file_write(AT_FDCWD, "/proc/self/gid_map", groups, strlen(groups), 0600, &err));
}

START_TEST(a_full_disk_is_told_and_what_was_there_stays)
{
    set_up();
    enter_namespace();
    ck_assert_int_eq(mount("tmpfs", home, "tmpfs", 0, "size=512k"), 0);
    fill(1);
    static char block[4096];
    int filler = open(data("filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(filler, block, sizeof block) > 0)
        continue;
    close(filler);
    expect_refusal("no space left");
    // Some room, but not enough for an attempt with its sources.
    ck_assert_int_eq(truncate(data("filler"), 512 * 1024 - 200 * 1024), 0);
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(15);
    static char large[400000];
    memset(large, 'x', sizeof large);
    struct source item = {literal("server.c"), large, sizeof large};
    struct sources sources = {.items = &item, .count = 1, .hash = literal("beef")};
    long long number = 0;
    struct err err = ERR_INIT;
    ck_assert(!progress_record(progress, "/w", &sample->attempt, &sources, &number, &err));
    ck_assert_msg(strstr(err.message, "no space left") != NULL, "%s", err.message);
    err_release(&err);
    // The same process goes on, and so does the next one.
    ck_assert_int_eq(unlink(data("filler")), 0);
    ck_assert_int_eq(record(progress, "/w", sample, NULL), 2);
    progress_close(progress);
    progress = opened();
    struct progress_lab lab = known(progress, sample);
    ck_assert_int_eq(lab.attempts, 2);
    progress_lab_release(&lab);
    progress_close(progress);
    ck_assert_int_eq(umount(home), 0);
    clean_up();
}
END_TEST

START_TEST(a_new_file_on_a_full_disk_is_told)
{
    set_up();
    enter_namespace();
    ck_assert_int_eq(mount("tmpfs", home, "tmpfs", 0, "size=4k"), 0);
    expect_refusal("no space left");
    ck_assert_int_eq(umount(home), 0);
    clean_up();
}
END_TEST

START_TEST(a_read_only_home_is_told_and_what_is_there_is_read)
{
    set_up();
    fill(3);
    enter_namespace();
    ck_assert_int_eq(mount(home, home, NULL, MS_BIND, NULL), 0);
    ck_assert_int_eq(mount(NULL, home, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
    expect_refusal("ead-only");
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(15);
    struct progress_lab lab = known(progress, sample);
    ck_assert_int_eq(lab.attempts, 3);
    ck_assert(lab.passed);
    progress_lab_release(&lab);
    progress_close(progress);
    ck_assert_int_eq(umount(home), 0);
    clean_up();
}
END_TEST

START_TEST(a_new_file_in_a_read_only_home_is_told)
{
    set_up();
    enter_namespace();
    ck_assert_int_eq(mount(home, home, NULL, MS_BIND, NULL), 0);
    ck_assert_int_eq(mount(NULL, home, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
    expect_refusal("ead-only");
    ck_assert_int_eq(umount(home), 0);
    clean_up();
}
END_TEST

// ---- several at once, and killed

// Records without end; after each attempt its number goes down the pipe.
static void write_without_end(int acknowledge, const char *workspace)
{
    struct err err = ERR_INIT;
    char *note = NULL;
    auto_sample struct sample *sample = sample_new(15);
    struct source item = {literal("server.c"), literal("int main(void) {}\n"), 18};
    struct sources sources = {.items = &item, .count = 1, .hash = literal("beef")};
    for (;;) {
        struct progress *progress = progress_open(&note, &err);
        if (progress == NULL || note != NULL)
            _exit(1);
        for (int i = 0; i < 3; i++) {
            long long number = 0;
            if (!progress_record(progress, workspace, &sample->attempt, &sources, &number, &err) ||
                write(acknowledge, &number, sizeof number) != sizeof number)
                _exit(1);
        }
        progress_close(progress);
    }
}

// Starts a writer, lets it record `least` attempts, kills it somewhere in the next ones. Returns
// the last number that it said it had recorded.
static long long kill_a_writer(const char *workspace, unsigned turns, int least)
{
    int pipes[2];
    ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        close(pipes[0]);
        write_without_end(pipes[1], workspace);
    }
    close(pipes[1]);
    long long number = 0;
    for (int i = 0; i < least; i++)
        ck_assert_int_eq(read(pipes[0], &number, sizeof number), sizeof number);
    // Where it is killed is left to chance.
    for (volatile unsigned spin = 0; spin < turns; spin++)
        continue;
    kill(child, SIGKILL);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    long long last = 0;
    while (read(pipes[0], &last, sizeof last) == sizeof last)
        number = last;
    close(pipes[0]);
    return number;
}

START_TEST(a_writer_killed_anywhere_loses_nothing_that_it_recorded)
{
    set_up();
    for (unsigned round = 0; round < 30; round++) {
        long long recorded = kill_a_writer("/w", round * 150000, round % 4);
        struct progress *progress = opened();
        auto_sample struct sample *sample = sample_new(15);
        struct progress_lab lab = known(progress, sample);
        // One more may be there than it lived to say.
        ck_assert_int_ge(lab.attempts, recorded);
        ck_assert(lab.attempts == 0 || lab.points == 100);
        struct err err = ERR_INIT;
        struct sources sources;
        if (lab.attempts > 0)
            ck_assert(progress_sources(progress, "/w", lab.attempts, &sources, &err));
        if (lab.attempts > 0)
            sources_release(&sources);
        progress_lab_release(&lab);
        progress_close(progress);
    }
    ck_assert_uint_eq(count_set_aside(), 0);
    clean_up();
}
END_TEST

START_TEST(two_writers_at_once_lose_nothing)
{
    set_up();
    enum { WRITERS = 2, ATTEMPTS = 40 };
    pid_t children[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        if ((children[i] = fork()) == 0) {
            struct progress *progress = opened();
            auto_sample struct sample *sample = sample_new(15);
            for (int j = 0; j < ATTEMPTS; j++)
                record(progress, "/w", sample, NULL);
            progress_close(progress);
            _exit(0);
        }
    for (int i = 0; i < WRITERS; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    struct progress *progress = opened();
    auto_sample struct sample *sample = sample_new(15);
    ck_assert_int_eq(record(progress, "/w", sample, NULL), WRITERS * ATTEMPTS + 1);
    progress_close(progress);
    clean_up();
}
END_TEST

UNIT_MAIN("progress_faults", a_file_that_is_none_of_ours_is_set_aside_each_time_under_another_name,
          a_file_that_was_cut_is_set_aside, damage_inside_is_found_when_the_last_one_was_killed,
          damage_that_shows_while_writing_loses_no_attempt,
          two_that_see_the_damage_at_once_set_it_aside_once, a_newer_file_is_refused_and_kept,
          a_folder_that_is_a_file_is_named_with_a_cure,
          a_file_that_is_a_folder_is_named_with_a_cure,
          a_full_disk_is_told_and_what_was_there_stays, a_new_file_on_a_full_disk_is_told,
          a_read_only_home_is_told_and_what_is_there_is_read,
          a_new_file_in_a_read_only_home_is_told,
          a_writer_killed_anywhere_loses_nothing_that_it_recorded, two_writers_at_once_lose_nothing)
