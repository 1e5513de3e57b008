// SPDX-License-Identifier: MIT
// The tracer: what it keeps of programs that end or hang.
#include "unit.h"

#include <sched.h>
#include <sys/syscall.h>

#include "traced_run.h"

// ---------------------------------------------------------------- ends

static struct seen ends(struct run *run, const char *mode)
{
    *run = run_start("checked", mode, true);
    return run_end(run);
}

START_TEST(a_deadly_signal_is_kept_with_its_frame)
{
    struct run run;
    struct seen seen = ends(&run, "aborts");
    const struct seen_event *found = seen_find(&seen, EVENT_SIGNAL, SIGABRT, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert(run_has_frame(&run, &seen, found, "aborts"));
    ck_assert(WIFSIGNALED(run.status) && WTERMSIG(run.status) == SIGABRT);
    run = run_start("fixed", "dereferences", true);
    seen = run_end(&run);
    found = seen_find(&seen, EVENT_SIGNAL, SIGSEGV, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->event->address, 0x10);
    ck_assert(WIFSIGNALED(run.status) && WTERMSIG(run.status) == SIGSEGV);
}
END_TEST

START_TEST(signals_that_are_caught_or_ignored_are_no_end)
{
    struct run run;
    struct seen seen = ends(&run, "survives_signals");
    ck_assert_ptr_null(seen_find(&seen, EVENT_SIGNAL, -1, 0));
    ck_assert(WIFEXITED(run.status) && WEXITSTATUS(run.status) == 0);
}
END_TEST

START_TEST(an_exit_is_kept_with_its_frame)
{
    struct run run;
    struct seen seen = ends(&run, "exits");
    const struct seen_event *found = seen_find(&seen, EVENT_EXIT, -1, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->event->result, 3 << 8);
    ck_assert(run_has_frame(&run, &seen, found, "exits"));
    ck_assert(WIFEXITED(run.status) && WEXITSTATUS(run.status) == 3);
}
END_TEST

START_TEST(an_execution_is_kept)
{
    struct run run = run_start("plain", "executes", true);
    int second = run_accept(&run);
    struct seen seen = run_end(&run);
    ck_assert_int_ge(second, 0);
    ck_assert_ptr_nonnull(seen_find(&seen, EVENT_STARTED, -1, 1));
    const struct seen_event *found = seen_find(&seen, EVENT_CALL, SYS_write, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->event->local, run.program_port);
    ck_assert(run_has_frame(&run, &seen, found, "by_write"));
}
END_TEST

START_TEST(a_program_that_is_killed_ends_the_tracer)
{
    struct run run = run_start("plain", "stuck_in_read", true);
    char x;
    ck_assert_int_eq(recv(run.client, &x, 1, 0), 1);
    kill(run.pid, SIGKILL);
    struct seen seen = run_end(&run);
    ck_assert(seen.end->ended);
}
END_TEST

START_TEST(a_tracer_that_is_killed_takes_the_program_along)
{
    struct run run = run_start("plain", "stuck_in_read", true);
    char x;
    ck_assert_int_eq(recv(run.client, &x, 1, 0), 1);
    kill(run.tracing.process.pid, SIGKILL);
    ck_assert_int_eq(waitpid(run.pid, &run.status, 0), run.pid);
    ck_assert(WIFSIGNALED(run.status) && WTERMSIG(run.status) == SIGKILL);
    process_release(&run.tracing.process);
}
END_TEST

// ---------------------------------------------------------------- hanging

enum { IS_AT_WORK = -1, IS_STOPPED = -2 }; // besides numbers of calls

// What /proc/PID/task/TID/NAME says.
static char *task_text(pid_t pid, pid_t tid, const char *name)
{
    auto_free char *path = str_format("/proc/%d/task/%d/%s", pid, tid, name);
    auto_str struct str text = STR_INIT;
    FILE *stream = fopen(path, "r");
    for (int c; stream != NULL && (c = fgetc(stream)) != EOF;)
        str_append_char(&text, (char)c);
    if (stream != NULL)
        fclose(stream);
    return str_take(&text);
}

// How many threads of the process and its children sleep in the call. At a tracer's stop they are
// in it too, but not asleep.
static int threads_in(pid_t pid, int number)
{
    int count = 0;
    auto_free char *folder = str_format("/proc/%d/task", pid);
    auto_free char *begin = str_format("%d ", number);
    auto_strings struct strings tids = STRINGS_INIT;
    folder_list(folder, &tids, &(struct err)ERR_INIT);
    for (size_t i = 0; i < tids.count; i++) {
        auto_free char *call = task_text(pid, atoi(tids.items[i]), "syscall");
        auto_free char *children = task_text(pid, atoi(tids.items[i]), "children");
        auto_free char *stat = task_text(pid, atoi(tids.items[i]), "stat");
        count += str_starts_with(call, begin) && strstr(stat, ") S ") != NULL;
        char *end = children;
        for (long child; (child = strtol(end, &end, 10)) > 0;)
            count += threads_in((pid_t)child, number);
    }
    return count;
}

static unsigned long long cpu_of(pid_t pid)
{
    auto_free char *text = task_text(pid, pid, "schedstat");
    return strtoull(text, NULL, 10);
}

// `before`: what it had computed when it was about to hang.
static bool is_there(pid_t pid, int number, int count, unsigned long long before)
{
    siginfo_t stopped;
    if (number == IS_STOPPED) // a tracer's stops are not its parent's business
        return waitid(P_PID, (id_t)pid, &stopped, WSTOPPED | WEXITED | WNOWAIT) == 0;
    if (number == IS_AT_WORK) // for far longer than the way there takes
        return cpu_of(pid) > before + 20000000;
    return threads_in(pid, number) >= count;
}

// Starts the program and waits until `count` threads of it are in the call where they hang.
static void reaches(struct run *run, const char *variant, const char *mode, bool traced, int number,
                    int count)
{
    *run = run_start(variant, mode, traced);
    char x;
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(recv(run->client, &x, 1, 0), 1);
    unsigned long long before = cpu_of(run->pid);
    while (!is_there(run->pid, number, count, before))
        sched_yield();
}

// It lives on, and stands still until it is killed.
static void look(const struct run *run)
{
    auto_free char *answer = tracing_ask(&run->tracing, "{\"stuck\":true}", run->pid);
    ck_assert_str_eq(answer, "{\"go\":true}");
    ck_assert_int_eq(kill(run->pid, 0), 0);
}

static void hangs(struct run *run, const char *variant, const char *mode, bool traced, int number,
                  int count)
{
    reaches(run, variant, mode, traced, number, count);
    look(run);
}

// The process and its children, as the end of a cell kills all that is in it.
static void kill_all(pid_t pid)
{
    auto_free char *children = task_text(pid, pid, "children");
    char *end = children;
    for (long child; (child = strtol(end, &end, 10)) > 0;)
        kill_all((pid_t)child);
    kill(pid, SIGKILL);
}

static struct seen killed(struct run *run)
{
    close(run->client);
    kill_all(run->pid);
    return run_end(run);
}

static void is_stuck(const char *mode, const char *function, char state, int number)
{
    static const char *const variants[] = {"checked", "plain", "fixed"};
    for (size_t i = 0; i < 6; i++) {
        struct run run;
        hangs(&run, variants[i % 3], mode, i >= 3, number, 1);
        struct seen seen = killed(&run);
        const struct seen_event *found = seen_find(&seen, EVENT_STUCK, -1, 0);
        ck_assert_msg(found != NULL, "%s %s: nothing", mode, variants[i % 3]);
        for (size_t j = 0; found != NULL && found->event->number != number; j++)
            found = seen_find(&seen, EVENT_STUCK, -1, j);
        ck_assert_msg(found != NULL, "%s: not in call %d", mode, number);
        ck_assert_int_eq(found->event->state, state);
        ck_assert_int_gt(found->event->own_tid, 0);
        ck_assert_uint_gt(found->event->cpu, 0);
        ck_assert_int_eq(found->event->is_partial, 0);
        if (number == SYS_read)
            ck_assert_int_eq(found->event->peer, run.port);
        if (number >= 0) {
            ck_assert_msg(run_has_frame(&run, &seen, found, function), "%s: no frame of %s", mode,
                          function);
        } else {
            uint64_t start, end;
            ck_assert(run_function(&run, &seen, found->event, function, &start, &end));
            ck_assert_uint_ge(found->event->registers.rip, start);
            ck_assert_uint_lt(found->event->registers.rip, end);
        }
    }
}

START_TEST(a_thread_that_waits_in_a_call_is_kept_with_its_frame)
{
    is_stuck("stuck_in_read", "stuck_in_read", 'S', SYS_read);
    is_stuck("stuck_in_poll", "stuck_in_poll", 'S', SYS_poll);
}
END_TEST

START_TEST(a_thread_that_waits_for_a_lock_is_kept_with_its_frame)
{
    is_stuck("stuck_in_lock", "stuck_in_lock", 'S', SYS_futex);
}
END_TEST

START_TEST(a_thread_that_computes_is_kept_where_it_is)
{
    is_stuck("stuck_in_loop", "stuck_in_loop", 'R', IS_AT_WORK);
}
END_TEST

START_TEST(children_and_their_parents_are_kept)
{
    is_stuck("stuck_in_child", "stuck_in_read", 'S', SYS_read);
    is_stuck("stuck_in_child", "stuck_in_child", 'S', SYS_wait4);
}
END_TEST

static void is_polled(const struct run *run, const struct seen_event *found)
{
    struct snapshot_polled polled;
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->event->polled_count, 1);
    memcpy(&polled, found->polled, sizeof polled);
    ck_assert_int_eq(polled.socket, SOCKET_CONNECTED);
    ck_assert_int_eq(polled.local, run->program_port);
    ck_assert_int_eq(polled.peer, run->port);
}

