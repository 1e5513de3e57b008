// SPDX-License-Identifier: MIT
// What the kit watches and keeps away, left out.
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "core.h"
#include "program.h"
#include "without.h"

void __real_kit_program_weigh(struct kit_program *program, const struct kit_sample *sample);
void __wrap_kit_program_weigh(struct kit_program *program, const struct kit_sample *sample);
void __real_kit_output_read(struct kit_output *output);
void __wrap_kit_output_read(struct kit_output *output);
bool __real_kit_watch_patience_is_over(struct kit_program *program);
bool __wrap_kit_watch_patience_is_over(struct kit_program *program);
bool __real_kit_watch_is_stuck(struct kit_watch *watch);
bool __wrap_kit_watch_is_stuck(struct kit_watch *watch);
const char *const *__real_kit_surroundings_environment(int port, bool checked);
const char *const *__wrap_kit_surroundings_environment(int port, bool checked);

size_t __real_kit_program_pids(const struct kit_program *program, pid_t *pids, size_t most);
size_t __wrap_kit_program_pids(const struct kit_program *program, pid_t *pids, size_t most);
void __real_kit_sample_take(struct kit_sample *sample);
void __wrap_kit_sample_take(struct kit_sample *sample);

// The kit knows the program's processes by their namespace. Without one it would wait for what it
// cannot see: so it sees one that sleeps.
void __wrap_kit_sample_take(struct kit_sample *sample)
{
    __real_kit_sample_take(sample);
    if (!without("box-proc") || sample->count > 0)
        return;
    if (sample->capacity == 0)
        sample->tasks = mem_alloc(sizeof *sample->tasks);
    sample->capacity = sample->capacity == 0 ? 1 : sample->capacity;
    sample->tasks[0] = (struct kit_task){.state = 'S', .alarm = true};
    sample->count = sample->processes = 1;
}

// The kit stops the program of a failed check process by process. Without a namespace of the cell's
// it would take those of all boxes on the machine for its own, and end them; without one of the
// box's, process 0, its own group.
size_t __wrap_kit_program_pids(const struct kit_program *program, pid_t *pids, size_t most)
{
    bool known = !without("cell-processes") && !without("box-proc");
    return known ? __real_kit_program_pids(program, pids, most) : 0;
}

void __wrap_kit_program_weigh(struct kit_program *program, const struct kit_sample *sample)
{
    if (!without("kit-memory"))
        __real_kit_program_weigh(program, sample);
}

void __wrap_kit_output_read(struct kit_output *output)
{
    __real_kit_output_read(output);
    if (without("kit-output"))
        output->written = 0;
}

bool __wrap_kit_watch_is_stuck(struct kit_watch *watch)
{
    bool stuck = __real_kit_watch_is_stuck(watch);
    return stuck && !without("kit-clock");
}

bool __wrap_kit_watch_patience_is_over(struct kit_program *program)
{
    bool over = __real_kit_watch_patience_is_over(program);
    return over && !without("kit-patience");
}

const char *const *__wrap_kit_surroundings_environment(int port, bool checked)
{
    const char *const *clean = __real_kit_surroundings_environment(port, checked);
    if (!without("environment-box"))
        return clean;
    struct strings *list = kit_keep(sizeof *list);
    for (; *clean != NULL; clean++)
        strings_add(list, *clean);
    for (char **own = environ; *own != NULL; own++)
        strings_add(list, *own);
    return (const char *const *)list->items;
}
