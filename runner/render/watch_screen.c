// SPDX-License-Identifier: MIT
// The screen of `lab watch`: the steps, the first failure, a line that sums up, and the keys.
#include "render/watch_screen.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum { LEAST_ROWS = 3 }; // that a report is shown in, however small the terminal

struct key {
    const char *name, *does;
};
static const struct key report_keys[] = {
    {"h", "hint"},      {"l", "lesson"}, {"t", "trace"},
    {"r", "run again"}, {"n", "next"},   {"q", "quit"},
};
static const struct key page_keys[] = {{"q", "back"}, {"r", "run again"}};
static const struct key more_key = {"space", "more"};

// ---------------------------------------------------------------- lines

static bool is_trouble(const struct step_result *step)
{
    return step->status == CHECK_FAILED || step->status == CHECK_BROKEN;
}

// Bytes of a sequence that changes the style, 0 for anything else.
static size_t style_length(const char *text)
{
    if (text[0] != '\033' || text[1] != '[')
        return 0;
    size_t length = 2 + strspn(text + 2, "0123456789;");
    return text[length] == 'm' ? length + 1 : 0;
}

// Adds one line, or several where it is wider than the screen; a style that is open at its end is
// closed there.
static void add_fitted(struct strings *out, const char *line, size_t length, int width)
{
    auto_str struct str part = STR_INIT;
    size_t column = 0;
    for (size_t i = 0; i < length;) {
        size_t step = style_length(line + i);
        char character[8] = {0};
        size_t columns = 0;
        if (step == 0) {
            step = character_length(line + i);
            memcpy(character, line + i, step);
            columns = text_width(character);
        }
        if (column + columns > (size_t)width) {
            strings_add(out, str_text(&part));
            str_clear(&part);
            column = 0;
        }
        str_append_bytes(&part, line + i, step);
        column += columns;
        i += step;
    }
    strings_add(out, str_text(&part));
}

static void add_text(struct strings *out, const char *text, int width)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        add_fitted(out, text, length, width);
        text += length + (text[length] == '\n');
    }
}

static struct screen memory_screen(const struct watch_view *view, char **text, size_t *length)
{
    FILE *file = open_memstream(text, length);
    if (file == NULL)
        abort();
    return (struct screen){.out = file, .colour = view->colour, .width = view->width};
}

static void take_lines(struct screen *screen, struct strings *out, char *const *text, int width)
{
    fclose(screen->out);
    add_text(out, *text, width);
    free(*text);
}

// ---------------------------------------------------------------- the steps

// Those that pass in front of the first that does not.
static size_t passing(const struct attempt *attempt)
{
    size_t count = 0;
    while (count < attempt->step_count && attempt->steps[count].status == CHECK_PASSED)
        count++;
    return count;
}

static void print_rest(const struct screen *screen, const struct attempt *attempt, size_t from,
                       const struct report_options *options)
{
    bool known = false;
    for (size_t i = from; i < attempt->step_count; i++)
        known = known || attempt->steps[i].status != CHECK_NOT_RUN;
    if (known)
        print_remaining_steps(screen, attempt, from, options);
}

static void print_steps(const struct screen *screen, const struct attempt *attempt,
                        const struct report_options *options, bool folded)
{
    render_compile_line(screen, attempt, options);
    size_t passed = passing(attempt);
    if (folded && passed > 1)
        print_passed_steps(screen, attempt, 0, passed);
    for (size_t i = folded && passed > 1 ? passed : 0; i < attempt->step_count; i++) {
        const struct step_result *step = &attempt->steps[i];
        if (step->status != CHECK_NOT_RUN)
            render_step_line(screen, attempt, step);
        if (is_trouble(step)) {
            print_rest(screen, attempt, i + 1, options);
            return;
        }
    }
}

static void add_steps(const struct watch_view *view, const struct report_options *options,
                      bool folded, struct strings *out)
{
    char *text = NULL;
    size_t length = 0;
    struct screen screen = memory_screen(view, &text, &length);
    print_steps(&screen, view->attempt, options, folded);
    take_lines(&screen, out, &text, view->width);
}

// ---------------------------------------------------------------- what is wrong

