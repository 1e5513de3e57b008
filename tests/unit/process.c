// SPDX-License-Identifier: MIT
// Starting processes: what they get, what they do not get, how they end.
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "box/process.h"

// Runs a line of the shell; returns its raw status. Options' argv is set here.
static int run_shell(const char *line, struct process_options options)
{
    struct err err = ERR_INIT;
    struct process process = PROCESS_INIT;
    const char *const argv[] = {"sh", "-c", line, NULL};
    options.argv = argv;
    options.executable = -1;
    ck_assert_msg(process_start(&options, &process, &err), "%s", err.message);
    int status = process_wait(&process);
    process_release(&process);
    return status;
}

// What a line of the shell writes to its standard output.
static void read_shell(const char *line, struct process_options options, char *out, size_t size)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    const struct process_descriptor descriptors[] = {{ends[1], 1}};
    options.descriptors = descriptors;
    options.descriptor_count = 1;
    ck_assert_int_eq(run_shell(line, options), 0);
    close(ends[1]);
    ssize_t length = read(ends[0], out, size - 1);
    ck_assert_int_ge(length, 0);
    out[length] = '\0';
    close(ends[0]);
}

START_TEST(status_is_raw)
{
    int exited = run_shell("exit 139", (struct process_options){0});
    int killed = run_shell("kill -SEGV $$", (struct process_options){0});
    ck_assert(WIFEXITED(exited) && WEXITSTATUS(exited) == 139);
    ck_assert(WIFSIGNALED(killed) && WTERMSIG(killed) == SIGSEGV);
}
END_TEST

START_TEST(descriptors_change_places_without_loss)
{
    for (int i = 0; i < 3; i++) {
        int ends[2];
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(dprintf(ends[1], "%c\n", 'a' + i), 2);
        ck_assert_int_eq(dup3(ends[0], 20 + i, O_CLOEXEC), 20 + i);
    }
    // A circle: each wanted number is somebody else's present one.
    const struct process_descriptor circle[] = {{20, 21}, {21, 22}, {22, 20}};
    const char *line = "read x </dev/fd/21; read y </dev/fd/22; read z </dev/fd/20; "
                       "test $x$y$z = abc";
    const struct process_options options = {.descriptors = circle, .descriptor_count = 3};
    ck_assert_int_eq(run_shell(line, options), 0);
}
END_TEST

START_TEST(nothing_else_is_inherited)
{
    char text[256];
    ck_assert_int_ge(dup2(1, 50), 0); // not close-on-exec
    read_shell("cd /proc/self/fd; for n in *; do test -e $n && echo $n; done; readlink 0 2",
               (struct process_options){0}, text, sizeof text);
    ck_assert_ptr_null(strstr(text, "50"));
    ck_assert_ptr_nonnull(strstr(text, "/dev/null\n/dev/null\n"));
}
END_TEST

START_TEST(environment_and_folder_are_given)
{
    char text[256];
    const char *const environment[] = {"A=b c", "PATH=/usr/bin:/bin", NULL};
    read_shell("echo \"$A\"; pwd",
               (struct process_options){.environment = environment, .folder = "/usr"}, text,
               sizeof text);
    ck_assert_str_eq(text, "b c\n/usr\n");
    setenv("LAB_UNIT_LEAK", "1", 1);
    read_shell("echo \"[$LAB_UNIT_LEAK]\"", (struct process_options){0}, text, sizeof text);
    ck_assert_str_eq(text, "[]\n");
}
END_TEST

START_TEST(signals_are_as_new)
{
    char text[256];
    sigset_t all;
    sigfillset(&all);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    sigprocmask(SIG_BLOCK, &all, NULL);
    read_shell("grep -E 'Sig(Blk|Ign)' /proc/self/status | tr -d '\\t'",
               (struct process_options){0}, text, sizeof text);
    ck_assert_str_eq(text, "SigBlk:0000000000000000\nSigIgn:0000000000000000\n");
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    ck_assert_int_eq(sigismember(&now, SIGUSR1), 1); // the caller's own mask is put back
}
END_TEST

