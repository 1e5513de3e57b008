// SPDX-License-Identifier: MIT
// lab new: a new lab; new_wrong.c makes wrong programs.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/new_wrong.h"
#include "course/format.h"
#include "render/render.h"
#include "scaffold/scaffold.h"

enum {
    ORDER_STEP = 10,
    ORDER_MOST = 1000,
};

// "tcp-echo" is called "Tcp echo" until its author thinks of something; the caller frees it.
static char *title_for(const char *id)
{
    char *title = mem_copy_string(id);
    title[0] = (char)toupper((unsigned char)title[0]);
    for (char *c = title; *c != '\0'; c++)
        if (*c == '-')
            *c = ' ';
    return title;
}

static bool choose_kind(const char *typed, struct err *err)
{
    for (size_t i = 0; typed != NULL && lab_kinds[i] != NULL; i++)
        if (strcmp(lab_kinds[i], typed) == 0)
            return true;
    if (typed != NULL)
        err_set(err, ERR_USAGE, "--kind is %s, and takes server, client or tool", typed);
    else
        err_set(err, ERR_USAGE, "a new lab needs --kind: server, client or tool");
    err_set_cure(err, "a server listens on a port; a client is run and connects to one; a tool is "
                      "run and prints");
    return false;
}

// The stage's title; borrowed from the roadmap.
static const char *choose_stage(const struct roadmap *roadmap, const char *typed, struct err *err)
{
    auto_free const char **ids = mem_alloc_array(roadmap->count, sizeof *ids);
    auto_str struct str names = STR_INIT;
    for (size_t i = 0; i < roadmap->count; i++) {
        ids[i] = roadmap->stages[i].id;
        if (typed != NULL && strcmp(ids[i], typed) == 0)
            return roadmap->stages[i].title;
        str_append_format(&names, "%s%s", i > 0 ? ", " : "", ids[i]);
    }
    const char *meant = typed != NULL ? text_suggest(typed, ids, roadmap->count) : NULL;
    if (typed == NULL)
        err_set(err, ERR_USAGE, "a new lab needs --stage: %s", str_text(&names));
    else
        err_set(err, ERR_USAGE, "there is no stage \"%s\"; there are %s", typed, str_text(&names));
    if (meant != NULL)
        err_set_cure(err, "did you mean \"%s\"?", meant);
    else
        err_set_cure(err, "stages of a course's own stand in its labs/roadmap.json");
    return NULL;
}

static bool is_new(const struct courses *courses, const char *id, struct err *err)
{
    auto_free char *folder = courses_lab_folder(courses, id);
    if (folder == NULL)
        return true;
    err_set(err, ERR_USAGE, "there is a lab \"%s\": %s", id, folder);
    err_set_cure(err, "choose another id; nothing was written");
    return false;
}

static void tell_lab(const struct scaffold *lab, bool fresh)
{
    const struct screen screen = screen_for(stdout, NULL);
    if (fresh) {
        screen_say(&screen, "this folder is a course now: labs/roadmap.json has its stages");
        printf("\n");
    }
    screen_say(&screen, "labs/%s/lab.json   title, steps, points", lab->id);
    screen_say(&screen, "labs/%s/lesson.md  what a learner reads, with the hints", lab->id);
    screen_say(&screen, "labs/%s/stub/      what a learner begins with", lab->id);
    screen_say(&screen, "labs/%s/solution/  a program that does it all", lab->id);
    screen_say(&screen, "labs/%s/wrong/     the solution with one bug each", lab->id);
    screen_say(&screen, "graders/%s.c       the grader, a check for each step", lab->id);
    printf("\n");
    screen_command(&screen, "prove it  ", "%s validate %s", cmd_program(), lab->id);
    screen_command(&screen, "try it    ", "%s start %s", cmd_program(), lab->id);
    if (fresh) {
        auto_str struct str root = STR_INIT;
        text_append_shell_word(&root, lab->course);
        screen_say(&screen, "lab knows this course wherever you are in it, and elsewhere with");
        screen_command(&screen, "          ", "export LAB_PATH=%s", str_text(&root));
    }
}

