// SPDX-License-Identifier: MIT
/*
 * report.html: the class at a glance. One file, no script, nothing from elsewhere; it is as
 * readable on paper, without colours, and to who hears it: each mark has a word.
 */
#include <stdlib.h>
#include <string.h>

#include "render/class.h"
#include "render/class_parts.h"
#include "render/parts.h"

enum { HARDEST = 15 };

static const char style[] =
    ":root{color-scheme:light dark;--ground:#fbfbfa;--card:#fff;--text:#1d2125;--soft:#59626b;"
    "--line:#dfe3e6;--good:#1a7f4b;--good-bg:#e2f4ea;--bad:#b3261e;--bad-bg:#fbe7e5;"
    "--warn:#8a5a00;--warn-bg:#fdf1d7;--bar:#3d6fb6;--bar-bg:#e6ebf2}\n"
    "@media(prefers-color-scheme:dark){:root{--ground:#14171a;--card:#1c2024;--text:#e6e9ec;"
    "--soft:#a3adb7;--line:#333a41;--good:#6fd39c;--good-bg:#163526;--bad:#ff9d94;"
    "--bad-bg:#43201d;--warn:#f0c063;--warn-bg:#3b2d0f;--bar:#7aa7e8;--bar-bg:#2a3340}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--ground);color:var(--text);"
    "font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif}\n"
    "main{max-width:74rem;margin:0 auto;padding:2rem 1.25rem 4rem}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:0 0 .25rem}\n"
    "h2{font-size:1.15rem;margin:2.5rem 0 .25rem}\n"
    "p{margin:.25rem 0 .75rem}.soft{color:var(--soft)}\n"
    "code{font:.875em/1.4 ui-monospace,\"DejaVu Sans Mono\",monospace;overflow-wrap:anywhere}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;"
    "margin:1.5rem 0;padding:0}\n"
    ".tiles div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;"
    "padding:.75rem 1rem}\n"
    ".tiles dt{color:var(--soft);font-size:.875rem}"
    ".tiles dd{margin:0;font-size:1.6rem;font-weight:600;font-variant-numeric:tabular-nums}\n"
    ".box{background:var(--card);border:1px solid var(--line);border-radius:.5rem;"
    "overflow-x:auto}\n"
    ".box:focus-visible{outline:3px solid var(--bar)}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:start;padding:.45rem .75rem;border-bottom:1px solid var(--line);"
    "vertical-align:top}\n"
    "tr:last-child>th,tr:last-child>td{border-bottom:0}\n"
    "thead th{color:var(--soft);font-size:.8125rem;font-weight:600;white-space:nowrap}\n"
    "tbody th{font-weight:500;overflow-wrap:anywhere;min-width:9rem}\n"
    ".n{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".bar{display:block;width:12rem;max-width:100%;height:.75rem;margin-top:.35rem;"
    "border-radius:.375rem;background:var(--bar-bg);overflow:hidden;"
    "print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
    ".bar i{display:block;height:100%;background:var(--bar)}.bar.bad i{background:var(--bad)}\n"
    ".names{display:flex;flex-wrap:wrap;gap:.25rem .4rem;margin:.25rem 0 0;padding:0;"
    "list-style:none;font-size:.875rem}\n"
    ".names li{background:var(--bar-bg);border-radius:.3rem;padding:.05rem .45rem;"
    "overflow-wrap:anywhere}\n"
    "summary{cursor:pointer}summary:focus-visible{outline:3px solid var(--bar)}\n"
    ".m{text-align:center;padding:.45rem .3rem;font-weight:700;min-width:2rem}\n"
    ".passed{color:var(--good);background:var(--good-bg)}"
    ".failed{color:var(--bad);background:var(--bad-bg)}"
    ".broken{color:var(--warn);background:var(--warn-bg)}.not_run{color:var(--soft)}\n"
    ".why{display:block;color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}\n"
    "a{color:inherit;text-decoration-color:var(--soft);text-underline-offset:.2em}"
    "a:hover{text-decoration-color:currentColor}a:focus-visible{outline:3px solid var(--bar)}\n"
    ".sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);"
    "white-space:nowrap}\n"
    ".names{min-width:14rem}\n"
    "@media(max-width:40rem){main{padding:1.25rem .75rem 3rem}.bar{width:6rem}"
    "th,td{padding:.4rem .5rem}}\n"
    "@media print{main{max-width:none;padding:0}.box{overflow:visible}"
    "details>*{display:block}}\n";

static void add_escaped(struct str *out, const char *text)
{
    auto_free char *safe = visible(text);
    for (const char *c = safe; *c != '\0'; c++) {
        if (*c == '&')
            str_append(out, "&amp;");
        else if (*c == '<')
            str_append(out, "&lt;");
        else if (*c == '>')
            str_append(out, "&gt;");
        else if (*c == '"')
            str_append(out, "&quot;");
        else
            str_append_char(out, *c);
    }
}

// A name may be written from right to left, or hold the marks that turn what follows it round.
static void add_name(struct str *out, const char *name)
{
    str_append(out, "<bdi>");
    add_escaped(out, name);
    str_append(out, "</bdi>");
}

static void add_element(struct str *out, const char *element, const char *text)
{
    str_append_format(out, "<%s>", element);
    add_escaped(out, text);
    str_append_format(out, "</%s>", element);
}

static void add_bar(struct str *out, size_t part, size_t whole, bool bad)
{
    str_append_format(out,
                      "<span class=\"bar%s\" aria-hidden=\"true\"><i style=\"width:%zu%%\"></i>"
                      "</span>",
                      bad ? " bad" : "", whole > 0 ? 100 * part / whole : 0);
}

// ---------------------------------------------------------------- head

// The levels of the sandbox: one, unless the machine has changed.
static void add_levels(struct str *out, const struct class_view *view)
{
    auto_strings struct strings levels = STRINGS_INIT;
    for (size_t i = 0; i < view->count; i++)
        if (view->rows[i].sandbox != NULL && !strings_have(&levels, view->rows[i].sandbox))
            strings_add(&levels, view->rows[i].sandbox);
    for (size_t i = 0; i < levels.count; i++) {
        str_append(out, i == 0 ? ", sandbox " : " and ");
        add_element(out, "code", levels.items[i]);
    }
}

static void add_head(struct str *out, const struct class_view *view)
{
    str_append(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" "
                    "content=\"default-src 'none';style-src 'unsafe-inline'\">\n"
                    "<meta name=\"referrer\" content=\"no-referrer\">\n");
    auto_free char *title = str_format("%s: %zu submissions", view->lab->id, view->count);
    add_element(out, "title", title);
    str_append_format(out, "\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>\n", style);
    add_element(out, "h1", view->lab->title);
    str_append(out, "\n<p class=\"soft\">");
    add_element(out, "code", view->lab->id);
    str_append(out, " graded ");
    auto_free char *graded = mem_copy_string(view->graded);
    if (strlen(graded) >= 16) // 2026-11-30T18:55:25Z, read by people
        graded[10] = ' ', graded[16] = '\0';
    add_escaped(out, graded);
    str_append_format(out, " UTC by lab " LAB_VERSION ", seed %llu, version of the lab ",
                      (unsigned long long)view->seed);
    add_element(out, "code", view->lab->version != NULL ? view->lab->version : "unknown");
    add_levels(out, view);
    str_append(out, "</p>\n</header>\n");
}

static void add_tile(struct str *out, const char *what, const char *value)
{
    str_append(out, "<div>");
    add_element(out, "dt", what);
    add_element(out, "dd", value);
    str_append(out, "</div>\n");
}

static void add_count_tile(struct str *out, const char *what, size_t count)
{
    auto_free char *text = str_format("%zu", count);
    add_tile(out, what, text);
}

static void add_tiles(struct str *out, const struct class_view *view)
{
    const struct class_sum sum = class_sum(view);
    str_append(out, "<dl class=\"tiles\">\n");
    add_count_tile(out, "submissions", view->count);
    add_count_tile(out, "with all points", sum.passed);
    auto_free char *median = str_format("%d / %d", sum.median, view->max_points);
    if (sum.graded > 0)
        add_tile(out, "median of points", median);
    if (sum.uncompiled > 0)
        add_count_tile(out, "do not compile", sum.uncompiled);
    if (sum.refused > 0)
        add_count_tile(out, "refused", sum.refused);
    if (sum.broken > 0)
        add_count_tile(out, "broken, to be looked at", sum.broken);
    if (sum.open > 0)
        add_count_tile(out, "not graded yet", sum.open);
    str_append(out, "</dl>\n");
}

// A table in a box that scrolls when it is wide, by the keyboard too.
static void begin_section(struct str *out, const char *id, const char *heading, const char *says)
{
    str_append_format(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id, id);
    add_escaped(out, heading);
    str_append(out, "</h2>\n<p class=\"soft\">");
    add_escaped(out, says);
    str_append(out, "</p>\n");
}

static void end_section(struct str *out)
{
    str_append(out, "</section>\n");
}

static void begin_table(struct str *out, const char *id, const char *heading, const char *says,
                        const char *head)
{
    begin_section(out, id, heading, says);
    str_append_format(out,
                      "<div class=\"box\" tabindex=\"0\" role=\"region\" "
                      "aria-labelledby=\"%s\">\n<table>\n<thead>\n<tr>%s</tr>\n</thead>\n<tbody>\n",
                      id, head);
}

static void end_table(struct str *out)
{
    str_append(out, "</tbody>\n</table>\n</div>\n");
    end_section(out);
}

// ---------------------------------------------------------------- steps

static void add_names_at(struct str *out, const struct class_view *view, size_t step)
{
    size_t here = class_at_step(view, step);
    if (here == 0) {
        str_append(out, "<span class=\"soft\">nobody</span>");
        return;
    }
    str_append_format(out, "<details%s><summary>%zu here</summary>\n<ul class=\"names\">",
                      here <= 12 ? " open" : "", here);
    for (size_t i = 0; i < view->count; i++) {
        const struct class_row *row = &view->rows[i];
        if (row->status != CLASS_GRADED || row->steps_passed != step)
            continue;
        str_append(out, "<li>");
        add_name(out, row->name);
        str_append(out, "</li>");
    }
    str_append(out, "</ul></details>");
}

static void add_steps(struct str *out, const struct class_view *view)
{
    const struct class_sum sum = class_sum(view);
    begin_table(out, "steps", "Who is at which step",
                "Each submission stands at its first step that is not passed.",
                "<th scope=\"col\" class=\"n\">step</th><th scope=\"col\">what it asks</th>"
                "<th scope=\"col\">passed by</th><th scope=\"col\">at this step</th>");
    for (size_t step = 0; step < view->lab->step_count; step++) {
        const struct step *asked = &view->lab->steps[step];
        size_t passed = class_passed_step(view, step);
        str_append_format(out, "<tr><td class=\"n\">%zu</td><th scope=\"row\">", step + 1);
        add_element(out, "code", asked->id);
        str_append(out, "<span class=\"why\">");
        add_escaped(out, asked->title);
        str_append_format(out, "</span></th><td>%zu of %zu", passed, sum.graded);
        add_bar(out, passed, sum.graded, false);
        str_append(out, "</td><td>");
        add_names_at(out, view, step);
        str_append(out, "</td></tr>\n");
    }
    str_append(out,
               "<tr><td class=\"n\"></td><th scope=\"row\">all steps passed</th><td></td><td>");
    add_names_at(out, view, view->lab->step_count);
    str_append(out, "</td></tr>\n");
    end_table(out);
}

// ---------------------------------------------------------------- checks

static void add_checks(struct str *out, const struct class_view *view)
{
    struct class_failures *hardest = NULL;
    size_t count = class_hardest(view, &hardest);
    if (count > 0) {
        begin_table(out, "checks", "Which checks fail most",
                    "Of the programs that compile. What many fail is worth a word to all.",
                    "<th scope=\"col\">check</th><th scope=\"col\">fails in</th>");
        for (size_t i = 0; i < count && i < HARDEST; i++) {
            str_append(out, "<tr><th scope=\"row\">");
            add_escaped(out, view->titles.items[hardest[i].check]);
            str_append(out, "<span class=\"why\">");
            add_element(out, "code", view->checks.items[hardest[i].check]);
            str_append_format(out, "</span></th><td>%zu of %zu", hardest[i].failed, hardest[i].run);
            add_bar(out, hardest[i].failed, hardest[i].run, true);
            str_append(out, "</td></tr>\n");
        }
        end_table(out);
    }
    free(hardest);
}

// ---------------------------------------------------------------- submissions

static void add_mark(struct str *out, enum check_status status)
{
    static const char *const marks[] = {[CHECK_NOT_RUN] = "&ndash;",
                                        [CHECK_PASSED] = "&#10003;",
                                        [CHECK_FAILED] = "&#10007;",
                                        [CHECK_BROKEN] = "!"};
    static const char *const words[] = {[CHECK_NOT_RUN] = "not run",
                                        [CHECK_PASSED] = "passed",
                                        [CHECK_FAILED] = "failed",
                                        [CHECK_BROKEN] = "broken"};
    str_append_format(out,
                      "<td class=\"m %s\"><span aria-hidden=\"true\">%s</span>"
                      "<span class=\"sr\">%s</span></td>",
                      check_status_name(status), marks[status], words[status]);
}

static void add_why(struct str *out, const char *why)
{
    str_append(out, "<span class=\"why\">");
    add_escaped(out, why);
    str_append(out, "</span>");
}

// The file's name is written as a URL already; so its own % has to be written once more.
static void add_linked_name(struct str *out, const struct class_row *row)
{
    if (row->feedback != NULL)
        str_append(out, "<a href=\"feedback/");
    for (const char *c = row->feedback; c != NULL && *c != '\0'; c++)
        str_append_format(out, *c == '%' ? "%%25" : "%c", *c);
    if (row->feedback != NULL)
        str_append(out, "\">");
    add_name(out, row->name);
    if (row->feedback != NULL)
        str_append(out, "</a>");
}

static void add_row(struct str *out, const struct class_view *view, const struct class_row *row)
{
    bool has_points = row->status == CLASS_GRADED || row->status == CLASS_REFUSED;
    str_append(out, "<tr><th scope=\"row\">");
    add_linked_name(out, row);
    if (row->status != CLASS_GRADED)
        add_why(out, class_status_name(row->status));
    else if (!row->compiled)
        add_why(out, "does not compile");
    if (row->message != NULL)
        add_why(out, row->message);
    str_append(out, "</th><td class=\"n\">");
    if (has_points)
        str_append_format(out, "%d", row->points);
    else
        str_append(out, "<span class=\"soft\">none</span>");
    str_append(out, "</td>");
    for (size_t step = 0; step < view->lab->step_count; step++)
        add_mark(out, row->steps != NULL ? row->steps[step] : CHECK_NOT_RUN);
    str_append(out, "</tr>\n");
}

static void add_rows(struct str *out, const struct class_view *view)
{
    auto_str struct str head = STR_INIT;
    str_append(&head, "<th scope=\"col\">submission</th><th scope=\"col\" class=\"n\">points</th>");
    for (size_t step = 0; step < view->lab->step_count; step++) {
        str_append_format(&head, "<th scope=\"col\" class=\"m\" title=\"");
        add_escaped(&head, view->lab->steps[step].id);
        str_append_format(&head, "\"><span aria-hidden=\"true\">%zu</span><span class=\"sr\">",
                          step + 1);
        add_escaped(&head, view->lab->steps[step].id);
        str_append(&head, "</span></th>");
    }
    begin_table(out, "submissions", "Submissions",
                "A column a step: \xe2\x9c\x93 passed, \xe2\x9c\x97 failed, \xe2\x80\x93 not run, "
                "! broken. Below a name, the first thing that is wrong; behind it, all "
                "that the student is told.",
                str_text(&head));
    for (size_t i = 0; i < view->count; i++)
        add_row(out, view, &view->rows[i]);
    end_table(out);
}

// ---------------------------------------------------------------- apart

// Those that somebody has to look at.
static void add_listed(struct str *out, const struct class_view *view, enum class_status status,
                       const char *id, const char *heading, const char *says)
{
    bool begun = false;
    for (size_t i = 0; i < view->count; i++) {
        const struct class_row *row = &view->rows[i];
        if (row->status != status)
            continue;
        if (!begun)
            begin_table(out, id, heading, says,
                        "<th scope=\"col\">submission</th><th scope=\"col\">why</th>");
        begun = true;
        str_append(out, "<tr><th scope=\"row\">");
        add_name(out, row->name);
        str_append(out, "</th><td>");
        add_escaped(out, row->message != NULL ? row->message : "");
        str_append(out, "</td></tr>\n");
    }
    if (begun)
        end_table(out);
}

static void add_list(struct str *out, const char *label, const struct strings *names)
{
    if (names->count == 0)
        return;
    str_append_format(out, "<span class=\"why\">%s ", label);
    for (size_t i = 0; i < names->count; i++) {
        str_append(out, i > 0 ? ", " : "");
        add_element(out, "code", names->items[i]);
    }
    str_append(out, "</span>");
}

static void add_changes(struct str *out, const struct class_view *view)
{
    if (!view->has_before)
        return;
    static const char heading[] = "Changes since the grading before";
    if (view->change_count == 0) {
        begin_section(out, "changes", heading, "None. The results of that one are kept.");
        end_section(out);
        return;
    }
    begin_table(out, "changes", heading, "The results of that one are kept.",
                "<th scope=\"col\">submission</th><th scope=\"col\" class=\"n\">before</th>"
                "<th scope=\"col\" class=\"n\">now</th><th scope=\"col\">checks</th>");
    for (size_t i = 0; i < view->change_count; i++) {
        const struct class_change *change = &view->changes[i];
        str_append(out, "<tr><th scope=\"row\">");
        add_name(out, change->name);
        if (change->other_sources)
            add_why(out, "other sources were handed in");
        str_append_format(out, "</th><td class=\"n\">%d</td><td class=\"n\">%d</td><td>",
                          change->points_before, change->points_now);
        add_list(out, "passes now", &change->better);
        add_list(out, "fails now", &change->worse);
        str_append(out, "</td></tr>\n");
    }
    end_table(out);
}

char *render_class_page(const struct class_view *view)
{
    struct str out = STR_INIT;
    add_head(&out, view);
    add_tiles(&out, view);
    add_listed(&out, view, CLASS_BROKEN, "broken", "Broken",
               "The grader or the machine failed. No fault of the submission, and no points are "
               "lost: grade these again.");
    add_steps(&out, view);
    add_checks(&out, view);
    add_changes(&out, view);
    add_listed(&out, view, CLASS_REFUSED, "refused", "Refused",
               "No submission that can be graded: 0 points until another one is handed in.");
    add_rows(&out, view);
    str_append(&out, "</main>\n</body>\n</html>\n");
    return str_take(&out);
}
