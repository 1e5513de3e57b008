// SPDX-License-Identifier: MIT
// Saves in a folder, as lab watch hears of them.
#include "watch/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "build/build.h"
#include "unit.h"

struct watched {
    char *folder;
    uv_loop_t loop;
    struct files *files;
    int saved, gone;
};

static void on_news(void *context, enum files_news news)
{
    struct watched *watched = context;
    watched->saved += news == FILES_SAVED;
    watched->gone += news == FILES_GONE;
    uv_stop(&watched->loop);
}

static void put(const struct watched *watched, const char *name, const char *text)
{
    auto_free char *path = path_join(watched->folder, name);
    struct err err = ERR_INIT;
    ck_assert(file_write(AT_FDCWD, path, text, strlen(text), 0644, &err));
}

static void put_by_rename(const struct watched *watched, const char *name, const char *text)
{
    auto_free char *beside = str_format("%s~", name);
    auto_free char *from = path_join(watched->folder, beside);
    auto_free char *to = path_join(watched->folder, name);
    put(watched, beside, text);
    ck_assert_int_eq(rename(from, to), 0);
}

static struct watched *open_watched(bool poll)
{
    struct watched *watched = mem_alloc(sizeof *watched);
    struct err err = ERR_INIT;
    watched->folder = str_format("/tmp/lab-unit-files-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(watched->folder));
    put(watched, "server.c", "int main(void) {}\n");
    uv_loop_init(&watched->loop);
    watched->files = files_watch(&watched->loop, watched->folder, poll, on_news, watched, &err);
    ck_assert_ptr_nonnull(watched->files);
    return watched;
}

static void close_watched(struct watched *watched)
{
    files_close(watched->files);
    uv_run(&watched->loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&watched->loop), 0);
    folder_remove_all(watched->folder, NULL);
    free(watched->folder);
    free(watched);
}

// Waits for one piece of news; the test's own time limit ends it when there is none.
static void wait_for_news(struct watched *watched)
{
    uv_run(&watched->loop, UV_RUN_DEFAULT);
}

// Everything that has happened is heard of, up to this last save, which is told.
static void expect_one_save(struct watched *watched)
{
    int before = watched->saved;
    wait_for_news(watched);
    ck_assert_int_eq(watched->saved, before + 1);
}

START_TEST(every_kind_of_save_is_told)
{
    struct watched *watched = open_watched(false);
    put(watched, "server.c", "int main(void) { return 1; }\n");
    expect_one_save(watched);
    put_by_rename(watched, "server.c", "int main(void) { return 2; }\n");
    expect_one_save(watched);
    put(watched, "more.h", "");
    expect_one_save(watched);
    auto_free char *more = path_join(watched->folder, "more.h");
    ck_assert_int_eq(unlink(more), 0);
    expect_one_save(watched);
    put(watched, "server.c", "int main(void) { return 2; }\n"); // the same bytes
    expect_one_save(watched);
    close_watched(watched);
}
END_TEST

START_TEST(many_saves_at_once_are_told_once)
{
    struct watched *watched = open_watched(false);
    for (int i = 0; i < 50; i++) {
        auto_free char *text = str_format("int main(void) { return %d; }\n", i);
        put_by_rename(watched, "server.c", text);
        put(watched, "more.c", text);
    }
    expect_one_save(watched);
    // Of those 50 nothing comes any more: the next news is of this one.
    put(watched, "server.c", "int main(void) { return 50; }\n");
    expect_one_save(watched);
    close_watched(watched);
}
END_TEST

START_TEST(a_folder_is_watched_from_when_it_is_there)
{
    struct watched *watched = open_watched(false);
    auto_free char *parts = path_join(watched->folder, "parts");
    for (int turn = 0; turn < 2; turn++) { // and again under the same name
        ck_assert_int_eq(mkdir(parts, 0755), 0);
        put(watched, "parts/a.c", "");
        expect_one_save(watched);
        put(watched, "parts/a.c", "int a;\n");
        expect_one_save(watched);
        put_by_rename(watched, "parts/a.c", "int b;\n");
        expect_one_save(watched);
        ck_assert(folder_remove_all(parts, NULL));
        expect_one_save(watched);
    }
    close_watched(watched);
}
END_TEST

START_TEST(what_lab_wrote_itself_is_not_told)
{
    struct watched *watched = open_watched(false);
    put(watched, "given.h", "int given;\n");
    files_accept(watched->files);
    files_look(watched->files);
    ck_assert_int_eq(watched->saved, 0);
    put(watched, "server.c", "\n");
    expect_one_save(watched);
    close_watched(watched);
}
END_TEST

START_TEST(without_events_a_save_is_found)
{
    struct watched *watched = open_watched(true);
    put(watched, "server.c", "int main(void) { return 1; }\n");
    expect_one_save(watched);
    close_watched(watched);
}
END_TEST

START_TEST(a_folder_that_is_removed_is_told_once)
{
    for (int poll = 0; poll < 2; poll++) {
        struct watched *watched = open_watched(poll == 1);
        ck_assert(folder_remove_all(watched->folder, NULL));
        wait_for_news(watched);
        while (watched->gone == 0)
            wait_for_news(watched);
        files_look(watched->files);
        ck_assert_int_eq(watched->gone, 1);
        close_watched(watched);
    }
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_an_error)
{
    uv_loop_t loop;
    struct err err = ERR_INIT;
    uv_loop_init(&loop);
    ck_assert_ptr_null(files_watch(&loop, "/nonexistent", false, on_news, NULL, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    err_release(&err);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

// ---------------------------------------------------------------- the stamp

static char *stamp_of(const struct watched *watched)
{
    struct err err = ERR_INIT;
    char *stamp = sources_stamp(watched->folder, NULL, &err);
    ck_assert_ptr_nonnull(stamp);
    return stamp;
}

START_TEST(the_stamp_looks_at_sources_alone)
{
    struct watched *watched = open_watched(true);
    auto_free char *before = stamp_of(watched);
    put(watched, "notes.txt", "a");
    put(watched, ".server.c.swp", "b");
    put(watched, "server.c~", "c");
    auto_free char *hidden = path_join(watched->folder, ".hidden");
    ck_assert_int_eq(mkdir(hidden, 0755), 0);
    put(watched, ".hidden/a.c", "d");
    auto_free char *after = stamp_of(watched);
    ck_assert_str_eq(before, after);
    close_watched(watched);
}
END_TEST

START_TEST(the_stamp_sees_other_bytes_of_the_same_length_and_time)
{
    struct watched *watched = open_watched(true);
    auto_free char *path = path_join(watched->folder, "server.c");
    const struct timespec times[2] = {{1000000, 0}, {1000000, 0}};
    put(watched, "server.c", "int a;");
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    auto_free char *before = stamp_of(watched);
    put(watched, "server.c", "int b;");
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    auto_free char *after = stamp_of(watched);
    ck_assert_str_ne(before, after);
    close_watched(watched);
}
END_TEST

UNIT_MAIN("watch_files", every_kind_of_save_is_told, many_saves_at_once_are_told_once,
          a_folder_is_watched_from_when_it_is_there, what_lab_wrote_itself_is_not_told,
          without_events_a_save_is_found, a_folder_that_is_removed_is_told_once,
          a_folder_that_is_not_there_is_an_error, the_stamp_looks_at_sources_alone,
          the_stamp_sees_other_bytes_of_the_same_length_and_time)
