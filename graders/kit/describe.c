// SPDX-License-Identifier: MIT
/*
 * One sentence about what the program does now: "it waits in accept()".
 */
#include "core.h"

#include <string.h>

// What one thread does, as a phrase behind "it" or "a thread": borrowed or kept.
static const char *task_phrase(const struct kit_task *task)
{
    if (task->state == 'T')
        return "is stopped by a signal";
    if (task->state == 'R')
        return "is at work on a core and does not wait for anything";
    const char *call = kit_task_call(task);
    if (call == NULL)
        return "waits outside any system call";
    if (strcmp(call, "sleep()") == 0)
        return "sleeps in sleep()";
    return kit_format("waits in %s", call);
}

struct phrases {
    const char *phrase[8];
    size_t times[8];
    size_t count;
};

static void phrase_add(struct phrases *all, const char *phrase)
{
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->phrase[i], phrase) == 0) {
            all->times[i]++;
            return;
        }
    }
    if (all->count == sizeof all->phrase / sizeof *all->phrase)
        return;
    all->phrase[all->count] = phrase;
    all->times[all->count++] = 1;
}

static const char *many_sentence(const struct phrases *all, const char *what)
{
    auto_str struct str text = STR_INIT;
    for (size_t i = 0; i < all->count; i++) {
        const char *join = i == 0 ? "" : i + 1 == all->count ? " and " : ", ";
        str_append_format(&text, "%s%zu of its %s %s", join, all->times[i], what, all->phrase[i]);
    }
    return kit_keep_bytes(str_text(&text), text.length);
}

const char *kit_watch_describe(struct kit_program *program)
{
    if (!kit_program_is_started(program))
        return "it has not been started";
    struct kit_sample sample = {0};
    kit_sample_take(&sample);
    struct phrases all = {0};
    for (size_t i = 0; i < sample.count; i++)
        phrase_add(&all, task_phrase(&sample.tasks[i]));
    const char *sentence = "none of its processes lives";
    if (sample.count == 1)
        sentence = kit_format("it %s", all.phrase[0]);
    else if (all.count == 1)
        sentence =
            kit_format("each of its %zu %s %s", sample.count,
                       sample.processes > 1 ? "processes and threads" : "threads", all.phrase[0]);
    else if (all.count > 1)
        sentence = many_sentence(&all, sample.processes > 1 ? "processes and threads" : "threads");
    kit_sample_release(&sample);
    return sentence;
}