static void await_state(const struct run *run, const char *state)
{
    for (bool holds = false; !holds; sched_yield()) {
        auto_free char *stat = task_text(run->pid, run->pid, "stat");
        holds = strstr(stat, state) != NULL;
    }
}

START_TEST(a_thread_that_waits_for_several_files_names_its_connections)
{
    static const struct {
        const char *mode;
        int number;
    } calls[] = {{"stuck_in_poll", SYS_poll},
                 {"stuck_in_select", SYS_pselect6},
                 {"stuck_in_epoll", SYS_epoll_wait}};
    for (size_t i = 0; i < 12; i++) {
        const bool traced = i % 2 == 1, was_stopped = i % 4 >= 2;
        const int number = calls[i / 4].number;
        struct run run;
        reaches(&run, traced ? "checked" : "plain", calls[i / 4].mode, traced, number, 1);
        if (was_stopped) { // poll() goes on as restart_syscall() then
            kill(run.pid, SIGSTOP);
            await_state(&run, traced ? ") t " : ") T ");
            kill(run.pid, SIGCONT);
            while (!is_there(run.pid, number, 1, 0) &&
                   !is_there(run.pid, SYS_restart_syscall, 1, 0))
                sched_yield();
        }
        look(&run);
        struct seen seen = killed(&run);
        is_polled(&run, seen_find(&seen, EVENT_STUCK, number, 0));
    }
}
END_TEST

