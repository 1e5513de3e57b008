// SPDX-License-Identifier: MIT
// build/sources: the snapshot of a workspace.
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "build/build.h"

static char *make_folder(void)
{
    char *folder = mem_copy_string("/tmp/lab-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    return folder;
}

static void put(const char *folder, const char *name, const char *text)
{
    auto_free char *path = path_join(folder, name);
    auto_free char *parent = str_format("%.*s", (int)(path_base(path) - path), path);
    ck_assert(folder_make_all(parent, 0700, NULL));
    ck_assert(file_write(AT_FDCWD, path, text, strlen(text), 0600, NULL));
}

static char *names_of(const struct sources *sources)
{
    struct str names = STR_INIT;
    for (size_t i = 0; i < sources->count; i++)
        str_append_format(&names, "%s|", sources->items[i].name);
    return str_take(&names);
}

// Reads, and removes the folder.
static struct sources read_all(const char *folder, const struct strings *extra)
{
    struct sources sources;
    struct err err = ERR_INIT;
    bool read = sources_read(folder, extra, &sources, &err);
    ck_assert_msg(read, "%s", err.message);
    ck_assert(folder_remove_all(folder, NULL));
    return sources;
}

static void refuse(const char *folder, const char *what)
{
    struct sources sources;
    struct err err = ERR_INIT;
    ck_assert(!sources_read(folder, NULL, &sources, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_msg(strstr(err.message, what) != NULL, "%s", err.message);
    ck_assert_ptr_nonnull(err.cure);
    ck_assert_ptr_null(sources.items);
    err_release(&err);
    ck_assert(folder_remove_all(folder, NULL));
}

START_TEST(sources_are_all_c_and_h_files_but_hidden_ones_and_build_outputs)
{
    auto_free char *folder = make_folder();
    put(folder, "server.c", "int main;");
    put(folder, "lib/table.h", "");
    put(folder, "lib/deep/table.c", "");
    put(folder, ".lab/backup/1/server.c", "old");
    put(folder, ".#server.c", "an editor's lock");
    put(folder, "build/generated.c", "");
    put(folder, "out/CMakeCache.txt", "");
    put(folder, "out/CMakeFiles/id.c", "");
    put(folder, "notes.txt", "");
    struct sources sources = read_all(folder, NULL);
    auto_free char *names = names_of(&sources);
    ck_assert_str_eq(names, "lib/deep/table.c|lib/table.h|server.c|");
    ck_assert_str_eq(sources.items[2].data, "int main;");
    ck_assert_uint_eq(sources.items[2].length, 9);
    sources_release(&sources);
}
END_TEST

START_TEST(odd_names_and_nul_bytes_are_kept)
{
    auto_free char *folder = make_folder();
    put(folder, "a b'c\"d\n\xc3\xbc$(x).c", "x");
    put(folder, "-o.c", "");
    auto_free char *path = path_join(folder, "nul.c");
    ck_assert(file_write(AT_FDCWD, path, "a\0b", 3, 0600, NULL));
    struct sources sources = read_all(folder, NULL);
    auto_free char *names = names_of(&sources);
    ck_assert_str_eq(names, "-o.c|a b'c\"d\n\xc3\xbc$(x).c|nul.c|");
    ck_assert_uint_eq(sources.items[2].length, 3);
    sources_release(&sources);
}
END_TEST

START_TEST(the_hash_follows_names_and_contents)
{
    const char *const names[] = {"a.c", "a.c", "b.c"};
    const char *const texts[] = {"x", "y", "x"};
    char *hashes[3];
    for (size_t i = 0; i < 3; i++) {
        auto_free char *folder = make_folder();
        put(folder, names[i], texts[i]);
        struct sources sources = read_all(folder, NULL);
        hashes[i] = take(sources.hash);
        sources_release(&sources);
    }
    ck_assert_str_ne(hashes[0], hashes[1]);
    ck_assert_str_ne(hashes[0], hashes[2]);
    for (size_t i = 0; i < 3; i++)
        free(hashes[i]);
}
END_TEST

START_TEST(extra_files_are_read_beneath_the_folder_only)
{
    auto_free char *folder = make_folder();
    put(folder, "server.c", "");
    put(folder, "pages/index.html", "<p>");
    auto_strings struct strings extra = STRINGS_INIT;
    strings_add(&extra, "pages/index.html");
    strings_add(&extra, "server.c");
    strings_add(&extra, "missing/file");
    struct sources sources = read_all(folder, &extra);
    auto_free char *names = names_of(&sources);
    ck_assert_str_eq(names, "pages/index.html|server.c|");
    sources_release(&sources);

    auto_free char *again = make_folder();
    auto_strings struct strings outside = STRINGS_INIT;
    strings_add(&outside, "../../etc/hostname");
    struct err err = ERR_INIT;
    ck_assert(!sources_read(again, &outside, &sources, &err));
    err_release(&err);
    ck_assert(folder_remove_all(again, NULL));
}
END_TEST

START_TEST(links_are_refused_as_sources_and_not_followed_as_folders)
{
    auto_free char *folder = make_folder();
    auto_free char *loop = path_join(folder, "loop");
    put(folder, "server.c", "");
    ck_assert_int_eq(symlink(".", loop), 0);
    struct sources sources = read_all(folder, NULL);
    ck_assert_uint_eq(sources.count, 1);
    sources_release(&sources);

    auto_free char *other = make_folder();
    auto_free char *link = path_join(other, "passwd.h");
    ck_assert_int_eq(symlink("/etc/passwd", link), 0);
    refuse(other, "passwd.h: is a symbolic link");
}
END_TEST

START_TEST(a_source_that_is_no_file_is_refused)
{
    auto_free char *folder = make_folder();
    auto_free char *pipe = path_join(folder, "pipe.c");
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    refuse(folder, "pipe.c: is named like a source");
}
END_TEST

START_TEST(too_much_is_refused)
{
    auto_free char *large = make_folder();
    auto_free char *path = path_join(large, "large.c");
    put(large, "large.c", "");
    ck_assert_int_eq(truncate(path, 10 * 1000 * 1000 + 1), 0);
    refuse(large, "large.c: is larger than 10 MB");

    auto_free char *many = make_folder();
    for (int i = 0; i < 1001; i++) {
        auto_free char *name = str_format("%d.c", i);
        put(many, name, "");
    }
    refuse(many, "one source file too many");

    auto_free char *all = make_folder();
    for (int i = 0; i < 7; i++) {
        auto_free char *name = str_format("%d.c", i);
        auto_free char *file = path_join(all, name);
        put(all, name, "");
        ck_assert_int_eq(truncate(file, 10000000), 0);
    }
    refuse(all, "more than 64 MB");
}
END_TEST

START_TEST(a_missing_or_unreadable_folder_is_refused)
{
    struct sources sources;
    struct err err = ERR_INIT;
    ck_assert(!sources_read("/nonexistent/ws", NULL, &sources, &err));
    ck_assert_str_eq(err.message, "/nonexistent/ws: No such file or directory");
    err_release(&err);
}
END_TEST

UNIT_MAIN("sources", sources_are_all_c_and_h_files_but_hidden_ones_and_build_outputs,
          odd_names_and_nul_bytes_are_kept, the_hash_follows_names_and_contents,
          extra_files_are_read_beneath_the_folder_only,
          links_are_refused_as_sources_and_not_followed_as_folders,
          a_source_that_is_no_file_is_refused, too_much_is_refused,
          a_missing_or_unreadable_folder_is_refused)
