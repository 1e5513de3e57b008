// SPDX-License-Identifier: MIT
// The box: what a program sees inside, how its end is reported, what is left of it.
#include "unit.h"

#include <dirent.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>

#include "boxed.h"

// ---------------------------------------------------------------- probes, inside

// Says what is wrong and gives the exit status for it.
static int complain(const char *what)
{
    printf("%s (%s)\n", what, strerror(errno));
    return 1;
}

static int exits_139(void)
{
    return 139;
}

static int dies_of_a_signal(void)
{
    signal(SIGSEGV, SIG_DFL); // a sanitized test has a handler
    raise(SIGSEGV);
    return 1;
}

static int only_known_names(const char *folder, const char *known)
{
    DIR *stream = opendir(folder);
    if (stream == NULL)
        return complain(folder);
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        auto_free char *word = str_format(" %s ", entry->d_name);
        if (entry->d_name[0] != '.' && strstr(known, word) == NULL)
            return complain(entry->d_name);
    }
    closedir(stream);
    return 0;
}

static int sees_little(void)
{
    return only_known_names("/",
                            " bin dev etc lib lib32 lib64 libx32 proc program sbin tmp usr ") ||
           only_known_names("/etc", " alternatives group hosts ld.so.cache nsswitch.conf passwd "
                                    "protocols services ") ||
           only_known_names("/dev", " fd full null random shm stderr stdin stdout urandom zero ") ||
           only_known_names("/tmp", " ");
}

// Its own process, PID 1, and those of the list in /proc; nothing of the host.
static int sees_two_processes(void)
{
    DIR *stream = opendir("/proc");
    int count = 0;
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream))
        count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
    closedir(stream);
    return count == 2 ? 0 : complain("number of processes");
}

static int writes_only_in_tmp(void)
{
    static const char *const closed[] = {"/x",
                                         "/usr/x",
                                         "/etc/x",
                                         "/dev/x",
                                         "/etc/passwd",
                                         "/program",
                                         "/bin/sh",
                                         "/proc/sys/x",
                                         "/usr/bin/true",
                                         "/proc/sysrq-trigger",
                                         "/proc/sys/kernel/hostname",
                                         "/proc/sys/kernel/core_pattern"};
    struct err err = ERR_INIT;
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (open(closed[i], O_WRONLY | O_CREAT, 0600) >= 0)
            return complain(closed[i]);
    return file_write(AT_FDCWD, "/tmp/x", "x", 1, 0600, &err) &&
                   file_write(AT_FDCWD, "/dev/shm/x", "x", 1, 0600, &err) &&
                   file_write(AT_FDCWD, "/dev/null", "x", 1, 0600, &err)
               ? 0
               : complain(err.message);
}

static int has_three_descriptors(void)
{
    for (int i = 0; i < 3; i++)
        if (fcntl(i, F_GETFD) < 0)
            return complain("a standard descriptor is missing");
    for (int i = 3; i < 4096; i++)
        if (fcntl(i, F_GETFD) >= 0)
            return complain("a descriptor too many");
    return 0;
}

static int reaches_nothing(void)
{
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(53)};
    far.sin_addr.s_addr = htonl(0x08080808);
    int handle = socket(AF_INET, SOCK_DGRAM, 0);
    if (handle < 0 || connect(handle, (struct sockaddr *)&far, sizeof far) == 0 ||
        errno != ENETUNREACH)
        return complain("a way out");
    FILE *devices = fopen("/proc/net/dev", "r");
    char line[512];
    int count = -2; // two lines of headings
    while (fgets(line, sizeof line, devices) != NULL)
        count += count < 0 || strstr(line, "lo:") != NULL ? 1 : 100;
    return count == 1 ? 0 : complain("network devices");
}

static int has_a_name(void)
{
    const struct passwd *user = getpwuid(getuid());
    const struct group *group = getgrgid(getgid());
    char host[64] = "";
    struct addrinfo *found = NULL;
    const struct addrinfo wanted = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    if (getuid() == 0 || user == NULL || strcmp(user->pw_name, "lab") != 0 || group == NULL)
        return complain("user");
    if (gethostname(host, sizeof host) < 0 || strcmp(host, "lab") != 0)
        return complain("host name");
    if (getaddrinfo("localhost", "80", &wanted, &found) != 0)
        return complain("localhost does not resolve");
    freeaddrinfo(found);
    return 0;
}

static int starts_clean(void)
{
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        sigaction(number, NULL, &action);
        if (sigismember(&blocked, number) || action.sa_handler == SIG_IGN)
            return complain("a signal is blocked or ignored");
    }
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2)
        return complain("no_new_privs or seccomp");
    if ((personality(0xffffffff) & ADDR_NO_RANDOMIZE) == 0)
        return complain("addresses are random");
    return getsid(0) == getpid() ? 0 : complain("session");
}

static int prints_environment(void)
{
    extern char **environ;
    for (char **entry = environ; *entry != NULL; entry++)
        printf("%s\n", *entry);
    return 0;
}