START_TEST(a_mutex_names_its_owner)
{
    struct run run;
    hangs(&run, "plain", "stuck_in_lock", false, SYS_futex, 1);
    struct seen seen = killed(&run);
    const struct seen_event *found = seen_find(&seen, EVENT_STUCK, SYS_futex, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->event->data_bytes, 16);
    int owner;
    memcpy(&owner, found->data + 8, sizeof owner);
    ck_assert_int_eq(owner, found->event->own_tid);
}
END_TEST

START_TEST(every_thread_that_hangs_is_kept)
{
    for (int traced = 0; traced < 2; traced++) {
        struct run run;
        hangs(&run, "plain", "stuck_in_threads", traced == 1, SYS_read, 100);
        struct seen seen = killed(&run);
        for (size_t i = 0; i < 100; i++) {
            const struct seen_event *found = seen_find(&seen, EVENT_STUCK, SYS_read, i);
            ck_assert_ptr_nonnull(found);
            ck_assert_int_eq(found->event->is_partial, 0);
        }
        ck_assert_ptr_nonnull(seen_find(&seen, EVENT_STUCK, -1, 100));
        ck_assert_ptr_null(seen_find(&seen, EVENT_STUCK, -1, 101));
    }
}
END_TEST

START_TEST(a_stopped_program_is_kept)
{
    for (int traced = 0; traced < 2; traced++) {
        struct run run;
        hangs(&run, "plain", "stuck_in_stop", traced == 1, IS_STOPPED, 1);
        struct seen seen = killed(&run);
        const struct seen_event *found = seen_find(&seen, EVENT_STUCK, -1, 0);
        ck_assert_ptr_nonnull(found);
        ck_assert_int_eq(found->event->state, traced == 1 ? 't' : 'T');
        ck_assert(run_has_frame(&run, &seen, found, "stuck_in_stop"));
    }
}
END_TEST

