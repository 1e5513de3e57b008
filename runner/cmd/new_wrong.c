// SPDX-License-Identifier: MIT
/*
 * lab new --wrong NAME: a wrong program from an edited folder. The patch is tried on a stage first,
 * and lies in the lab only once it is known what it breaks.
 */
#include "cmd/new_wrong.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/context.h"
#include "render/render.h"
#include "validate/validate.h"
#include "validate/wrong.h"

enum {
    NAME_MOST = 60,
    BREAKS_MOST = 4, // checks for which a wrong program counts
    RUNS = 2,        // with other seeds, as lab validate
};

static bool check_name(const char *name, struct err *err)
{
    size_t length = strlen(name);
    bool good =
        length > 0 && length <= NAME_MOST && isalnum((unsigned char)name[0]) &&
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == length;
    if (good)
        return true;
    err_set(err, ERR_USAGE, "a wrong program's name has letters, digits, - and _, %d at most",
            NAME_MOST);
    err_set_cure(err, "call it after the bug: --wrong one-recv");
    return false;
}

static bool is_sentence(const char *text)
{
    bool blank = true;
    for (const char *c = text; *c != '\0'; c++) {
        if (iscntrl((unsigned char)*c))
            return false;
        blank &= *c == ' ';
    }
    return !blank;
}

// The bug in one sentence: --bug, or what is typed when it is asked for. The caller frees it.
static char *choose_bug(const struct cmd_call *call, struct err *err)
{
    auto_str struct str text = STR_INIT;
    if (cmd_has(call, "bug"))
        str_append(&text, cmd_value(call, "bug"));
    else
        context_ask("The bug in one sentence (takes one recv for the whole request):", &text);
    if (is_sentence(str_text(&text)))
        return str_take(&text);
    err_set(err, ERR_USAGE, "a wrong program's bug is told in one sentence, on one line");
    err_set_cure(err, "add --bug \"takes one recv for the whole request\"");
    return NULL;
}

// Runs the patch. What it should claim, by what was seen; the caller frees it.
static char *explain(const struct lab *lab, const char *name, const char *patch,
                     struct validate_report *report, struct err *err)
{
    const struct validate_options options = {
        .runs = RUNS, .explain = name, .patch = patch, .no_lines = true};
    if (!validate_lab(lab, &options, report, err))
        return NULL;
    const struct trial *trial = &report->trials[0];
    if (trial->faults.count > 0) {
        const char *fault = trial->faults.items[0];
        // It is no file that anybody could open.
        if (str_starts_with(fault, patch))
            fault += strlen(patch) + strspn(fault + strlen(patch), ": ");
        err_set(err, ERR_USAGE, "%s: %s", name, fault);
        err_set_cure(err, "nothing was written");
        return NULL;
    }
    if (trial->failure_count == 0) {
        err_set(err, ERR_LAB, "no check fails it: the grader does not see this bug yet");
        err_set_cure(err,
                     "add a check to %s/graders/%s.c, then type this again; nothing was written",
                     lab->course, lab->id);
        return NULL;
    }
    return validate_explain(trial);
}

static void tell_wrong(const struct lab *lab, const char *name, const char *head,
                       const struct validate_report *report)
{
    const struct screen screen = screen_for(stdout, NULL);
    const struct trial *trial = &report->trials[0];
    printf("labs/%s/wrong/%s.patch\n", lab->id, name);
    printf("\n");
    printf("%s\n", head);
    for (size_t i = 0; i < trial->failure_count; i++) {
        screen_say(&screen, "%s", trial->failures[i].check);
        screen_wrap(&screen, "    ", "    ",
                    trial->failures[i].message != NULL ? trial->failures[i].message : "");
    }
    printf("\n");
    if (trial->head.breaks.count == 0 && trial->failure_count > BREAKS_MOST)
        screen_say(&screen,
                   "note: a wrong program counts for the checks under Breaks when they are %d at "
                   "most: move the others to May-break, or name the one that it is for with "
                   "--breaks",
                   BREAKS_MOST);
    screen_command(&screen, "prove it  ", "%s validate %s", cmd_program(), lab->id);
}

static bool write_patch(const char *path, const char *head, const char *difference, struct err *err)
{
    auto_free char *text = str_format("%s\n%s", head, difference);
    return file_write_atomic(path, text, strlen(text), 0644, err);
}

static void make_wrong(const struct cmd_call *call, const struct lab *lab, const char *folder,
                       struct err *err)
{
    const char *name = cmd_value(call, "wrong");
    auto_free char *wrong = path_join(lab->folder, "wrong");
    auto_free char *path = str_format("%s/%s.patch", wrong, name);
    if (path_exists(path)) {
        err_set(err, ERR_USAGE, "%s is there already", path);
        err_set_cure(err, "choose another name, or remove it");
        return;
    }
    auto_free char *difference = wrong_difference(lab, folder, err);
    auto_free char *bug = difference != NULL ? choose_bug(call, err) : NULL;
    if (bug == NULL)
        return;
    // With checks that must fail, any other may: which ones do is what is to be found out.
    const char *breaks = cmd_value(call, "breaks");
    auto_free char *named =
        breaks != NULL ? str_format("Breaks: %s\nMay-break: *\n", breaks) : mem_copy_string("");
    auto_free char *claim = str_format("Bug: %s\n%s", bug, named);
    struct stage stage = STAGE_INIT;
    struct validate_report report = {0};
    if (context_allow(lab, err) && stage_open(&stage, err)) {
        auto_free char *tried = str_format("%s/%s.patch", stage.path, name);
        auto_free char *head = write_patch(tried, claim, difference, err)
                                   ? explain(lab, name, tried, &report, err)
                                   : NULL;
        if (head != NULL && folder_make_all(wrong, 0755, err) &&
            write_patch(path, head, difference, err))
            tell_wrong(lab, name, head, &report);
    }
    validate_report_release(&report);
    stage_close(&stage);
}

// The lab: --lab, else that of the workspace around.
void new_wrong(const struct cmd_call *call, struct err *err)
{
    struct courses courses = {STRINGS_INIT, NULL};
    struct workspace workspace = {0};
    struct err outside = ERR_INIT;
    struct lab *lab = NULL;
    const char *folder = cmd_has(call, "from") ? cmd_value(call, "from") : ".";
    bool in_workspace = workspace_find(folder, &workspace, &outside);
    if (call->word_count > 0) {
        err_set(err, ERR_USAGE, "lab new --wrong takes no id: the lab is named by --lab");
        err_set_cure(err, "%s new --wrong NAME --lab %s", cmd_program(), call->words[0]);
    } else if (!check_name(cmd_value(call, "wrong"), err)) {
        // said
    } else if (!path_is_folder(folder)) {
        err_set(err, ERR_USAGE, "--from is %s, and there is no such folder", folder);
        err_set_cure(err, "name the folder that has the solution with the bug in it");
    } else if (!cmd_has(call, "lab") && !in_workspace) {
        err_set(err, ERR_USAGE, "this is no workspace, so --lab must say of which lab it is");
        err_set_cure(err, "%s new --wrong %s --lab LAB", cmd_program(), cmd_value(call, "wrong"));
    } else if (courses_find(&courses, err)) {
        context_know_workspace(&courses, folder);
        lab =
            lab_load(&courses, cmd_has(call, "lab") ? cmd_value(call, "lab") : workspace.lab, err);
    }
    if (lab != NULL)
        make_wrong(call, lab, in_workspace ? workspace.folder : folder, err);
    err_release(&outside);
    lab_free(lab);
    if (in_workspace)
        workspace_release(&workspace);
    courses_release(&courses);
}
