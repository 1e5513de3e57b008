// SPDX-License-Identifier: MIT
// Pages: what another command of lab prints, shown in place of the report.
#include "watch/page.h"

#include <string.h>
#include <unistd.h>

static const char *const commands[] = {
    [PAGE_NONE] = NULL,     [PAGE_HINT] = "hint", [PAGE_LESSON] = "lesson",
    [PAGE_TRACE] = "trace", [PAGE_NEXT] = "next",
};

const char *page_title(enum watch_page page)
{
    return commands[page];
}

static const char *failed_step(const struct watch_view *view)
{
    if (view->attempt == NULL)
        return NULL;
    const struct step_result *step = attempt_first_failure(view->attempt);
    return step != NULL ? step->step->id : NULL;
}

// Its output is no terminal: the width and whether it may have colours are told to it.
static void make_environment(const struct watch_view *view, struct strings *out)
{
    static const char *const ours[] = {"COLUMNS=", "PWD="};
    for (char **variable = environ; *variable != NULL; variable++) {
        bool mine = false;
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            mine = mine || str_starts_with(*variable, ours[i]);
        if (!mine)
            strings_add(out, *variable);
    }
    strings_add_format(out, "COLUMNS=%d", view->width);
}

bool page_begin(struct worker *worker, enum watch_page page, const struct watch_view *view,
                const char *folder, struct err *err)
{
    auto_strings struct strings arguments = STRINGS_INIT;
    auto_strings struct strings environment = STRINGS_INIT;
    const char *step = page == PAGE_NEXT ? NULL : failed_step(view);
    strings_add(&arguments, "lab");
    strings_add(&arguments, commands[page]);
    if (page != PAGE_NEXT)
        strings_add_format(&arguments, "--color=%s", view->colour ? "always" : "never");
    if (step != NULL)
        strings_add(&arguments, step);
    make_environment(view, &environment);
    return worker_execute(worker, folder, (const char *const *)arguments.items,
                          (const char *const *)environment.items, err);
}

// Bytes of a sequence that changes the style, 0 for any other.
static size_t style_length(const char *text)
{
    if (text[0] != '\033' || text[1] != '[')
        return 0;
    size_t length = 2 + strspn(text + 2, "0123456789;");
    return text[length] == 'm' ? length + 1 : 0;
}

void page_append(struct str *out, const struct str *read)
{
    const char *text = str_text(read);
    for (size_t i = 0; i < read->length;) {
        size_t length = style_length(text + i);
        bool harmless = length > 0 || text[i] == '\n' || (unsigned char)text[i] >= 0x20;
        if (harmless)
            str_append_bytes(out, text + i, length > 0 ? length : 1);
        else
            str_append_char(out, text[i] == '\t' ? ' ' : '?');
        i += length > 0 ? length : 1;
    }
}
