// SPDX-License-Identifier: MIT
// Boxes without namespaces: what they hold, and how they end.
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "box/landlock.h"
#include "boxed.h"

// ---------------------------------------------------------------- inside

static int expect_error(const char *what, long result, int error)
{
    if (result < 0 && errno == error)
        return 0;
    printf("%s: %ld, %s\n", what, result, strerror(errno));
    return 1;
}

static int inside_leaves(void)
{
    return expect_error("setsid", setsid(), EPERM) + expect_error("setpgid", setpgid(0, 0), EPERM) +
           expect_error("kill -1", kill(-1, 0), EPERM);
}

static int inside_has_no_network(void)
{
    return expect_error("IPv4", socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT) +
           expect_error("IPv6", socket(AF_INET6, SOCK_DGRAM, 0), EAFNOSUPPORT) +
           (socket(AF_UNIX, SOCK_STREAM, 0) < 0);
}

static int inside_connects(void)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(1), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int handle = socket(AF_INET, SOCK_STREAM, 0);
    int result = connect(handle, (const struct sockaddr *)&address, sizeof address);
    return expect_error("connect", result, EACCES);
}

static int inside_reads_hidden(void)
{
    int failures = expect_error("/usr/share/doc", open("/usr/share/doc", O_RDONLY), EACCES) +
                   expect_error("/root", open("/root", O_RDONLY), EACCES) +
                   expect_error("/tmp", open("/tmp", O_RDONLY), EACCES) +
                   expect_error("/etc/shadow", open("/etc/shadow", O_RDONLY), EACCES);
    if (open("/usr/share", O_RDONLY) >= 0 || open("/usr/bin/true", O_RDONLY) < 0)
        failures += 10;
    return failures;
}

static int inside_ends_with_7(void)
{
    return 7;
}

// A child and a grandchild without a parent, deaf to all signals, hold the standard output.
static int inside_stays(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    if (fork() == 0) {
        if (fork() != 0)
            _exit(0);
        setsid();
        setpgid(0, 0);
        for (;;)
            pause();
    }
    printf("up\n");
    fflush(stdout);
    for (;;)
        pause();
}

BOXED_PROBES({"leaves", inside_leaves}, {"no_network", inside_has_no_network},
             {"connects", inside_connects}, {"reads_hidden", inside_reads_hidden},
             {"ends_with_7", inside_ends_with_7}, {"stays", inside_stays})

// ---------------------------------------------------------------- outside

START_TEST(names_and_levels_fit)
{
    enum box_level level = BOX_NONE;
    for (int i = BOX_NAMESPACES; i <= BOX_NONE; i++) {
        ck_assert(box_level_parse(box_level_name((enum box_level)i), &level));
        ck_assert_int_eq((int)level, i);
    }
    ck_assert(!box_level_parse("", &level) && !box_level_parse("fuller", &level));
    ck_assert(!box_level_is_bare(BOX_NAMESPACES) && box_level_is_bare(BOX_CONTAINER));
}
END_TEST

START_TEST(a_program_cannot_leave_its_group)
{
    boxed_expect_ok("leaves", (struct box_options){.level = BOX_CONTAINER, BOXED_OPTIONS});
    boxed_expect_ok("leaves", (struct box_options){.level = BOX_NONE, BOXED_OPTIONS});
}
END_TEST

START_TEST(a_compiler_has_no_network)
{
    boxed_expect_ok("no_network", (struct box_options){.level = BOX_CONTAINER, BOXED_OPTIONS});
}
END_TEST

START_TEST(a_program_without_services_connects_to_nobody)
{
    struct box_options options = {.level = BOX_CONTAINER, BOXED_OPTIONS};
    options.own_network = false;
    options.no_connect = true;
    if (landlock_version() >= 4) // before there is no such rule: box/README.md
        boxed_expect_ok("connects", options);
}
END_TEST

START_TEST(hidden_folders_are_closed_and_what_lies_beside_them_is_not)
{
    const char *const hidden[] = {"/usr/share/doc", NULL};
    struct box_options options = {.level = BOX_CONTAINER, .hidden = hidden, BOXED_OPTIONS};
    boxed_expect_ok("reads_hidden", options);
}
END_TEST

START_TEST(the_raw_status_is_told)
{
    for (enum box_level level = BOX_CONTAINER; level <= BOX_NONE; level++) {
        struct boxed boxed =
            boxed_run("ends_with_7", (struct box_options){.level = level, BOXED_OPTIONS});
        ck_assert_int_eq(boxed.event, BOX_ENDED);
        ck_assert_int_eq(boxed.status, 7 << 8);
        boxed_release(&boxed);
    }
}
END_TEST

// The output has no writer left once box_release is back: boxed_read would wait for ever otherwise.
static void expect_all_ended(bool killed_first)
{
    struct err err = ERR_INIT;
    struct stage stage = STAGE_INIT;
    struct box box = BOX_INIT;
    int output, status = 0;
    boxed_must(stage_open(&stage, &err), &err);
    boxed_start(&stage, "stays", (struct box_options){.level = BOX_NONE, BOXED_OPTIONS}, &box,
                &output);
    char word[3];
    ck_assert_int_eq(read(output, word, sizeof word), 3);
    while (box_next(&box, &status, &err) != BOX_NOTHING)
        continue;
    pid_t program = box.program;
    ck_assert_int_gt(program, 0);
    if (killed_first) {
        box_kill(&box);
        ck_assert_int_eq(box_wait(&box, &status, &err), BOX_ENDED);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
    box_release(&box);
    struct pollfd end = {output, POLLIN, 0};
    ck_assert_int_eq(poll(&end, 1, 0), 1);
    ck_assert_int_eq(read(output, word, sizeof word), 0);
    ck_assert_int_eq(kill(program, 0), -1);
    close(output);
    stage_close(&stage);
}

START_TEST(all_of_a_box_ends_when_it_is_released)
{
    expect_all_ended(false);
}
END_TEST

START_TEST(all_of_a_box_ends_when_it_is_killed)
{
    expect_all_ended(true);
}
END_TEST

UNIT_MAIN("level", names_and_levels_fit, a_program_cannot_leave_its_group,
          a_compiler_has_no_network, a_program_without_services_connects_to_nobody,
          hidden_folders_are_closed_and_what_lies_beside_them_is_not, the_raw_status_is_told,
          all_of_a_box_ends_when_it_is_released, all_of_a_box_ends_when_it_is_killed)
