// SPDX-License-Identifier: MIT
// lesson.md: one section a step, in the lab's order, each with its hints.
#include "course/lesson.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "course/headings.h"
#include "course/hint.h"

#define LESSON_MOST (4u << 20)

// One lesson being read.
struct reader {
    const struct lab *lab;
    const char *path;
    struct headings headings;
    struct lesson *lesson;
    struct err *err;
};

__attribute__((format(printf, 3, 4))) static bool fault(struct reader *reader, size_t line,
                                                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *message = str_format_list(format, arguments);
    va_end(arguments);
    err_set(reader->err, ERR_LAB, "%s:%zu: %s", reader->path, line, message);
    return false;
}

// ---- hints

// Numbered hints come first, in their order; the special ones behind them.
static void add_hint(struct lesson_section *section, struct lesson_hint hint)
{
    section->hints = mem_resize(section->hints, (section->hint_count + 1) * sizeof *section->hints);
    size_t place = section->hint_count;
    if (hint.check == NULL) {
        place = section->numbered++;
        memmove(section->hints + place + 1, section->hints + place,
                (section->hint_count - place) * sizeof *section->hints);
    }
    section->hints[place] = hint;
    section->hint_count++;
}

static bool same_special(const struct lesson_section *section, const struct hint_heading *hint)
{
    for (size_t i = section->numbered; i < section->hint_count; i++)
        if (str_equal(section->hints[i].check, hint->check) &&
            str_equal(section->hints[i].outcome, hint->outcome))
            return true;
    return false;
}

// Is a hint with this heading possible now?
static bool check_hint(struct reader *reader, const struct lesson_section *section,
                       const struct hint_heading *hint, const struct heading *heading)
{
    if (hint->check != NULL) {
        if (!same_special(section, hint))
            return true;
        fault(reader, heading->line, "a second \"%s\" in this section", heading->text);
        err_set_cure(reader->err, "join the two");
        return false;
    }
    if (hint->number == section->numbered + 1)
        return true;
    fault(reader, heading->line, "hint %zu of \"%s\", expected hint %zu", hint->number,
          section->step, section->numbered + 1);
    err_set_cure(reader->err, "number the hints of a step 1, 2, 3");
    return false;
}

// Reads the hint that heading `at` begins; its text goes on to line `end`.
static bool read_hint(struct reader *reader, struct lesson_section *section, size_t at, size_t end)
{
    const struct heading *heading = &reader->headings.items[at];
    struct hint_heading parsed = HINT_HEADING_INIT;
    if (!hint_heading_parse(heading, reader->path, &parsed, reader->err))
        return false;
    auto_free char *text = headings_cut(&reader->headings, heading->body, end);
    bool good = check_hint(reader, section, &parsed, heading);
    if (good && text[0] == '\0') {
        good = fault(reader, heading->line, "\"%s\" is empty", heading->text);
        err_set_cure(reader->err, "write what helps below the heading, or remove it");
    }
    if (good) {
        struct lesson_hint hint = {.line = (int)heading->line};
        hint.check = take(parsed.check);
        hint.outcome = take(parsed.outcome);
        hint.text = take(text);
        add_hint(section, hint);
    }
    hint_heading_release(&parsed);
    return good;
}

// ---- sections

// The next heading of at most this level, or the count.
static size_t next_heading(const struct headings *headings, size_t at, int level)
{
    while (at < headings->count && headings->items[at].level > level)
        at++;
    return at;
}

static size_t line_of(const struct headings *headings, size_t at)
{
    return at < headings->count ? headings->items[at].line : headings->line_count + 1;
}