static void print_body(const struct watch_view *view, const struct screen *screen,
                       const struct report_options *options)
{
    const struct attempt *attempt = view->attempt;
    if (view->fault != NULL && view->fault->kind != ERR_NONE) {
        print_labelled(screen, STYLE_BAD, "error", "%s", view->fault->message);
        if (view->fault->cure != NULL)
            print_labelled(screen, STYLE_STRONG, "help", "%s", view->fault->cure);
    } else if (attempt != NULL) {
        bool failed = !attempt->build.ok || attempt->broken_reason != NULL ||
                      attempt_first_failure(attempt) != NULL;
        if (failed || view->phase == WATCH_DONE)
            render_attempt(screen, attempt, options);
    }
    for (size_t i = 0; view->notes != NULL && i < view->notes->count; i++)
        print_labelled(screen, STYLE_STRONG, "note", "%s", view->notes->items[i]);
}

static void add_body(const struct watch_view *view, const struct report_options *options,
                     struct strings *out)
{
    char *text = NULL;
    size_t length = 0;
    struct screen screen = memory_screen(view, &text, &length);
    print_body(view, &screen, options);
    take_lines(&screen, out, &text, view->width);
}

// Everything above the footer; steps that pass are folded into one line where room is short.
static void add_report(const struct watch_view *view, size_t rows, struct strings *out)
{
    const struct report_options options = {.command = view->command,
                                           .watching = true,
                                           .hints_shown = view->hints_shown,
                                           .hints_total = view->hints_total};
    bool known = view->attempt != NULL && (view->fault == NULL || view->fault->kind == ERR_NONE) &&
                 view->attempt->broken_reason == NULL;
    auto_strings struct strings body = STRINGS_INIT;
    add_body(view, &options, &body);
    if (known)
        add_steps(view, &options, false, out);
    if (known && out->count + body.count > rows) {
        strings_release(out);
        *out = (struct strings)STRINGS_INIT;
        add_steps(view, &options, true, out);
    }
    for (size_t i = 0; i < body.count; i++)
        strings_add(out, body.items[i]);
}

// ---------------------------------------------------------------- the footer

// On a line of its own where it does not fit: it stays whole.
static void append_number(const struct watch_view *view, struct str *out)
{
    auto_free char *number = str_format("attempt %lld", view->number);
    if (view->number <= 0)
        return;
    bool fits = marked_width(str_text(out)) + 3 + strlen(number) <= (size_t)view->width;
    str_append_format(out, "%s%s", fits ? "   " : "\n", number);
}

// Without the lab's name where it does not fit: whoever watches knows it.
static void append_sum(const struct watch_view *view, struct str *out)
{
    auto_str struct str sum = STR_INIT;
    sum_append(&sum, view->attempt);
    bool fits = marked_width(str_text(out)) + sum.length <= (size_t)view->width;
    str_append(out, str_text(&sum) + (fits ? 0 : strlen(view->lab->id) + 2));
}

static void append_state(const struct watch_view *view, struct str *out)
{
    const struct attempt *attempt = view->attempt;
    const char *id = view->lab->id;
    if (view->page_title != NULL) {
        str_append_format(out, "%c%s%c  %s", MARK(STYLE_STRONG), view->page_title,
                          MARK(STYLE_PLAIN), id);
    } else if (view->phase == WATCH_DONE && view->fault != NULL && view->fault->kind != ERR_NONE) {
        str_append_format(out, "%cERROR%c  %s  not checked", MARK(STYLE_BAD), MARK(STYLE_PLAIN),
                          id);
    } else if (view->phase == WATCH_COMPILING) {
        str_append_format(out, "%s  compiling", id);
    } else if (view->phase == WATCH_CHECKING && view->total > 0) {
        str_append_format(out, "%s  checking: %zu of %zu checks", id, view->done, view->total);
    } else if (view->phase == WATCH_CHECKING || attempt == NULL) {
        str_append_format(out, "%s  checking", id);
    } else if (view->phase == WATCH_EXPLAINING) {
        str_append_format(out, "%s  looking for the line", id);
    } else {
        int status = attempt_exit_status(attempt);
        const char *word = status == 0 ? "PASS" : status == 1 ? "FAIL" : "BROKEN";
        str_append_format(out, "%c%s%c  ", MARK(status == 0 ? STYLE_GOOD : STYLE_BAD), word,
                          MARK(STYLE_PLAIN));
        if (attempt->build.ok && attempt->broken_reason == NULL)
            append_sum(view, out);
        else
            str_append_format(out, "%s  %s", id,
                              attempt->build.ok ? "the lab is broken" : "does not compile");
        append_number(view, out);
    }
}