START_TEST(what_cannot_be_executed_is_named)
{
    struct err err = ERR_INIT;
    struct process process = PROCESS_INIT;
    const char *const missing[] = {"no-such-program", NULL};
    const char *const folder[] = {"/usr", NULL};
    ck_assert(!process_start(&(struct process_options){.argv = missing, .executable = -1}, &process,
                             &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_str_eq(err.message, "no-such-program: not found in PATH");
    ck_assert(!process_start(&(struct process_options){.argv = folder, .executable = -1}, &process,
                             &err));
    ck_assert_str_eq(err.message, "/usr: cannot be executed: Permission denied");
    const char *const shell[] = {"sh", NULL};
    ck_assert(!process_start(
        &(struct process_options){.argv = shell, .executable = -1, .folder = "/none"}, &process,
        &err));
    ck_assert_str_eq(err.message, "sh: cannot work in /none: No such file or directory");
    ck_assert_int_eq(process.pid, 0);
    err_release(&err);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); // no zombies
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(a_descriptor_is_executed)
{
    struct err err = ERR_INIT;
    struct process process = PROCESS_INIT;
    int file = open("/bin/true", O_RDONLY | O_CLOEXEC);
    const char *const argv[] = {"any name", NULL};
    const struct process_options options = {.argv = argv, .executable = file};
    ck_assert_msg(process_start(&options, &process, &err), "%s", err.message);
    ck_assert_int_eq(process_wait(&process), 0);
    process_release(&process);
}
END_TEST

START_TEST(pidfd_tells_the_end_and_release_kills)
{
    struct err err = ERR_INIT;
    struct process process = PROCESS_INIT;
    const char *const argv[] = {"sleep", "1000", NULL};
    const struct process_options options = {.argv = argv, .executable = -1, .new_session = true};
    ck_assert_msg(process_start(&options, &process, &err), "%s", err.message);
    ck_assert_int_eq(getsid(process.pid), process.pid);
    struct pollfd end = {process.pidfd, POLLIN, 0};
    ck_assert_int_eq(poll(&end, 1, 0), 0);
    kill(process.pid, SIGKILL);
    ck_assert_int_eq(poll(&end, 1, -1), 1);
    process_release(&process);
    process_release(&process);
    ck_assert_int_eq(process_wait(&process), -1);
}
END_TEST

START_TEST(child_dies_with_its_parent)
{
    struct err err = ERR_INIT;
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct process process = PROCESS_INIT;
        const char *const argv[] = {"sleep", "1000", NULL};
        const struct process_descriptor descriptors[] = {{ends[1], 1}};
        const struct process_options options = {
            .argv = argv, .executable = -1, .descriptors = descriptors, .descriptor_count = 1};
        _exit(process_start(&options, &process, &err) ? 0 : 1);
    }
    close(ends[1]);
    int status;
    waitpid(parent, &status, 0);
    ck_assert_int_eq(status, 0);
    char byte;
    ck_assert_int_eq(read(ends[0], &byte, 1), 0); // the last writer is gone
}
END_TEST

START_TEST(root_is_given_up_whole)
{
    char text[512];
    if (geteuid() != 0)
        return;
    const struct process_user user = {true, 60777, 60778, NULL};
    read_shell("grep -E '^(Uid|Gid|Groups|CapEff):' /proc/self/status | tr -s '\\t ' ' '; pwd",
               (struct process_options){.user = user}, text, sizeof text);
    ck_assert_str_eq(text, "Uid: 60777 60777 60777 60777\nGid: 60778 60778 60778 60778\n"
                           "Groups: \nCapEff: 0000000000000000\n/\n");
}
END_TEST

static void *start_and_start(void *nothing)
{
    for (int i = 0; i < 300; i++)
        ck_assert_int_eq(run_shell("true", (struct process_options){0}), 0);
    return nothing;
}

// A file that anybody has open for writing cannot be executed, and a child that another thread has
// just made has open whatever is open here, until its own exec.
START_TEST(what_was_written_can_be_executed_at_once_beside_other_starts)
{
    char folder[] = "/tmp/lab-unit-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    auto_free char *program = path_join(folder, "true");
    const char *const argv[] = {program, NULL};
    const struct process_options options = {.argv = argv, .executable = -1};
    pthread_t other;
    ck_assert_int_eq(pthread_create(&other, NULL, start_and_start, NULL), 0);
    for (int i = 0; i < 300; i++) {
        struct err err = ERR_INIT;
        struct process process = PROCESS_INIT;
        unlink(program);
        ck_assert_msg(file_copy("/bin/true", program, 0755, &err), "%s", err.message);
        ck_assert_msg(process_start(&options, &process, &err), "%s", err.message);
        ck_assert_int_eq(process_wait(&process), 0);
        process_release(&process);
    }
    pthread_join(other, NULL);
    folder_remove_all(folder, NULL);
}
END_TEST

UNIT_MAIN("process", status_is_raw, descriptors_change_places_without_loss,
          nothing_else_is_inherited, environment_and_folder_are_given, signals_are_as_new,
          what_cannot_be_executed_is_named, a_descriptor_is_executed,
          pidfd_tells_the_end_and_release_kills, child_dies_with_its_parent, root_is_given_up_whole,
          what_was_written_can_be_executed_at_once_beside_other_starts)
