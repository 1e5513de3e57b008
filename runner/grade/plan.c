// SPDX-License-Identifier: MIT
// The plan: what the grader offers, held against lab.json, and the learner's choice from it.
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "grade/grade.h"
#include "grade/grader.h"

// The step that a check's id names, or NULL.
static const struct step *step_of(const struct lab *lab, const char *check_id)
{
    const char *slash = strchr(check_id, '/');
    for (size_t i = 0; slash != NULL && i < lab->step_count; i++) {
        const char *id = lab->steps[i].id;
        if (strlen(id) == (size_t)(slash - check_id) && str_starts_with(check_id, id))
            return &lab->steps[i];
    }
    return NULL;
}

static bool is_identifier(const char *text)
{
    if (text[0] == '\0')
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if (!(*c == '_' || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
              (*c >= '0' && *c <= '9' && c != text)))
            return false;
    return true;
}

static bool read_check(const struct lab *lab, const cJSON *item, struct plan_check *out,
                       struct err *err)
{
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "id"));
    const char *title = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "title"));
    const char *build = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "build"));
    if (id == NULL || title == NULL || build == NULL) {
        err_set(err, ERR_LAB, "%s --list: a check without id, title or build", lab->grader);
        return false;
    }
    if (step_of(lab, id) == NULL || !is_identifier(strchr(id, '/') + 1)) {
        err_set(err, ERR_LAB, "%s: check %s is in no step of the lab", lab->grader, id);
        err_set_cure(err, "name a step of %s/lab.json in its KIT_CHECK", lab->folder);
        return false;
    }
    out->id = mem_copy_string(id);
    out->title = mem_copy_string(title);
    out->plain_build = str_equal(build, "plain");
    out->waits = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "waits"));
    return true;
}

static bool read_checks(const struct lab *lab, const cJSON *root, struct plan *all, struct err *err)
{
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(root, "version");
    const cJSON *checks = cJSON_GetObjectItemCaseSensitive(root, "checks");
    if (!cJSON_IsNumber(version) || version->valueint != 1 || !cJSON_IsArray(checks)) {
        err_set(err, ERR_LAB, "%s --list does not print version 1 of the list", lab->grader);
        err_set_cure(err, "build the grader with this version of the kit");
        return false;
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, checks)
    {
        struct plan_check check = {0};
        if (!read_check(lab, item, &check, err))
            return false;
        for (size_t i = 0; i < all->count; i++)
            if (str_equal(all->checks[i].id, check.id)) {
                err_set(err, ERR_LAB, "%s: two checks are called %s", lab->grader, check.id);
                free(check.id);
                free(check.title);
                return false;
            }
        all->checks = mem_resize(all->checks, (all->count + 1) * sizeof *all->checks);
        all->checks[all->count++] = check;
    }
    return true;
}

// Puts the checks in the order of the lab's steps, whatever order the grader lists them in.
static bool order_by_step(const struct lab *lab, const struct plan *all, struct plan *out,
                          struct err *err)
{
    out->checks = mem_alloc_array(all->count, sizeof *out->checks);
    out->count = 0;
    for (size_t s = 0; s < lab->step_count; s++) {
        size_t before = out->count;
        for (size_t i = 0; i < all->count; i++)
            if (step_of(lab, all->checks[i].id) == &lab->steps[s])
                out->checks[out->count++] = all->checks[i];
        if (out->count == before) {
            err_set(err, ERR_LAB, "%s: step %s has no check", lab->grader, lab->steps[s].id);
            err_set_cure(err, "add a KIT_CHECK(\"%s\", …) to graders/%s.c", lab->steps[s].id,
                         lab->id);
            free(out->checks);
            *out = (struct plan){0};
            return false;
        }
    }
    return true;
}

bool plan_load(const struct lab *lab, const struct stage *stage, struct plan *out, struct err *err)
{
    auto_str struct str text = STR_INIT;
    if (!grader_list(lab, stage, &text, err))
        return false;
    cJSON *root = cJSON_Parse(str_text(&text));
    if (root == NULL) {
        err_set(err, ERR_LAB, "%s --list prints no JSON", lab->grader);
        return false;
    }
    struct plan all = {0};
    bool good = read_checks(lab, root, &all, err) && order_by_step(lab, &all, out, err);
    if (good)
        free(all.checks); // the checks themselves moved into *out
    else
        plan_release(&all);
    cJSON_Delete(root);
    return good;
}

void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free(plan->checks[i].id);
        free(plan->checks[i].title);
    }
    free(plan->checks);
    *plan = (struct plan){0};
}

static void select_step(const struct plan *plan, const struct lab *lab, size_t step, bool *selected)
{
    for (size_t i = 0; i < plan->count; i++)
        if (step_of(lab, plan->checks[i].id) == &lab->steps[step])
            selected[i] = true;
}

// "A-B", each an id or a number. Ids may hold dashes themselves: every dash is tried.
static bool select_range(const struct lab *lab, const struct plan *plan, const char *word,
                         bool *selected)
{
    for (const char *dash = strchr(word, '-'); dash != NULL; dash = strchr(dash + 1, '-')) {
        auto_free char *first = str_format("%.*s", (int)(dash - word), word);
        const struct step *from = lab_step(lab, first);
        const struct step *to = lab_step(lab, dash + 1);
        if (from == NULL || to == NULL)
            continue;
        for (size_t i = lab_step_index(lab, from); i <= lab_step_index(lab, to); i++)
            select_step(plan, lab, i, selected);
        return lab_step_index(lab, from) <= lab_step_index(lab, to);
    }
    return false;
}

static bool select_word(const struct lab *lab, const struct plan *plan, const char *word,
                        bool *selected)
{
    const struct step *step = lab_step(lab, word);
    if (step != NULL) {
        select_step(plan, lab, lab_step_index(lab, step), selected);
        return true;
    }
    for (size_t i = 0; i < plan->count; i++)
        if (str_equal(plan->checks[i].id, word)) {
            selected[i] = true;
            return true;
        }
    return select_range(lab, plan, word, selected);
}

bool plan_select(const struct lab *lab, const struct plan *plan, const char *const *words,
                 size_t word_count, bool *selected, struct err *err)
{
    for (size_t i = 0; i < plan->count; i++)
        selected[i] = word_count == 0;
    for (size_t w = 0; w < word_count; w++) {
        if (select_word(lab, plan, words[w], selected))
            continue;
        size_t count = 0;
        auto_free const char **names =
            mem_alloc_array(lab->step_count + plan->count, sizeof *names);
        for (size_t i = 0; i < lab->step_count; i++)
            names[count++] = lab->steps[i].id;
        for (size_t i = 0; i < plan->count; i++)
            names[count++] = plan->checks[i].id;
        const char *meant = text_suggest(words[w], names, count);
        err_set(err, ERR_USAGE, "%s has no step or check %s", lab->id, words[w]);
        if (meant != NULL)
            err_set_cure(err, "did you mean %s?", meant);
        else
            err_set_cure(err, "steps are named by id, by number (1-%zu) or as A-B",
                         lab->step_count);
        return false;
    }
    return true;
}