// Its first process ends; a grandchild with a session of its own holds on to the output.
static int leaves_a_daemon(void)
{
    if (fork() == 0) {
        setsid();
        signal(SIGTERM, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        if (fork() == 0)
            for (;;)
                pause();
        _exit(0);
    }
    wait(NULL);
    return 7;
}

static int usr_share_is_empty(void)
{
    struct statvfs status;
    if (statvfs("/usr/share", &status) < 0 || (status.f_flag & ST_RDONLY) == 0)
        return complain("/usr/share can be written");
    return only_known_names("/usr/share", " ");
}

static int finds_its_odd_folder(void)
{
    char text[8] = "";
    int file = open("/tmp/a 'b' \"\xc3\xa9\"\nc/file", O_RDWR);
    return file >= 0 && read(file, text, 4) == 4 && strcmp(text, "here") == 0 ? 0 : complain("");
}

static int sleeps(void)
{
    return pause(); // nothing wakes it
}

BOXED_PROBES({"139", exits_139}, {"segv", dies_of_a_signal}, {"sees", sees_little},
             {"processes", sees_two_processes}, {"writes", writes_only_in_tmp},
             {"descriptors", has_three_descriptors}, {"network", reaches_nothing},
             {"name", has_a_name}, {"clean", starts_clean}, {"environment", prints_environment},
             {"daemon", leaves_a_daemon}, {"hidden", usr_share_is_empty},
             {"odd", finds_its_odd_folder}, {"sleeps", sleeps})

// ---------------------------------------------------------------- tests, outside

START_TEST(exit_139_is_not_a_segmentation_fault)
{
    struct boxed exited = boxed_run("139", (struct box_options){BOXED_OPTIONS});
    struct boxed killed = boxed_run("segv", (struct box_options){BOXED_OPTIONS});
    ck_assert_int_eq(exited.event, BOX_ENDED);
    ck_assert(WIFEXITED(exited.status) && WEXITSTATUS(exited.status) == 139);
    ck_assert_int_eq(killed.event, BOX_ENDED);
    ck_assert(WIFSIGNALED(killed.status) && WTERMSIG(killed.status) == SIGSEGV);
    boxed_release(&exited);
    boxed_release(&killed);
}
END_TEST

START_TEST(only_what_a_program_needs_is_visible)
{
    boxed_expect_ok("sees", (struct box_options){BOXED_OPTIONS});
    boxed_expect_ok("processes", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(only_tmp_can_be_written)
{
    boxed_expect_ok("writes", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(program_gets_three_descriptors)
{
    // What the caller forgot to close must not get in either.
    ck_assert_int_ge(dup2(1, 100), 0);
    boxed_expect_ok("descriptors", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(own_network_has_loopback_only)
{
    boxed_expect_ok("network", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(user_host_and_localhost_have_names)
{
    boxed_expect_ok("name", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(signals_personality_and_privileges_start_clean)
{
    signal(SIGPIPE, SIG_IGN);
    boxed_expect_ok("clean", (struct box_options){BOXED_OPTIONS});
}
END_TEST

START_TEST(environment_is_exactly_what_was_given)
{
    const char *const environment[] = {"PORT=1234", "EMPTY=", "ODD=a b\n'\"\xc3\xa9", NULL};
    struct boxed boxed =
        boxed_run("environment", (struct box_options){BOXED_OPTIONS, .environment = environment});
    ck_assert_str_eq(str_text(&boxed.output), "PORT=1234\nEMPTY=\nODD=a b\n'\"\xc3\xa9\n");
    boxed_release(&boxed);
}
END_TEST

START_TEST(daemon_outlives_the_first_process_but_not_the_box)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    struct box box = BOX_INIT;
    int output, status = 0;
    boxed_must(stage_open(&stage, &err), &err);
    boxed_start(&stage, "daemon", (struct box_options){BOXED_OPTIONS}, &box, &output);
    boxed_must(box_wait(&box, &status, &err) == BOX_ENDED, &err);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    struct pollfd end = {output, POLLIN, 0};
    ck_assert_int_eq(poll(&end, 1, 0), 0);
    box_release(&box);
    ck_assert_int_eq(poll(&end, 1, 0), 1); // the box is gone when box_release returns
    ck_assert(end.revents & POLLHUP);
    box_release(&box);
    close(output);
    stage_close(&stage);
}
END_TEST

START_TEST(release_at_any_moment_leaves_nothing)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    boxed_must(stage_open(&stage, &err), &err);
    for (int i = 0; i < 12; i++) {
        struct box box = BOX_INIT;
        struct str text = STR_INIT;
        int output;
        boxed_start(&stage, "sleeps", (struct box_options){BOXED_OPTIONS}, &box, &output);
        struct pollfd report = {box.status, POLLIN, 0};
        poll(&report, 1, i); // at most so many milliseconds into its start
        box_release(&box);
        boxed_read(output, &text); // ends only when the last process is gone
        str_release(&text);
        close(output);
    }
    stage_close(&stage);
}
END_TEST

START_TEST(killed_caller_leaves_nothing)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    boxed_must(stage_open(&stage, &err), &err);
    auto_free char *program = boxed_program(&stage);
    ck_assert_ptr_nonnull(program);
    for (int i = 0; i < 16; i++) {
        int ends[2];
        char byte;
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        pid_t caller = fork();
        if (caller == 0) {
            struct box box = BOX_INIT;
            int output;
            struct box_options options = {BOXED_OPTIONS};
            options.standard_input = ends[1];
            boxed_start(&stage, "sleeps", options, &box, &output);
            poll(&(struct pollfd){box.error_output, POLLIN, 0}, 1, i); // so many milliseconds
            raise(SIGKILL);
        }
        close(ends[1]);
        waitpid(caller, NULL, 0);
        ck_assert_int_eq(read(ends[0], &byte, 1), 0); // the last holder is gone
        close(ends[0]);
    }
    stage_close(&stage);
}
END_TEST

START_TEST(impossible_boxes_are_broken_not_ended)
{
    const struct box_mount missing = {"/no such place", "/x", false};
    struct boxed boxed = boxed_run(
        "sees", (struct box_options){BOXED_OPTIONS, .mounts = &missing, .mount_count = 1});
    ck_assert_int_eq(boxed.event, BOX_BROKEN);
    ck_assert_int_eq(boxed.err.kind, ERR_ENV);
    ck_assert_ptr_nonnull(strstr(boxed.err.message, "/no such place"));
    ck_assert_str_eq(str_text(&boxed.output), ""); // bubblewrap's words are not the program's
    boxed_release(&boxed);
    const char *const argv[] = {"/etc/passwd", NULL};
    boxed = boxed_run("", (struct box_options){BOXED_OPTIONS, .argv = argv});
    ck_assert_int_eq(boxed.event, BOX_BROKEN);
    ck_assert_str_eq(boxed.err.message,
                     "the program cannot be executed in its box: Permission denied");
    boxed_release(&boxed);
}
END_TEST

START_TEST(started_names_the_programs_pid_as_the_caller_counts)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    struct box box = BOX_INIT;
    int output, status = 0;
    boxed_must(stage_open(&stage, &err), &err);
    boxed_start(&stage, "sleeps", (struct box_options){BOXED_OPTIONS}, &box, &output);
    enum box_event event;
    while ((event = box_next(&box, &status, &err)) == BOX_NOTHING)
        poll(&(struct pollfd){box.status, POLLIN, 0}, 1, -1);
    ck_assert_int_eq(event, BOX_STARTED);
    auto_free char *path = str_format("/proc/%d/cmdline", box.program);
    auto_str struct str command = STR_INIT;
    boxed_must(file_read(AT_FDCWD, path, 4096, &command, &err), &err);
    ck_assert_str_eq(str_text(&command), "/program");
    ck_assert_int_eq(kill(box.program, SIGTERM), 0);
    boxed_must(box_wait(&box, &status, &err) == BOX_ENDED, &err);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    box_release(&box);
    close(output);
    stage_close(&stage);
}
END_TEST

START_TEST(hidden_folders_look_empty)
{
    const char *const hidden[] = {"/usr/share", "/usr/no such folder", "/etc", NULL};
    boxed_expect_ok("hidden", (struct box_options){BOXED_OPTIONS, .hidden = hidden});
}
END_TEST

START_TEST(odd_paths_are_mounted)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    boxed_must(stage_open(&stage, &err), &err);
    auto_free char *folder = stage_folder(&stage, "x 'y' \"\xc3\xa9\"\nz", &err);
    boxed_must(folder != NULL, &err);
    auto_free char *file = path_join(folder, "file");
    boxed_must(file_write(AT_FDCWD, file, "here", 4, 0666, &err), &err);
    ck_assert_int_eq(chmod(file, 0666), 0);
    const struct box_mount mount = {folder, "/tmp/a 'b' \"\xc3\xa9\"\nc", true};
    struct boxed boxed = boxed_run_in(
        &stage, "odd", (struct box_options){BOXED_OPTIONS, .mounts = &mount, .mount_count = 1});
    ck_assert_msg(boxed.status == 0, "%s", str_text(&boxed.output));
    boxed_release(&boxed);
    stage_close(&stage);
}
END_TEST

UNIT_MAIN("box", exit_139_is_not_a_segmentation_fault, only_what_a_program_needs_is_visible,
          only_tmp_can_be_written, program_gets_three_descriptors, own_network_has_loopback_only,
          user_host_and_localhost_have_names, signals_personality_and_privileges_start_clean,
          environment_is_exactly_what_was_given, daemon_outlives_the_first_process_but_not_the_box,
          release_at_any_moment_leaves_nothing, killed_caller_leaves_nothing,
          impossible_boxes_are_broken_not_ended,
          started_names_the_programs_pid_as_the_caller_counts, hidden_folders_look_empty,
          odd_paths_are_mounted)
