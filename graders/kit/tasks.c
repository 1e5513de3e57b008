// SPDX-License-Identifier: MIT
/*
 * Every thread of the program, from /proc. The cell has a /proc of its own, with few processes in
 * it: the check (PID 1), bubblewrap, the box's PID 1 and the program's. The program's are those
 * that live in a further PID namespace, that of its box, and are not its PID 1; a process cannot
 * hide that. Where
 * there are no namespaces they are those of the program's session.
 */
#include "program.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SMALL_MEMORY (16U << 20)

double kit_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool kit_proc_read(const char *path, char *buffer, size_t size)
{
    auto_close int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    size_t length = 0;
    ssize_t got;
    while (length < size - 1 && (got = read(file, buffer + length, size - 1 - length)) > 0)
        length += (size_t)got;
    buffer[length] = '\0';
    return length > 0;
}

const char *kit_proc_field(const char *text, const char *key)
{
    size_t length = strlen(key);
    while (text != NULL && *text != '\0') {
        if (strncmp(text, key, length) == 0)
            return text + length + strspn(text + length, " \t");
        text = strchr(text, '\n');
        if (text != NULL)
            text++;
    }
    return "";
}

static uint64_t number_of(const char *status, const char *key, int base)
{
    return strtoull(kit_proc_field(status, key), NULL, base);
}

// How many PID namespaces deep the process lives; *out_last is its number in the innermost.
static int depth_of(const char *status, long *out_last)
{
    const char *at = kit_proc_field(status, "NSpid:");
    int depth = 0;
    while (isdigit((unsigned char)*at)) {
        char *end;
        *out_last = strtol(at, &end, 10);
        at = end + strspn(end, " \t");
        depth++;
    }
    return depth;
}

static int own_depth(void)
{
    static int depth;
    char status[4096];
    long last;
    if (depth == 0 && kit_proc_read("/proc/self/status", status, sizeof status))
        depth = depth_of(status, &last);
    return depth;
}

enum place { OUTSIDE, BOX_INIT_ITSELF, INSIDE };

// Without namespaces: box-init puts the program into a session of its own, which the box's filter
// lets nobody leave. Level none promises nothing.
static enum place place_without_namespaces(pid_t pid, const char *status)
{
    const struct box *box = &kit_the_program()->box;
    if (pid == box->init)
        return BOX_INIT_ITSELF;
    pid_t session = (pid_t)strtol(kit_proc_field(status, "NSsid:"), NULL, 10);
    return box->program > 0 && session == box->program ? INSIDE : OUTSIDE;
}

// What tells the PID namespace of a process from others; 0: it is gone, or not to be had.
static ino_t namespace_of(pid_t pid)
{
    auto_free char *path = str_format("/proc/%d/ns/pid", (int)pid);
    struct stat status;
    return stat(path, &status) == 0 ? status.st_ino : 0;
}

// A service may run its server in a box too.
static bool is_of_a_service(pid_t pid)
{
    const struct kit_program *program = kit_the_program();
    if (kit_services_count() == 0)
        return false;
    if (program == NULL || program->box.init == 0)
        return true;
    ino_t own = namespace_of(pid);
    return own != 0 && own != namespace_of(program->box.init);
}

static enum place place_of(pid_t pid, const char *status)
{
    if (box_level_is_bare(box_level_told()))
        return place_without_namespaces(pid, status);
    long last = 0;
    if (depth_of(status, &last) <= own_depth() || is_of_a_service(pid))
        return OUTSIDE;
    return last == 1 ? BOX_INIT_ITSELF : INSIDE;
}

static struct kit_task *task_add(struct kit_sample *sample)
{
    if (sample->count == sample->capacity) {
        sample->capacity = sample->capacity == 0 ? 16 : 2 * sample->capacity;
        sample->tasks = mem_resize(sample->tasks, sample->capacity * sizeof *sample->tasks);
    }
    struct kit_task *task = &sample->tasks[sample->count++];
    memset(task, 0, sizeof *task);
    return task;
}

// "CPU DELAY SLICES", nanoseconds.
static void add_times(struct kit_task *task)
{
    auto_free char *path = str_format("/proc/%d/task/%d/schedstat", (int)task->pid, (int)task->tid);
    char text[128];
    if (!kit_proc_read(path, text, sizeof text))
        return;
    char *end;
    task->ran = strtoull(text, &end, 10);
    task->queued = strtoull(end, NULL, 10);
}

static void task_sample(struct kit_sample *sample, pid_t pid, pid_t tid)
{
    auto_free char *path = str_format("/proc/%d/task/%d/status", (int)pid, (int)tid);
    char status[4096];
    if (!kit_proc_read(path, status, sizeof status))
        return;
    char state = *kit_proc_field(status, "State:");
    if (state == 'Z' || state == 'X')
        return;
    struct kit_task *task = task_add(sample);
    task->pid = pid;
    task->tid = tid;
    task->state = state;
    task->tracer = (pid_t)number_of(status, "TracerPid:", 10);
    task->switches = number_of(status, "voluntary_ctxt_switches:", 10) +
                     number_of(status, "nonvoluntary_ctxt_switches:", 10);
    uint64_t signals = number_of(status, "SigBlk:", 16) | number_of(status, "SigCgt:", 16);
    task->alarm = (signals >> (SIGALRM - 1) & 1) != 0;
    add_times(task);
}

