// SPDX-License-Identifier: MIT
// workspace: making, finding, refreshing, resetting, the last attempt.
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "build/tool.h"
#include "workspace/workspace.h"

// ---- a made-up course with one lab, and a place for workspaces

struct place {
    char *root;
    char *folder; // of the workspace
    struct lab lab;
};

static const char stub[] = "int main(void)\n{\n    return 0;\n}\n";
static const char table[] = "// given\n";

static void put(const char *folder, const char *name, const char *text)
{
    auto_free char *path = path_join(folder, name);
    auto_free char *parent = str_format("%.*s", (int)(path_base(path) - path - 1), path);
    ck_assert(folder_make_all(parent, 0700, NULL));
    ck_assert(file_write(AT_FDCWD, path, text, strlen(text), 0600, NULL));
}

static char *get(const char *folder, const char *name)
{
    auto_free char *path = path_join(folder, name);
    struct str text = STR_INIT;
    struct err err = ERR_INIT;
    ck_assert_msg(file_read(AT_FDCWD, path, 1 << 20, &text, &err), "%s", err.message);
    return str_take(&text);
}

static void expect_file(const char *folder, const char *name, const char *expected)
{
    auto_free char *text = get(folder, name);
    ck_assert_str_eq(text, expected);
}

static bool has(const char *folder, const char *name)
{
    auto_free char *path = path_join(folder, name);
    return path_exists(path);
}

