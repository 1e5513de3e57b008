// SPDX-License-Identifier: MIT
// base: strings, escapes, suggestions, seeds, files.
#include "unit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/seed.h"
#include "base/str.h"
#include "base/text.h"

START_TEST(escapes_come_back_unescaped)
{
    unsigned char all[256];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)i;
    auto_free char *escaped = text_escape(all, sizeof all);
    for (const char *c = escaped; *c != '\0'; c++)
        ck_assert(*c >= 0x20 && *c < 0x7f);
    auto_str struct str back = STR_INIT;
    text_append_unescaped(&back, escaped);
    ck_assert_uint_eq(back.length, sizeof all);
    ck_assert_int_eq(memcmp(back.data, all, sizeof all), 0);
}
END_TEST

START_TEST(a_lone_backslash_stands_for_itself)
{
    auto_str struct str back = STR_INIT;
    text_append_unescaped(&back, "a\\qb\\x1\\");
    ck_assert_str_eq(back.data, "a\\qb\\x1\\");
}
END_TEST

START_TEST(near_words_are_suggested_and_far_ones_are_not)
{
    const char *const words[] = {"start", "status", "check", "lesson"};
    ck_assert_str_eq(text_suggest("chekc", words, 4), "check");
    ck_assert_str_eq(text_suggest("strat", words, 4), "start");
    ck_assert_str_eq(text_suggest("les", words, 4), "lesson");
    ck_assert_ptr_null(text_suggest("kubernetes", words, 4));
}
END_TEST

START_TEST(a_check_s_seed_depends_on_its_id_and_the_attempt_alone)
{
    ck_assert_uint_eq(seed_for_check(7, "echo/a"), seed_for_check(7, "echo/a"));
    ck_assert_uint_ne(seed_for_check(7, "echo/a"), seed_for_check(7, "echo/b"));
    ck_assert_uint_ne(seed_for_check(7, "echo/a"), seed_for_check(8, "echo/a"));
}
END_TEST

START_TEST(an_atomic_write_replaces_and_leaves_no_temporary_file)
{
    char folder[] = "/tmp/lab-unit-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    auto_free char *path = path_join(folder, "a file");
    struct err err = ERR_INIT;
    ck_assert(file_write_atomic(path, "one", 3, 0600, &err));
    ck_assert(file_write_atomic(path, "three", 5, 0600, &err));
    auto_str struct str back = STR_INIT;
    ck_assert(file_read(-100, path, 100, &back, &err));
    ck_assert_str_eq(back.data, "three");
    auto_strings struct strings names = STRINGS_INIT;
    ck_assert(folder_list(folder, &names, &err));
    ck_assert_uint_eq(names.count, 1);
    ck_assert(folder_remove_all(folder, &err));
    ck_assert(!path_exists(folder));
}
END_TEST

START_TEST(removing_a_folder_never_follows_a_link_out_of_it)
{
    char folder[] = "/tmp/lab-unit-XXXXXX";
    char outside[] = "/tmp/lab-unit-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_ptr_nonnull(mkdtemp(outside));
    auto_free char *kept = path_join(outside, "kept");
    auto_free char *link = path_join(folder, "link");
    struct err err = ERR_INIT;
    ck_assert(file_write(-100, kept, "x", 1, 0600, &err));
    ck_assert_int_eq(symlink(outside, link), 0);
    ck_assert(folder_remove_all(folder, &err));
    ck_assert(path_exists(kept));
    ck_assert(folder_remove_all(outside, &err));
}
END_TEST

START_TEST(a_file_that_is_too_large_or_no_file_is_an_error_that_names_it)
{
    struct err err = ERR_INIT;
    auto_str struct str bytes = STR_INIT;
    ck_assert(!file_read(-100, "/dev/zero", 10, &bytes, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_ptr_nonnull(strstr(err.message, "/dev/zero"));
    err_release(&err);
}
END_TEST

START_TEST(the_worse_of_two_exit_statuses_is_told)
{
    ck_assert_int_eq(err_worse_status(1, 3), 3);
    ck_assert_int_eq(err_worse_status(4, 3), 4);
    ck_assert_int_eq(err_worse_status(70, 4), 70);
    ck_assert_int_eq(err_worse_status(0, 1), 1);
}
END_TEST

UNIT_MAIN("base", escapes_come_back_unescaped, a_lone_backslash_stands_for_itself,
          near_words_are_suggested_and_far_ones_are_not,
          a_check_s_seed_depends_on_its_id_and_the_attempt_alone,
          an_atomic_write_replaces_and_leaves_no_temporary_file,
          removing_a_folder_never_follows_a_link_out_of_it,
          a_file_that_is_too_large_or_no_file_is_an_error_that_names_it,
          the_worse_of_two_exit_statuses_is_told)
