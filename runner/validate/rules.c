// SPDX-License-Identifier: MIT
// The rules that a lab is held to, once its trials are run.
#include "validate/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "course/lesson.h"
#include "grade/services.h"

enum {
    BREAKS_MOST = 4, // checks that a wrong program names so as to count for them
    HINTS_A_STEP = 3,
    COLUMNS = 80,
};

// ---------------------------------------------------------------- trials

static bool plan_has(const struct plan *plan, const char *check)
{
    for (size_t i = 0; i < plan->count; i++)
        if (str_equal(plan->checks[i].id, check))
            return true;
    return false;
}

static bool has_failed(const struct trial *trial, const char *check)
{
    for (size_t i = 0; i < trial->failure_count; i++)
        if (str_equal(trial->failures[i].check, check))
            return true;
    return false;
}

static void judge_names(const struct plan *plan, struct trial *trial, const struct strings *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (strchr(names->items[i], '*') == NULL && !plan_has(plan, names->items[i]))
            strings_add_format(&trial->faults, "%s: there is no check %s", trial->path,
                               names->items[i]);
}

static void judge_wrong(const struct plan *plan, struct trial *trial)
{
    const struct head *head = &trial->head;
    judge_names(plan, trial, &head->breaks);
    judge_names(plan, trial, &head->may_break);
    if (head->hunks != 1 &&
        head->hunks != 0) // without one it is no patch, and that is said already
        strings_add_format(&trial->faults, "%s: has %zu hunks, and one bug is one hunk",
                           trial->path, head->hunks);
    if (head->added > RULES_CHANGED_LINES_MOST || head->removed > RULES_CHANGED_LINES_MOST)
        strings_add_format(&trial->faults, "%s: changes more than %d lines", trial->path,
                           RULES_CHANGED_LINES_MOST);
    if (head->breaks.count == 0)
        return; // to be explained: nothing is claimed yet
    trial->caught = trial->ran;
    for (size_t i = 0; i < head->breaks.count; i++) {
        const char *check = head->breaks.items[i];
        bool failed = has_failed(trial, check) && !strings_have(&trial->unsteady, check);
        trial->caught &= failed;
        if (trial->ran && !failed && plan_has(plan, check))
            strings_add_format(&trial->faults, "wrong/%s: %s passes it, and must not", trial->name,
                               check);
    }
    for (size_t i = 0; i < trial->failure_count; i++) {
        const char *check = trial->failures[i].check;
        if (!head_covers(&head->breaks, check) && !head_covers(&head->may_break, check))
            strings_add_format(&trial->faults,
                               "wrong/%s: %s fails it, and neither Breaks nor May-break says so",
                               trial->name, check);
    }
}

static void judge_accepted(const struct plan *plan, struct trial *trial)
{
    const struct strings *differs = &trial->head.differs;
    judge_names(plan, trial, differs);
    if (differs->count > plan->count / 3)
        strings_add_format(&trial->faults, "%s: differs in more than a third of the checks",
                           trial->path);
    for (size_t i = 0; i < trial->failure_count; i++)
        if (!head_covers(differs, trial->failures[i].check))
            strings_add_format(&trial->faults, "accepted/%s: %s fails it: %s", trial->name,
                               trial->failures[i].check,
                               trial->failures[i].message != NULL ? trial->failures[i].message
                                                                  : "");
}

static void judge_solution(struct trial *trial)
{
    for (size_t i = 0; i < trial->failure_count; i++)
        strings_add_format(&trial->faults, "solution: %s fails: %s", trial->failures[i].check,
                           trial->failures[i].message != NULL ? trial->failures[i].message : "");
    for (size_t i = 0; i < trial->alike.count; i++)
        strings_add_format(&trial->faults,
                           "%s sends the same bytes with every seed: use kit_word() and its like, "
                           "or say kit_fixed_input()",
                           trial->alike.items[i]);
}

// A check that a head says may fail may also fail now and then; any other verdict is steady.
static void judge_steadiness(struct trial *trial)
{
    for (size_t i = 0; i < trial->unsteady.count; i++) {
        const char *check = trial->unsteady.items[i];
        if (!head_covers(&trial->head.may_break, check) &&
            !head_covers(&trial->head.differs, check))
            strings_add_format(&trial->faults, "%s: the verdict on %s is not the same in every run",
                               check, trial->name);
    }
}