static struct place place_open(const char *name)
{
    struct place place = {0};
    place.root = mem_copy_string("/tmp/lab-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place.root));
    place.folder = path_join(place.root, name);
    place.lab.course = path_join(place.root, "course");
    place.lab.folder = path_join(place.lab.course, "labs/tiny");
    place.lab.id = (char *)"tiny";
    place.lab.version = (char *)"v1";
    strings_add(&place.lab.edit, "server.c");
    strings_add(&place.lab.given, "lib/table.h");
    put(place.lab.folder, "stub/server.c", stub);
    put(place.lab.folder, "stub/lib/table.h", table);
    return place;
}

static void place_close(struct place *place)
{
    ck_assert(folder_remove_all(place->root, NULL));
    free(place->root);
    free(place->folder);
    free(place->lab.course);
    free(place->lab.folder);
    strings_release(&place->lab.edit);
    strings_release(&place->lab.given);
}

static struct workspace create(struct place *place)
{
    struct workspace workspace;
    struct err err = ERR_INIT;
    bool existed = true;
    bool made = workspace_create(&place->lab, place->folder, &existed, &workspace, &err);
    ck_assert_msg(made, "%s", err.message);
    ck_assert(!existed);
    return workspace;
}

static void refuse_creation(struct place *place, const char *message, const char *cure)
{
    struct workspace workspace;
    struct err err = ERR_INIT;
    bool existed = false;
    ck_assert(!workspace_create(&place->lab, place->folder, &existed, &workspace, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_msg(strstr(err.message, message) != NULL, "%s", err.message);
    ck_assert_msg(strstr(err.cure, cure) != NULL, "%s", err.cure);
    err_release(&err);
}

// Runs argv with `folder` as working folder; its output goes away.
static int run_in(const char *folder, const char *const *argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (chdir(folder) == 0 && dup2(null, 1) == 1)
            execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

// ---- making

START_TEST(a_new_workspace_holds_the_stub_and_what_lab_adds)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    expect_file(place.folder, "server.c", stub);
    expect_file(place.folder, "lib/table.h", table);
    ck_assert_str_eq(workspace.lab, "tiny");
    ck_assert_str_eq(workspace.course, place.lab.course);
    ck_assert_str_eq(workspace.version, "v1");
    auto_free char *script = path_join(place.folder, "lab");
    ck_assert_int_eq(access(script, X_OK), 0);
    auto_free char *commands = get(place.folder, "compile_commands.json");
    ck_assert_ptr_nonnull(strstr(commands, "\"-fsanitize=address,undefined\""));
    ck_assert_ptr_null(strstr(commands, "-fuse-ld"));
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(odd_folder_names_work)
{
    struct place place = place_open("a b'c\"d\n\xc3\xbc$(x)");
    struct workspace workspace = create(&place);
    struct workspace found;
    struct err err = ERR_INIT;
    auto_free char *below = path_join(place.folder, "lib");
    ck_assert_msg(workspace_find(below, &found, &err), "%s", err.message);
    ck_assert_str_eq(found.folder, workspace.folder);
    workspace_release(&found);
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(the_makefile_builds_sources_of_any_name)
{
    struct place place = place_open("with blanks");
    struct workspace workspace = create(&place);
    put(place.folder, "more 'files'/an other.c", "int other;\n");
    put(place.folder, ".lab/backup/1/server.c", stub);
    ck_assert_int_eq(run_in(place.folder, (const char *const[]){"make", "-s", NULL}), 0);
    ck_assert(has(place.folder, "program"));
    ck_assert_int_eq(run_in(place.folder, (const char *const[]){"./program", NULL}), 0);
    ck_assert_int_eq(run_in(place.folder, (const char *const[]){"make", "-s", "clean", NULL}), 0);
    ck_assert(!has(place.folder, "program"));
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(making_it_again_changes_nothing)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    workspace_release(&workspace);
    put(place.folder, "server.c", "mine");
    bool existed = false;
    struct err err = ERR_INIT;
    ck_assert(workspace_create(&place.lab, place.folder, &existed, &workspace, &err));
    ck_assert(existed);
    expect_file(place.folder, "server.c", "mine");
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(a_file_that_differs_is_never_overwritten)
{
    struct place place = place_open("ws");
    put(place.folder, "server.c", "mine");
    put(place.folder, "notes.txt", "mine too");
    refuse_creation(&place, "server.c is there already", "lab start tiny DIR");
    expect_file(place.folder, "server.c", "mine");
    ck_assert(!has(place.folder, "lib") && !has(place.folder, ".lab"));
    place_close(&place);
}
END_TEST

START_TEST(foreign_files_that_do_not_collide_are_left_alone)
{
    struct place place = place_open("ws");
    put(place.folder, "notes.txt", "mine");
    put(place.folder, "server.c", stub);
    struct workspace workspace = create(&place);
    expect_file(place.folder, "notes.txt", "mine");
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(a_file_in_the_folder_s_place_is_refused)
{
    struct place place = place_open("ws");
    put(place.root, "ws", "a file");
    refuse_creation(&place, "is no folder", "lab start tiny DIR");
    expect_file(place.root, "ws", "a file");
    place_close(&place);
}
END_TEST

START_TEST(another_lab_s_workspace_is_refused)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    workspace_release(&workspace);
    place.lab.id = (char *)"other";
    refuse_creation(&place, "the workspace of another lab, tiny", "lab start other DIR");
    place_close(&place);
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_told_with_its_cure)
{
    struct place place = place_open("ws");
    struct workspace workspace;
    struct err err = ERR_INIT;
    bool existed = false;
    ck_assert(!workspace_create(&place.lab, "/proc/nowhere/ws", &existed, &workspace, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_ptr_nonnull(strstr(err.message, "/proc/nowhere"));
    ck_assert_ptr_nonnull(strstr(err.cure, "lab start tiny DIR"));
    err_release(&err);
    place_close(&place);
}
END_TEST

START_TEST(the_script_says_when_lab_is_gone)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    auto_free char *text = get(place.folder, "lab");
    // As if lab had been moved away since.
    char *path = strstr(text, "program='/");
    ck_assert_ptr_nonnull(path);
    path[strlen("program='/")] = '~';
    auto_free char *script = path_join(place.folder, "lab");
    ck_assert(file_write(AT_FDCWD, script, text, strlen(text), 0755, NULL));
    auto_free char *only = str_format("PATH=/usr/bin:/bin:%s", place.folder);
    ck_assert_int_eq(
        run_in(place.folder, (const char *const[]){"env", only, "./lab", "check", NULL}), 4);
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

// ---- finding

static void refuse_finding(const char *folder, enum err_kind kind, const char *message,
                           const char *cure)
{
    struct workspace workspace;
    struct err err = ERR_INIT;
    ck_assert(!workspace_find(folder, &workspace, &err));
    ck_assert_msg(strstr(err.message, message) != NULL, "%s", err.message);
    ck_assert_int_eq(err.kind, kind);
    ck_assert_msg(strstr(err.cure, cure) != NULL, "%s", err.cure);
    err_release(&err);
}

START_TEST(outside_a_workspace_the_cure_is_told)
{
    refuse_finding("/usr", ERR_USAGE, "/usr is no workspace", "lab start LAB DIR");
    refuse_finding("/nonexistent", ERR_USAGE, "not there any more", "cd DIR");
}
END_TEST

START_TEST(a_deleted_working_folder_is_told)
{
    char folder[] = "/tmp/lab-unit-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    refuse_finding(".", ERR_USAGE, "not there any more", "cd DIR");
}
END_TEST

START_TEST(a_damaged_head_names_line_and_cure)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    workspace_release(&workspace);
    put(place.folder, ".lab/workspace.json", "{\"version\": 1,\n \"lab\": }\n");
    refuse_finding(place.folder, ERR_ENV, ".lab/workspace.json:2:9: ", "lab start LAB ");
    put(place.folder, ".lab/workspace.json",
        "{\"version\": 1, \"lab\": \"../x\", "
        "\"course\": \"/\", \"lab_version\": \"\"}");
    refuse_finding(place.folder, ERR_ENV, "is no lab's id", "lab start LAB ");
    put(place.folder, ".lab/workspace.json", "");
    refuse_finding(place.folder, ERR_ENV, ".lab/workspace.json:1:1: ", "lab start LAB ");
    place_close(&place);
}
END_TEST

START_TEST(a_damaged_head_is_mended_by_starting_again)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    workspace_release(&workspace);
    put(place.folder, "server.c", "mine");
    put(place.folder, ".lab/workspace.json", "half");
    workspace = create(&place);
    workspace_release(&workspace);
    expect_file(place.folder, "server.c", "mine");
    expect_file(place.folder, ".lab/workspace.json.damaged", "half");
    place_close(&place);
}
END_TEST

START_TEST(another_version_is_refused_and_left_alone)
{
    struct place place = place_open("ws");
    static const char head[] = "{\n \"version\": 2, \"new\": true}\n";
    put(place.folder, ".lab/workspace.json", head);
    refuse_finding(place.folder, ERR_ENV, ".lab/workspace.json:2:13: the workspace is of",
                   "update lab");
    struct workspace workspace;
    struct err err = ERR_INIT;
    bool existed = false;
    ck_assert(!workspace_create(&place.lab, place.folder, &existed, &workspace, &err));
    err_release(&err);
    expect_file(place.folder, ".lab/workspace.json", head);
    place_close(&place);
}
END_TEST

START_TEST(a_head_that_was_deleted_is_told)
{
    struct place place = place_open("ws");
    put(place.folder, ".lab/last/result.json", "{}");
    refuse_finding(place.folder, ERR_ENV, "workspace.json is missing", "lab start LAB ");
    place_close(&place);
}
END_TEST

// ---- refreshing

static char *refresh(struct place *place, struct workspace *workspace)
{
    auto_strings struct strings notes = STRINGS_INIT;
    struct err err = ERR_INIT;
    bool done = workspace_refresh(workspace, &place->lab, &notes, &err);
    ck_assert_msg(done, "%s", err.message);
    struct str all = STR_INIT;
    for (size_t i = 0; i < notes.count; i++)
        str_append_format(&all, "%s\n", notes.items[i]);
    return str_take(&all);
}

START_TEST(an_untouched_workspace_is_refreshed_silently)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    put(place.folder, "server.c", "mine");
    auto_free char *notes = refresh(&place, &workspace);
    ck_assert_str_eq(notes, "");
    expect_file(place.folder, "server.c", "mine");
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(given_files_are_restored_and_the_changed_one_is_kept)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    put(place.folder, "lib/table.h", "changed");
    auto_free char *notes = refresh(&place, &workspace);
    ck_assert_ptr_nonnull(strstr(notes, "lib/table.h belongs to the lab"));
    ck_assert_ptr_nonnull(strstr(notes, ".lab/backup/1/lib/table.h"));
    expect_file(place.folder, "lib/table.h", table);
    expect_file(place.folder, ".lab/backup/1/lib/table.h", "changed");
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(what_was_deleted_is_back)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    ck_assert_int_eq(chdir(place.folder), 0);
    ck_assert_int_eq(unlink("Makefile") + unlink("lab") + unlink("lib/table.h"), 0);
    auto_free char *notes = refresh(&place, &workspace);
    ck_assert_str_eq(notes, "lib/table.h was missing and is back\n"
                            "lab was missing and is back\n"
                            "Makefile was missing and is back\n");
    expect_file(place.folder, "lib/table.h", table);
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(a_newer_lab_is_told_once)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    place.lab.version = (char *)"v2";
    auto_free char *notes = refresh(&place, &workspace);
    ck_assert_ptr_nonnull(strstr(notes, "has changed since you last checked"));
    workspace_release(&workspace);
    struct err err = ERR_INIT;
    ck_assert(workspace_find(place.folder, &workspace, &err));
    auto_free char *again = refresh(&place, &workspace);
    ck_assert_str_eq(again, "");
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

// ---- resetting

START_TEST(a_reset_keeps_the_files_and_brings_the_stub)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    put(place.folder, "server.c", "mine");
    put(place.folder, "helper.c", "mine too");
    put(place.folder, "notes.txt", "no source");
    for (int n = 1; n <= 2; n++) {
        auto_free char *backup = NULL;
        struct err err = ERR_INIT;
        ck_assert(workspace_reset(&workspace, &place.lab, NULL, &backup, &err));
        auto_free char *expected = str_format("%s/.lab/backup/%d", workspace.folder, n);
        ck_assert_str_eq(backup, expected);
        expect_file(place.folder, "server.c", stub);
        ck_assert(!has(place.folder, "helper.c"));
    }
    expect_file(place.folder, ".lab/backup/1/server.c", "mine");
    expect_file(place.folder, ".lab/backup/1/helper.c", "mine too");
    expect_file(place.folder, ".lab/backup/2/server.c", stub);
    expect_file(place.folder, "notes.txt", "no source");
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(a_reset_to_an_attempt_brings_its_sources_and_the_given_files)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    put(place.folder, "server.c", "now");
    struct source items[] = {{(char *)"server.c", (char *)"then", 4},
                             {(char *)"lib/extra.c", (char *)"extra", 5}};
    const struct sources earlier = {items, 2, NULL};
    auto_free char *backup = NULL;
    struct err err = ERR_INIT;
    ck_assert(workspace_reset(&workspace, &place.lab, &earlier, &backup, &err));
    expect_file(place.folder, "server.c", "then");
    expect_file(place.folder, "lib/extra.c", "extra");
    expect_file(place.folder, "lib/table.h", table);
    expect_file(backup, "server.c", "now");
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(without_a_backup_nothing_is_reset)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    put(place.folder, "server.c", "mine");
    put(place.folder, ".lab/backup", "in the way");
    auto_free char *backup = NULL;
    struct err err = ERR_INIT;
    ck_assert(!workspace_reset(&workspace, &place.lab, NULL, &backup, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_ptr_nonnull(err.cure);
    ck_assert_ptr_null(backup);
    expect_file(place.folder, "server.c", "mine");
    err_release(&err);
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

// ---- the last attempt

static struct attempt some_attempt(struct check_result *checks, struct io_record *records)
{
    records[0] =
        (struct io_record){.at = 0.25, .connection = 1, .text = (char *)"GET /\\r\\n\\r\\n"};
    checks[0] = (struct check_result){.id = (char *)"echo/body",
                                      .status = CHECK_FAILED,
                                      .message = (char *)"wrong body",
                                      .transcript = records,
                                      .transcript_count = 1,
                                      .records = (char *)"{}\n",
                                      .records_length = 3,
                                      .program = {.error_output = (char *)"oops\\n"}};
    checks[1] = (struct check_result){.id = (char *)"echo/good", .status = CHECK_PASSED};
    return (struct attempt){
        .checks = checks, .check_count = 2, .build = {.ok = true, .raw = (char *)"no words"}};
}

START_TEST(the_last_attempt_is_written_and_replaced)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    struct check_result checks[2];
    struct io_record records[1];
    struct attempt attempt = some_attempt(checks, records);
    struct err err = ERR_INIT;
    ck_assert(workspace_write_last(&workspace, &attempt, "{\"n\":1}", &err));
    auto_free char *text = get(place.folder, ".lab/last/echo.body.txt");
    ck_assert_ptr_nonnull(strstr(text, "error: wrong body\n"));
    ck_assert_ptr_nonnull(strstr(text, "    GET /\\r\\n\n    \\r\\n\n"));
    expect_file(place.folder, ".lab/last/echo.body.jsonl", "{}\n");
    expect_file(place.folder, ".lab/last/echo.body.stderr", "oops\n");
    expect_file(place.folder, ".lab/last/compiler.txt", "no words");
    ck_assert(!has(place.folder, ".lab/last/echo.good.txt"));
    attempt.check_count = 0;
    ck_assert(workspace_write_last(&workspace, &attempt, "{\"n\":2}", &err));
    expect_file(place.folder, ".lab/last/result.json", "{\"n\":2}");
    ck_assert(!has(place.folder, ".lab/last/echo.body.txt"));
    auto_strings struct strings left = STRINGS_INIT;
    auto_free char *hidden = path_join(place.folder, ".lab");
    ck_assert(folder_list(hidden, &left, &err));
    ck_assert_uint_eq(left.count, 3); // generated, last, workspace.json
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

START_TEST(a_workspace_that_is_gone_is_an_error_of_the_machine)
{
    struct place place = place_open("ws");
    struct workspace workspace = create(&place);
    ck_assert(folder_remove_all(place.folder, NULL));
    struct attempt attempt = {0};
    struct err err = ERR_INIT;
    ck_assert(!workspace_write_last(&workspace, &attempt, "{}", &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_ptr_nonnull(err.cure);
    ck_assert(!path_exists(place.folder));
    err_release(&err);
    workspace_release(&workspace);
    place_close(&place);
}
END_TEST

UNIT_MAIN("workspace", a_new_workspace_holds_the_stub_and_what_lab_adds, odd_folder_names_work,
          the_makefile_builds_sources_of_any_name, making_it_again_changes_nothing,
          a_file_that_differs_is_never_overwritten,
          foreign_files_that_do_not_collide_are_left_alone, a_file_in_the_folder_s_place_is_refused,
          another_lab_s_workspace_is_refused, a_folder_that_cannot_be_made_is_told_with_its_cure,
          the_script_says_when_lab_is_gone, outside_a_workspace_the_cure_is_told,
          a_deleted_working_folder_is_told, a_damaged_head_names_line_and_cure,
          a_damaged_head_is_mended_by_starting_again, another_version_is_refused_and_left_alone,
          a_head_that_was_deleted_is_told, an_untouched_workspace_is_refreshed_silently,
          given_files_are_restored_and_the_changed_one_is_kept, what_was_deleted_is_back,
          a_newer_lab_is_told_once, a_reset_keeps_the_files_and_brings_the_stub,
          a_reset_to_an_attempt_brings_its_sources_and_the_given_files,
          without_a_backup_nothing_is_reset, the_last_attempt_is_written_and_replaced,
          a_workspace_that_is_gone_is_an_error_of_the_machine)