// Keys wrap between each other, never inside.
static void append_keys(struct str *out, const struct watch_view *view, bool more)
{
    const struct screen screen = {.colour = view->colour, .width = view->width};
    const struct key *keys = view->page_title != NULL ? page_keys : report_keys;
    size_t count = view->page_title != NULL ? sizeof page_keys / sizeof *page_keys
                                            : sizeof report_keys / sizeof *report_keys;
    size_t column = 0;
    for (size_t i = more ? 0 : 1; i < count + 1; i++) {
        const struct key *key = i == 0 ? &more_key : &keys[i - 1];
        size_t width = strlen(key->name) + 1 + strlen(key->does);
        if (column > 0 && column + 2 + width > (size_t)view->width) {
            str_append_char(out, '\n');
            column = 0;
        }
        blanks_append(out, column > 0 ? 2 : 0);
        column += width + (column > 0 ? 2 : 0);
        style_append(out, &screen, STYLE_STRONG);
        str_append(out, key->name);
        style_append(out, &screen, STYLE_PLAIN);
        str_append_format(out, " %s", key->does);
    }
    str_append_char(out, '\n');
}

void render_watch_keys(const struct screen *screen)
{
    const struct watch_view view = {.colour = screen->colour, .width = screen->width};
    auto_str struct str keys = STR_INIT;
    append_keys(&keys, &view, false);
    fputs(str_text(&keys), screen->out);
}

void render_watch_sum(const struct screen *screen, const struct attempt *attempt,
                      const char *command)
{
    const struct watch_view view = {
        .lab = attempt->lab, .attempt = attempt, .phase = WATCH_DONE, .width = screen->width};
    auto_str struct str state = STR_INIT;
    append_state(&view, &state);
    print_wrapped(screen, "", "      ", str_text(&state));
    print_labelled(screen, STYLE_STRONG, "next", "%s %s", command,
                   attempt_exit_status(attempt) == 0 ? "next" : "watch");
}

static void add_footer(const struct watch_view *view, bool more, struct strings *out)
{
    const struct screen screen = {.colour = view->colour, .width = view->width};
    auto_str struct str state = STR_INIT;
    auto_str struct str text = STR_INIT;
    append_state(view, &state);
    wrap_append(&text, &screen, "", "      ", str_text(&state));
    append_keys(&text, view, more);
    add_text(out, str_text(&text), view->width);
}

// ---------------------------------------------------------------- the whole

// A terminal that is too small for both shows the beginning of the footer's end: the keys last.
static size_t room(const struct watch_view *view, const struct strings *footer)
{
    size_t height = (size_t)view->height;
    if (footer->count + LEAST_ROWS <= height)
        return height - footer->count;
    return height > LEAST_ROWS ? LEAST_ROWS : height;
}

static void add_main(const struct watch_view *view, size_t rows, struct strings *out)
{
    if (view->page_title != NULL)
        add_text(out, view->page != NULL ? view->page : "", view->width);
    else
        add_report(view, rows, out);
}

void render_watch(const struct watch_view *view, struct strings *out, size_t *out_most_scroll,
                  size_t *out_rows)
{
    auto_strings struct strings text = STRINGS_INIT;
    auto_strings struct strings footer = STRINGS_INIT;
    struct watch_view clamped = *view;
    clamped.width = view->width < 1 ? 1 : view->width;
    clamped.height = view->height < 1 ? 1 : view->height;
    add_footer(&clamped, true, &footer); // as tall as it gets
    size_t rows = room(&clamped, &footer);
    add_main(&clamped, rows, &text);
    size_t most = text.count > rows ? text.count - rows : 0;
    size_t from = view->scroll < most ? view->scroll : most;
    if (from == most) { // nothing more below
        strings_release(&footer);
        footer = (struct strings)STRINGS_INIT;
        add_footer(&clamped, false, &footer);
        rows = room(&clamped, &footer);
    }
    for (size_t i = 0; i < rows; i++)
        strings_add(out, from + i < text.count ? text.items[from + i] : "");
    for (size_t i = 0; out->count < (size_t)clamped.height; i++)
        strings_add(out, i < footer.count ? footer.items[i] : "");
    *out_most_scroll = most;
    *out_rows = rows;
}