void rules_judge_trial(const struct lab *lab, const struct plan *plan, struct trial *trial)
{
    int total = 0;
    for (size_t i = 0; i < lab->step_count; i++)
        total += lab->steps[i].points;
    switch (trial->kind) {
    case TRIAL_SOLUTION:
        judge_solution(trial);
        break;
    case TRIAL_STUB:
        if (trial->ran && trial->points * 3 >= total)
            strings_add_format(&trial->faults,
                               "the stub scores %d of %d: less than a third is "
                               "allowed",
                               trial->points, total);
        break;
    case TRIAL_EMPTY:
        if (trial->ran && trial->points != 0)
            strings_add_format(&trial->faults, "an empty program scores %d points", trial->points);
        break;
    case TRIAL_WRONG:
        judge_wrong(plan, trial);
        break;
    case TRIAL_ACCEPTED:
        judge_accepted(plan, trial);
        break;
    }
    if (trial->kind != TRIAL_STUB && trial->kind != TRIAL_EMPTY)
        judge_steadiness(trial);
}

// ---------------------------------------------------------------- the lab

static bool is_in_first_step(const struct lab *lab, const char *check)
{
    size_t length = strlen(lab->steps[0].id);
    return strncmp(check, lab->steps[0].id, length) == 0 && check[length] == '/';
}

// For every check outside the first step some wrong program shows that it can fail.
static void judge_coverage(const struct lab *lab, const struct plan *plan,
                           struct validate_report *report)
{
    for (size_t i = 0; i < plan->count; i++) {
        const char *check = plan->checks[i].id;
        bool covered = is_in_first_step(lab, check);
        for (size_t k = 0; k < report->trial_count && !covered; k++) {
            const struct trial *trial = &report->trials[k];
            covered = trial->kind == TRIAL_WRONG && trial->caught &&
                      trial->head.breaks.count <= BREAKS_MOST &&
                      strings_have(&trial->head.breaks, check);
        }
        if (!covered)
            strings_add_format(&report->faults,
                               "%s: no wrong program breaks it (and at most %d checks): "
                               "`%s new --wrong NAME` makes one",
                               check, BREAKS_MOST, program_word());
    }
}

static const char *banned_word(const char *text)
{
    static const char *const words[] = {"just", "simply", "obviously"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        for (const char *at = strcasestr(text, words[i]); at != NULL;
             at = strcasestr(at + 1, words[i])) {
            bool begins = at == text || strchr(" \n\"'(`*,.;:", at[-1]) != NULL;
            bool ends = at[length] == '\0' || strchr(" \n\"')`*,.;:!?", at[length]) != NULL;
            if (begins && ends)
                return words[i];
        }
    }
    return NULL;
}

// CommonMark has no tables: the rows of one would run together into a paragraph on the terminal.
static void judge_tables(const struct lab *lab, int start, const char *text,
                         struct validate_report *report)
{
    bool is_code = false;
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (str_starts_with(line, "```"))
            is_code = !is_code;
        // The row below a table's head.
        if (!is_code && length > 3 && *line == '|' && strspn(line, "|-: ") == length)
            strings_add_format(&report->faults,
                               "%s/lesson.md:%d: below this line is a table (%.*s), which the "
                               "terminal shows as a paragraph: write a list",
                               lab->folder, start, (int)length, line);
        line += length + (line[length] == '\n');
    }
}

// A hint for a check that is not there would never be shown.
static void judge_hint_check(const struct lab *lab, const struct plan *plan, const char *step,
                             const struct lesson_hint *hint, struct validate_report *report)
{
    auto_free char *check = str_format("%s/%s", step, hint->check);
    if (!plan_has(plan, check))
        strings_add_format(&report->faults,
                           "%s/lesson.md:%d: the hint is for %s, and step %s has no such check",
                           lab->folder, hint->line, hint->check, step);
}

// A hint's lines fit the screen, code in them too.
static void judge_hint(const struct lab *lab, const struct lesson_hint *hint,
                       struct validate_report *report)
{
    const char *word = banned_word(hint->text);
    if (word != NULL)
        strings_add_format(&report->faults, "%s/lesson.md:%d: the hint says \"%s\"", lab->folder,
                           hint->line, word);
    judge_tables(lab, hint->line, hint->text, report);
    size_t number = 1;
    for (const char *line = hint->text; *line != '\0'; number++) {
        size_t length = strcspn(line, "\n");
        auto_free char *copy = str_format("%.*s", (int)length, line);
        if (text_width(copy) > COLUMNS)
            strings_add_format(&report->faults,
                               "%s/lesson.md:%d: line %zu of the hint is wider than %d columns",
                               lab->folder, hint->line, number, COLUMNS);
        line += length + (line[length] == '\n');
    }
}

