// SPDX-License-Identifier: MIT
// lab allow: a course that is not part of lab may run its graders.
#include <stdio.h>

#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "render/render.h"

static int run_allow(const struct cmd_call *call, struct err *err)
{
    const char *named = call->word_count > 0 ? call->words[0] : NULL;
    bool is_folder = named == NULL || path_is_folder(named);
    auto_free char *root =
        named == NULL ? course_around() : (is_folder ? path_real(named, err) : NULL);
    auto_free char *labs = root != NULL ? path_join(root, "labs") : NULL;
    if (err->kind != ERR_NONE)
        return 0;
    if (labs == NULL || !path_is_folder(labs)) {
        if (!is_folder)
            err_set(err, ERR_USAGE, "%s is no folder", named);
        else if (root != NULL)
            err_set(err, ERR_USAGE, "%s is no course: it has no folder labs/", root);
        else
            err_set(err, ERR_USAGE, "this folder lies in no course");
        err_set_cure(err, "name the folder that holds labs/ and graders/: %s allow DIR",
                     cmd_program());
        return 0;
    }
    if (!course_allow(root, err))
        return 0;
    const struct screen screen = screen_for(stdout, NULL);
    screen_say(&screen, "%s may run its graders", root);
    return 0;
}

const struct cmd cmd_allow = {
    .name = "allow",
    .arguments = "[DIR]",
    .summary = "let a course of others run its graders",
    .help = "The graders of a course that is not part of lab are programs that run with your\n"
            "rights. This writes down that you trust the course in the folder DIR (default:\n"
            "the one that the current folder lies in). On a terminal the first use asks.",
    .most_words = 1,
    .run = run_allow,
};