START_TEST(a_thread_that_cannot_be_stopped_is_kept_in_part)
{
    struct run run;
    hangs(&run, "plain", "stuck_in_vfork", false, SYS_pause, 1);
    struct seen seen = killed(&run);
    const struct seen_event *found = seen_find(&seen, EVENT_STUCK, SYS_vfork, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->event->is_partial, 1);
    ck_assert_int_eq(found->event->state, 'D');
    ck_assert_uint_gt(found->event->stack_bytes, 0);
    const struct seen_event *child = seen_find(&seen, EVENT_STUCK, SYS_pause, 0);
    ck_assert_ptr_nonnull(child);
    ck_assert_int_eq(child->event->is_partial, 0);
}
END_TEST

START_TEST(nonsense_is_answered_or_passed_over)
{
    const struct process_user user = {0};
    struct tracing tracing = tracing_start(&user);
    ck_assert_int_eq(send(tracing.socket, "{", 1, 0), 1);
    ck_assert_int_eq(send(tracing.socket, "{\"start\":1}", 11, 0), 11);
    ck_assert_int_eq(send(tracing.socket, "{\"start\":true}", 14, 0), 14);
    char answer[64] = "";
    ck_assert_int_gt(recv(tracing.socket, answer, sizeof answer, 0), 0);
    ck_assert_str_eq(answer, "{\"go\":false}");
    struct seen seen = tracing_end(&tracing);
    ck_assert_uint_eq(seen.count, 0);
    ck_assert(!seen.end->ended);
}
END_TEST

UNIT_MAIN("tracer_ends", a_deadly_signal_is_kept_with_its_frame,
          signals_that_are_caught_or_ignored_are_no_end, an_exit_is_kept_with_its_frame,
          an_execution_is_kept, a_program_that_is_killed_ends_the_tracer,
          a_tracer_that_is_killed_takes_the_program_along,
          a_thread_that_waits_in_a_call_is_kept_with_its_frame,
          a_thread_that_waits_for_a_lock_is_kept_with_its_frame,
          a_thread_that_computes_is_kept_where_it_is, children_and_their_parents_are_kept,
          a_thread_that_waits_for_several_files_names_its_connections, a_mutex_names_its_owner,
          every_thread_that_hangs_is_kept, a_stopped_program_is_kept,
          a_thread_that_cannot_be_stopped_is_kept_in_part, nonsense_is_answered_or_passed_over)