void rules_add_error(struct strings *faults, struct err *err)
{
    strings_add_format(faults, "%s%s%s", err->message, err->cure != NULL ? ": " : "",
                       err->cure != NULL ? err->cure : "");
    err_release(err);
}

static void judge_lesson(const struct lab *lab, const struct plan *plan,
                         struct validate_report *report)
{
    struct lesson lesson = {0};
    struct err err = ERR_INIT;
    if (!lesson_load(lab, &lesson, &err)) {
        rules_add_error(&report->faults, &err);
        return;
    }
    judge_tables(lab, 1, lesson.introduction, report);
    for (size_t i = 0; i < lesson.count; i++) {
        const struct lesson_section *section = &lesson.sections[i];
        if (section->numbered != HINTS_A_STEP)
            strings_add_format(&report->faults, "%s/lesson.md:%d: step %s has %zu hints, not %d",
                               lab->folder, section->line, section->step, section->numbered,
                               HINTS_A_STEP);
        judge_tables(lab, section->line, section->text, report);
        for (size_t k = 0; k < section->hint_count; k++) {
            judge_hint(lab, &section->hints[k], report);
            if (section->hints[k].check != NULL)
                judge_hint_check(lab, plan, section->step, &section->hints[k], report);
        }
    }
    lesson_release(&lesson);
}

// A name that no fixture has is a mistype, or belongs to a fixture that is not built.
static void judge_services(const struct lab *lab, struct validate_report *report)
{
    for (size_t i = 0; i < lab->services.count; i++) {
        auto_free char *fixture = services_fixture(lab, lab->services.items[i]);
        if (fixture == NULL)
            strings_add_format(&report->faults,
                               "%s/lab.json: services names %s, and there is no fixture "
                               "fixtures/%s",
                               lab->folder, lab->services.items[i], lab->services.items[i]);
    }
}

bool rules_is_sentence(const char *message)
{
    bool stops = str_ends_with(message, ".") && !str_ends_with(message, "...");
    return !stops && strchr(message, '\n') == NULL;
}

// What failing checks say to learners.
static void judge_messages(struct validate_report *report)
{
    auto_strings struct strings seen = STRINGS_INIT;
    for (size_t i = 0; i < report->trial_count; i++)
        for (size_t k = 0; k < report->trials[i].failure_count; k++) {
            const struct trial_failure *failure = &report->trials[i].failures[k];
            const char *text = failure->message;
            if (text == NULL || strings_have(&seen, text))
                continue;
            strings_add(&seen, text);
            if (banned_word(text) != NULL)
                strings_add_format(&report->faults, "%s says \"%s\": %s", failure->check,
                                   banned_word(text), text);
            if (!rules_is_sentence(text))
                strings_add_format(&report->faults,
                                   "%s: a message is one sentence without a full "
                                   "stop: %s",
                                   failure->check, text);
        }
}

// A bug where the bytes are sent is the easy case: a lab must not be measured by those alone.
static void judge_places(struct validate_report *report)
{
    size_t wrong = 0;
    size_t elsewhere = 0;
    for (size_t i = 0; i < report->trial_count; i++) {
        const struct trial *trial = &report->trials[i];
        wrong += trial->kind == TRIAL_WRONG && trial->ran;
        elsewhere += trial->kind == TRIAL_WRONG && trial->ran && !trial->sends;
    }
    if (elsewhere * 3 < wrong)
        strings_add_format(&report->faults,
                           "%zu of %zu wrong programs have their bug outside the function that "
                           "sends, and a third should",
                           elsewhere, wrong);
}

void rules_judge_lab(const struct lab *lab, const struct plan *plan, struct validate_report *report)
{
    judge_lesson(lab, plan, report);
    judge_services(lab, report);
    judge_coverage(lab, plan, report);
    judge_messages(report);
    judge_places(report);
    for (size_t i = 0; i < report->trial_count; i++) {
        const struct trial *trial = &report->trials[i];
        for (size_t k = 0; k < trial->faults.count; k++)
            strings_add(&report->faults, trial->faults.items[k]);
        bool right = trial->kind == TRIAL_SOLUTION || trial->kind == TRIAL_ACCEPTED;
        for (size_t k = 0; right && k < trial->slow.count; k++)
            if (!head_covers(&trial->head.differs, trial->slow.items[k]))
                strings_add_format(&report->warnings,
                                   "%s on %s used more than two thirds of its time limit",
                                   trial->slow.items[k], trial->name);
    }
}