// utime and stime are fields 14 and 15, those of reaped children 16 and 17. A program can put
// blanks and parentheses into its name, field 2: the last ')' ends it.
static double cpu_of(pid_t pid, bool own_too)
{
    auto_free char *path = str_format("/proc/%d/stat", (int)pid);
    char text[1024];
    if (!kit_proc_read(path, text, sizeof text))
        return 0;
    const char *at = strrchr(text, ')');
    if (at == NULL)
        return 0;
    at++;
    double ticks = 0;
    for (int field = 3; field <= 17; field++) {
        at += strspn(at, " ");
        if (field >= 16 || (own_too && field >= 14))
            ticks += (double)strtoull(at, NULL, 10);
        at += strcspn(at, " ");
    }
    return ticks / (double)sysconf(_SC_CLK_TCK);
}

// All threads of a process. False: it has none any more.
static bool tasks_sample(struct kit_sample *sample, pid_t pid)
{
    size_t before = sample->count;
    auto_free char *path = str_format("/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    if (tasks == NULL)
        return false;
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]))
            task_sample(sample, pid, (pid_t)strtol(entry->d_name, NULL, 10));
    closedir(tasks);
    return sample->count > before;
}

/*
 * Two processes may have one memory: a child of vfork(), or the helper that LeakSanitizer makes of
 * the program when it ends. It is weighed once, or a verdict would hang on whether a sample fell
 * into such a moment. Small ones do not matter.
 */
static bool is_weighed(const struct kit_sample *sample, pid_t pid, uint64_t resident)
{
    if (resident < SMALL_MEMORY)
        return false;
    for (size_t i = 0; i < sample->count; i++) {
        pid_t other = sample->tasks[i].pid;
        bool first = i == 0 || sample->tasks[i - 1].pid != other;
        if (first && syscall(SYS_kcmp, pid, other, KCMP_VM, 0, 0) == 0)
            return true;
    }
    return false;
}

static void process_sample(struct kit_sample *sample, pid_t pid)
{
    auto_free char *path = str_format("/proc/%d/status", (int)pid);
    char status[4096];
    if (!kit_proc_read(path, status, sizeof status))
        return;
    enum place place = place_of(pid, status);
    if (place == OUTSIDE)
        return;
    // What ended and was reaped by nobody else counts in PID 1 of the box.
    sample->cpu += cpu_of(pid, place == INSIDE);
    if (place != INSIDE)
        return;
    uint64_t resident =
        1024 * (number_of(status, "RssAnon:", 10) + number_of(status, "RssShmem:", 10));
    if (!is_weighed(sample, pid, resident))
        sample->resident += resident;
    sample->processes += tasks_sample(sample, pid) ? 1 : 0;
}

static bool has_thread(const struct kit_sample *sample, pid_t tid)
{
    for (size_t i = 0; i < sample->count; i++)
        if (sample->tasks[i].tid == tid)
            return true;
    return false;
}

// A program that traces itself has stopped itself. Else no clock would run while it does.
static void mark_own_stops(struct kit_sample *sample)
{
    for (size_t i = 0; i < sample->count; i++) {
        struct kit_task *task = &sample->tasks[i];
        if (task->state == 't' && task->tracer > 0 && has_thread(sample, task->tracer))
            task->state = 'T';
    }
}

static void sample_all(struct kit_sample *sample, void (*one)(struct kit_sample *, pid_t))
{
    DIR *all = opendir("/proc");
    if (all == NULL)
        kit_break("the cell has no /proc");
    for (struct dirent *entry; (entry = readdir(all)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]))
            one(sample, (pid_t)strtol(entry->d_name, NULL, 10));
    closedir(all);
}

void kit_sample_take(struct kit_sample *sample)
{
    sample->count = 0;
    sample->processes = 0;
    sample->cpu = 0;
    sample->resident = 0;
    sample->at = kit_clock();
    sample_all(sample, process_sample);
    mark_own_stops(sample);
}

// Whatever a fixture has started, and what that has, at any level.
static void service_process_sample(struct kit_sample *sample, pid_t pid)
{
    char status[4096];
    pid_t ancestor = pid;
    while (ancestor > 1 && !kit_services_have(ancestor)) {
        auto_free char *path = str_format("/proc/%d/status", (int)ancestor);
        if (!kit_proc_read(path, status, sizeof status))
            return;
        ancestor = (pid_t)number_of(status, "PPid:", 10);
    }
    if (ancestor <= 1)
        return;
    sample->cpu += cpu_of(pid, true);
    tasks_sample(sample, pid);
}

void kit_sample_add_services(struct kit_sample *sample)
{
    if (kit_services_count() > 0)
        sample_all(sample, service_process_sample);
}

bool kit_samples_agree(const struct kit_sample *a, const struct kit_sample *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->tasks[i].tid != b->tasks[i].tid || a->tasks[i].switches != b->tasks[i].switches)
            return false;
    return true;
}

void kit_sample_release(struct kit_sample *sample)
{
    free(sample->tasks);
    memset(sample, 0, sizeof *sample);
}

size_t kit_program_pids(const struct kit_program *program, pid_t *pids, size_t most)
{
    if (!kit_program_is_started(program))
        return 0;
    struct kit_sample sample = {0};
    kit_sample_take(&sample);
    size_t count = 0;
    for (size_t i = 0; i < sample.count; i++) {
        if (i > 0 && sample.tasks[i].pid == sample.tasks[i - 1].pid)
            continue;
        if (count < most)
            pids[count] = sample.tasks[i].pid;
        count++;
    }
    kit_sample_release(&sample);
    return count;
}