// The text of the section that heading `at` begins, with its hints taken out.
static bool read_body(struct reader *reader, struct lesson_section *section, size_t at, size_t end)
{
    const struct headings *headings = &reader->headings;
    struct str text = STR_INIT;
    size_t begin = headings->items[at].body;
    bool good = true;
    for (size_t i = at + 1; good && i <= end;) {
        bool hint = i < end && hint_heading_is(headings->items[i].text);
        if (!hint && i < end) {
            i++;
            continue;
        }
        auto_free char *piece = headings_cut(headings, begin, line_of(headings, i));
        str_append_format(&text, "%s%s", text.length > 0 && piece[0] != '\0' ? "\n" : "", piece);
        if (!hint)
            break;
        size_t next = next_heading(headings, i + 1, 3);
        good = read_hint(reader, section, i, line_of(headings, next));
        begin = line_of(headings, next);
        // Not on to `next`: a deeper "Hint …" would go unseen inside this one.
        i++;
    }
    section->text = str_take(&text);
    return good;
}

static bool read_section(struct reader *reader, size_t at)
{
    const struct heading *heading = &reader->headings.items[at];
    const struct step *step = &reader->lab->steps[reader->lesson->count];
    struct lesson_section *section = &reader->lesson->sections[reader->lesson->count++];
    section->step = mem_copy_string(step->id);
    section->title = mem_copy_string(step->title);
    section->line = (int)heading->line;
    if (!read_body(reader, section, at, next_heading(&reader->headings, at + 1, 2)))
        return false;
    if (section->text[0] != '\0')
        return true;
    fault(reader, heading->line, "the section \"%s\" says nothing", step->id);
    err_set_cure(reader->err, "write what the step asks for and why below its heading");
    return false;
}

// ---- are the sections those of lab.json?

static const struct step *step_of(const struct lab *lab, const char *text, size_t length)
{
    for (size_t i = 0; i < lab->step_count; i++)
        if (strlen(lab->steps[i].id) == length && strncmp(lab->steps[i].id, text, length) == 0)
            return &lab->steps[i];
    return NULL;
}

// A heading of level 2 that is no step's id: says what it was probably meant to be.
static bool unknown_section(struct reader *reader, const struct heading *heading)
{
    const struct lab *lab = reader->lab;
    const struct step *first = step_of(lab, heading->text, strcspn(heading->text, " :"));
    if (hint_heading_is(heading->text)) {
        fault(reader, heading->line, "\"## %s\": a hint is a part of a section", heading->text);
        err_set_cure(reader->err, "write it with three #: `### %s`", heading->text);
        return false;
    }
    if (first != NULL) {
        fault(reader, heading->line, "\"## %s\" says more than the step's id", heading->text);
        err_set_cure(reader->err, "write `## %s`: titles stand in lab.json alone", first->id);
        return false;
    }
    auto_free const char **ids = mem_alloc_array(lab->step_count, sizeof *ids);
    for (size_t i = 0; i < lab->step_count; i++)
        ids[i] = lab->steps[i].id;
    const char *meant = text_suggest(heading->text, ids, lab->step_count);
    fault(reader, heading->line, "lab.json has no step \"%s\"", heading->text);
    if (meant != NULL)
        err_set_cure(reader->err, "did you mean `## %s`?", meant);
    else
        err_set_cure(reader->err, "add the step to lab.json, or use ### for a heading inside a "
                                  "section");
    return false;
}

// The heading of level 2 with this text, from heading `at` on, or NULL.
static const struct heading *section_from(const struct headings *headings, size_t at,
                                          const char *text)
{
    for (; at < headings->count; at++)
        if (headings->items[at].level == 2 && strcmp(headings->items[at].text, text) == 0)
            return &headings->items[at];
    return NULL;
}

static bool missing_section(struct reader *reader, size_t line, const struct step *step)
{
    fault(reader, line, "the step \"%s\" of lab.json has no section", step->id);
    err_set_cure(reader->err, "add `## %s` here", step->id);
    return false;
}

// Is heading `at` the section of the step whose turn it is?
static bool check_turn(struct reader *reader, size_t at)
{
    const struct heading *heading = &reader->headings.items[at];
    const struct lab *lab = reader->lab;
    const struct step *step = step_of(lab, heading->text, strlen(heading->text));
    if (step == NULL)
        return unknown_section(reader, heading);
    if (lab_step_index(lab, step) < reader->lesson->count) {
        fault(reader, heading->line, "a second section \"%s\"", step->id);
        err_set_cure(reader->err, "join it with the one at line %d",
                     reader->lesson->sections[lab_step_index(lab, step)].line);
        return false;
    }
    const struct step *turn = &lab->steps[reader->lesson->count];
    if (step == turn)
        return true;
    const struct heading *later = section_from(&reader->headings, at, turn->id);
    if (later == NULL)
        return missing_section(reader, heading->line, turn);
    fault(reader, heading->line, "the section \"%s\" comes before \"%s\" (line %zu)", step->id,
          turn->id, later->line);
    err_set_cure(reader->err, "put the sections into the order of lab.json's steps");
    return false;
}

