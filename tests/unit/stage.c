// SPDX-License-Identifier: MIT
// The stage: whose it is, and that nothing of it stays.
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/stage.h"

// A folder of the test's own as TMPDIR, with a blank in its name.
static char *use_own_folder(void)
{
    char *folder = mem_copy_string("/tmp/lab unit XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755), 0);
    setenv("TMPDIR", folder, 1);
    return folder;
}

static size_t entries_of(const char *folder)
{
    struct err err = ERR_INIT;
    auto_strings struct strings names = STRINGS_INIT;
    ck_assert_msg(folder_list(folder, &names, &err), "%s", err.message);
    return names.count;
}

static struct stage open_stage(void)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    ck_assert_msg(stage_open(&stage, &err), "%s", err.message);
    return stage;
}

START_TEST(stage_belongs_to_its_user_alone)
{
    struct err err = ERR_INIT;
    auto_free char *folder = use_own_folder();
    struct stage stage = open_stage();
    struct stat status;
    ck_assert(str_starts_with(stage.path, folder));
    ck_assert_int_eq(stat(stage.path, &status), 0);
    ck_assert_uint_eq(status.st_uid, stage.user.uid);
    ck_assert_uint_eq(status.st_mode & 07777, 0700);
    auto_free char *below = stage_folder(&stage, "x y", &err);
    ck_assert_ptr_nonnull(below);
    ck_assert_int_eq(stat(below, &status), 0);
    ck_assert_uint_eq(status.st_uid, stage.user.uid);
    ck_assert_uint_eq(status.st_mode & 07777, 0700);
    ck_assert_ptr_null(stage_folder(&stage, "x y", &err));
    err_release(&err);
    stage_close(&stage);
    stage_close(&stage);
    ck_assert_uint_eq(entries_of(folder), 0);
    rmdir(folder);
}
END_TEST

START_TEST(folders_without_rights_are_removed_too)
{
    struct err err = ERR_INIT;
    auto_free char *folder = use_own_folder();
    struct stage stage = open_stage();
    auto_free char *shut = stage_folder(&stage, "shut", &err);
    auto_free char *file = path_join(shut, "file");
    ck_assert(file_write(AT_FDCWD, file, "x", 1, 0600, &err));
    ck_assert_int_eq(chmod(shut, 0), 0);
    stage_close(&stage);
    ck_assert_uint_eq(entries_of(folder), 0);
    rmdir(folder);
}
END_TEST

START_TEST(each_attempt_of_root_has_a_user_of_its_own)
{
    struct stage a = open_stage(), b = open_stage();
    ck_assert_str_ne(a.path, b.path);
    if (geteuid() == 0) {
        ck_assert(a.user.drop && b.user.drop);
        ck_assert_uint_ge(a.user.uid, 60513);
        ck_assert_uint_ne(a.user.uid, b.user.uid);
    } else {
        ck_assert(!a.user.drop);
        ck_assert_uint_eq(a.user.uid, getuid());
    }
    stage_close(&a);
    stage_close(&b);
}
END_TEST

START_TEST(stage_of_a_killed_owner_is_swept_and_a_living_one_is_not)
{
    auto_free char *folder = use_own_folder();
    struct stage living = open_stage();
    pid_t owner = fork();
    if (owner == 0) {
        open_stage();
        raise(SIGKILL);
    }
    waitpid(owner, NULL, 0);
    ck_assert_uint_eq(entries_of(folder), 2);
    struct stage next = open_stage();
    ck_assert_uint_eq(entries_of(folder), 2);
    ck_assert(path_exists(living.path));
    stage_close(&next);
    stage_close(&living);
    ck_assert_uint_eq(entries_of(folder), 0);
    rmdir(folder);
}
END_TEST

START_TEST(what_only_looks_like_a_stage_stays)
{
    struct err err = ERR_INIT;
    auto_free char *folder = use_own_folder();
    auto_free char *outside = path_join(folder, "outside");
    auto_free char *kept = path_join(outside, "kept");
    auto_free char *link = path_join(folder, "lab-stage-abcdef");
    auto_free char *longer = path_join(folder, "lab-stage-abcdefg");
    auto_free char *file = path_join(folder, "lab-stage-ABCDEF");
    auto_free char *foreign = path_join(folder, "lab-stage-foreig");
    ck_assert(folder_make_all(outside, 0755, &err) && folder_make_all(longer, 0755, &err) &&
              folder_make_all(foreign, 0755, &err) &&
              file_write(AT_FDCWD, kept, "", 0, 0600, &err) &&
              file_write(AT_FDCWD, file, "", 0, 0600, &err));
    ck_assert_int_eq(symlink(outside, link), 0);
    bool is_foreign = chown(foreign, 1, 1) == 0; // root only
    struct stage stage = open_stage();
    ck_assert(path_exists(kept) && path_exists(longer) && path_exists(link) && path_exists(file));
    ck_assert_int_eq(path_exists(foreign), is_foreign);
    stage_close(&stage);
    ck_assert(folder_remove_all(folder, &err));
}
END_TEST

START_TEST(unusable_tmpdir_is_passed_over)
{
    const char *const unusable[] = {"/nonexistent", "relative", "/etc/passwd", "/proc", ""};
    for (size_t i = 0; i < sizeof unusable / sizeof *unusable; i++) {
        setenv("TMPDIR", unusable[i], 1);
        struct stage stage = open_stage();
        ck_assert(str_starts_with(stage.path, "/tmp/lab-stage-"));
        stage_close(&stage);
    }
    if (geteuid() != 0)
        return;
    // What root alone can reach is of no use to the user that root becomes.
    auto_free char *folder = use_own_folder();
    ck_assert_int_eq(chmod(folder, 0700), 0);
    struct stage stage = open_stage();
    ck_assert(str_starts_with(stage.path, "/tmp/lab-stage-"));
    stage_close(&stage);
    rmdir(folder);
}
END_TEST

UNIT_MAIN("stage", stage_belongs_to_its_user_alone, folders_without_rights_are_removed_too,
          each_attempt_of_root_has_a_user_of_its_own,
          stage_of_a_killed_owner_is_swept_and_a_living_one_is_not,
          what_only_looks_like_a_stage_stays, unusable_tmpdir_is_passed_over)