// In the course around the current folder, else the folder becomes one.
static void write_lab(const struct cmd_call *call, const struct courses *courses,
                      const struct roadmap *roadmap, struct err *err)
{
    const char *id = call->words[0];
    auto_free char *own_title = id[0] != '\0' ? title_for(id) : NULL;
    struct scaffold lab = {.id = id,
                           .title = cmd_has(call, "title") ? cmd_value(call, "title") : own_title,
                           .stage = cmd_value(call, "stage"),
                           .kind = cmd_value(call, "kind")};
    const char *stage_title = NULL;
    if (!scaffold_check_names(id, lab.title != NULL ? lab.title : "", err) ||
        !choose_kind(lab.kind, err) ||
        (stage_title = choose_stage(roadmap, lab.stage, err)) == NULL || !is_new(courses, id, err))
        return;
    int last = courses_last_order(courses, lab.stage);
    int next = (last / ORDER_STEP + 1) * ORDER_STEP; // room for labs that come between
    lab.order = next < ORDER_MOST ? next : ORDER_MOST;
    auto_free char *around = course_around();
    auto_free char *here = path_real(".", err);
    if (here == NULL ||
        (around == NULL && !scaffold_course(courses->roots.items[0], lab.stage, stage_title, err)))
        return;
    lab.course = around != NULL ? around : here;
    // A course that begins here is its author's own.
    if (scaffold_lab(&lab, err) && (around != NULL || course_allow(here, err)))
        tell_lab(&lab, around == NULL);
}

static void new_lab(const struct cmd_call *call, struct err *err)
{
    struct courses courses = {STRINGS_INIT, NULL};
    struct roadmap roadmap = {NULL, 0};
    if (call->word_count == 0) {
        err_set(err, ERR_USAGE, "lab new needs the id of a lab, or --wrong NAME");
        err_set_cure(err, "%s new my-server --kind server --stage internet", cmd_program());
    } else if (courses_find(&courses, err) && roadmap_load(&courses, &roadmap, err)) {
        write_lab(call, &courses, &roadmap, err);
    }
    roadmap_release(&roadmap);
    courses_release(&courses);
}

static int run_new(const struct cmd_call *call, struct err *err)
{
    static const char *const of_wrong[] = {"lab", "from", "bug", "breaks"};
    static const char *const of_lab[] = {"kind", "stage", "title"};
    bool wrong = cmd_has(call, "wrong");
    const char *const *others = wrong ? of_lab : of_wrong;
    size_t count = wrong ? sizeof of_lab / sizeof *of_lab : sizeof of_wrong / sizeof *of_wrong;
    for (size_t i = 0; i < count; i++)
        if (cmd_has(call, others[i])) {
            err_set(err, ERR_USAGE, "--%s is for a new %s", others[i],
                    wrong ? "lab, and --wrong makes none" : "wrong program: --wrong NAME");
            err_set_cure(err, "%s new --help says more", cmd_program());
            return 0;
        }
    if (wrong)
        new_wrong(call, err);
    else
        new_lab(call, err);
    return 0;
}

static const struct cmd_option options[] = {
    {0, "kind", "KIND", "of the program: server, client or tool"},
    {0, "stage", "STAGE", "of the roadmap that the lab belongs to"},
    {0, "title", "TITLE", "what it is called; made of the id when left out"},
    {0, "wrong", "NAME", "make labs/LAB/wrong/NAME.patch instead"},
    {0, "lab", "LAB", "the wrong program's lab (default: the workspace's)"},
    {0, "from", "DIR", "the edited solution (default: this folder)"},
    {0, "bug", "TEXT", "the bug in one sentence; asked for when left out"},
    {0, "breaks", "CHECKS", "checks that must fail, the one it is for first"},
};

const struct cmd cmd_new = {
    .name = "new",
    .arguments = "[ID]",
    .summary = "write a new lab, or a wrong program of one",
    .help = "Writes a lab that `lab validate` passes as it is: lesson, stub, solution, a\n"
            "grader with two checks, a wrong program for each. It goes into the course that\n"
            "the current folder lies in; an empty folder becomes a course. Nothing is ever\n"
            "overwritten.\n\n"
            "With --wrong: the folder holds the lab's solution with one bug put in, at most\n"
            "five lines in one place. The grader runs on it, and the patch, with a head that\n"
            "says what it breaks, is written to labs/LAB/wrong.",
    .most_words = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_new,
    .for_instructors = true,
};