static bool check_level(struct reader *reader, const struct heading *heading)
{
    if (heading->level == 1 && reader->lesson->count > 0) {
        fault(reader, heading->line, "the heading \"# %s\" between sections", heading->text);
        err_set_cure(reader->err, "use ### or deeper: only the lesson's own title has one #");
        return false;
    }
    if (heading->level > 2 && reader->lesson->count == 0 && hint_heading_is(heading->text)) {
        fault(reader, heading->line, "\"%s\" stands before the first section", heading->text);
        err_set_cure(reader->err, "put it into the section of its step");
        return false;
    }
    return true;
}

static bool read_lesson(struct reader *reader)
{
    const struct headings *headings = &reader->headings;
    struct lesson *lesson = reader->lesson;
    size_t first = 0;
    while (first < headings->count && headings->items[first].level != 2)
        first++;
    lesson->introduction = headings_cut(headings, 1, line_of(headings, first));
    lesson->sections = mem_alloc_array(reader->lab->step_count, sizeof *lesson->sections);
    for (size_t i = 0; i < headings->count; i++) {
        if (!check_level(reader, &headings->items[i]))
            return false;
        if (headings->items[i].level == 2 && (!check_turn(reader, i) || !read_section(reader, i)))
            return false;
    }
    if (lesson->count < reader->lab->step_count)
        return missing_section(reader, headings->line_count, &reader->lab->steps[lesson->count]);
    return true;
}

// Bytes that no CommonMark text has.
static bool check_bytes(struct reader *reader, const char *text, size_t length)
{
    const char *nul = memchr(text, '\0', length);
    size_t good = nul != NULL ? (size_t)(nul - text) : length;
    good = text_utf8_prefix(text, good);
    if (good == length)
        return true;
    size_t line = 1;
    for (size_t i = 0; i < good; i++)
        line += text[i] == '\n';
    fault(reader, line, text[good] == '\0' ? "a NUL byte" : "a byte that is not UTF-8");
    err_set_cure(reader->err, "save the lesson as UTF-8");
    return false;
}

bool lesson_load(const struct lab *lab, struct lesson *out, struct err *err)
{
    auto_free char *path = path_join(lab->folder, "lesson.md");
    auto_str struct str text = STR_INIT;
    struct err reason = ERR_INIT;
    if (!file_read(AT_FDCWD, path, LESSON_MOST, &text, &reason)) {
        reason.kind = ERR_LAB;
        err_set_cure(&reason, "write the lesson: labs/README.md says how");
        err_move(err, &reason);
        return false;
    }
    struct lesson lesson = {NULL, NULL, 0};
    struct reader reader = {.lab = lab, .path = path, .lesson = &lesson, .err = err};
    bool good = check_bytes(&reader, str_text(&text), text.length);
    if (good) {
        headings_find(str_text(&text), text.length, &reader.headings);
        good = read_lesson(&reader);
        headings_release(&reader.headings);
    }
    if (good)
        *out = lesson;
    else
        lesson_release(&lesson);
    return good;
}

void lesson_release(struct lesson *lesson)
{
    for (size_t i = 0; i < lesson->count; i++) {
        struct lesson_section *section = &lesson->sections[i];
        for (size_t j = 0; j < section->hint_count; j++) {
            free(section->hints[j].check);
            free(section->hints[j].outcome);
            free(section->hints[j].text);
        }
        free(section->hints);
        free(section->step);
        free(section->title);
        free(section->text);
    }
    free(lesson->sections);
    free(lesson->introduction);
    *lesson = (struct lesson){NULL, NULL, 0};
}
