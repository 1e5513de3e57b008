// SPDX-License-Identifier: MIT
/*
 * How many checks are open at once. This executable is also the grader that counts them: called
 * with --list or --serve it speaks the protocol, without cells and programs, and breaks a check
 * that was begun too early. What it does hangs on the lab's name, by which it is called.
 */
#include "unit.h"

#include <cjson/cJSON.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "grade/grade.h"
#include "made_course.h"

enum { PARALLEL = 3, SOCKET = 3, CHECKS_AT_WORK = 6 };

// Of grade.c: so many checks are open at most.
static int slots(void)
{
    return 8 * (int)sysconf(_SC_NPROCESSORS_ONLN);
}

// ---------------------------------------------------------------- the grader

struct held {
    int id, pipe;
};
static struct held held[4096];
static int count;

static void print_list(int checks)
{
    printf("{\"version\":1,\"checks\":[");
    for (int i = 0; i < checks; i++)
        printf("%s{\"id\":\"%s/check_%d\",\"title\":\"check\",\"build\":\"plain\",\"services\":[]}",
               i == 0 ? "" : ",", i == 0 ? "first" : "second", i);
    printf("]}\n");
}

// The next request, its check begun; false at the end, and when none comes in time.
static bool take_request(int milliseconds)
{
    char text[65536];
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(2 * sizeof(int))];
    } control;
    struct iovec part = {text, sizeof text};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct pollfd ready = {.fd = SOCKET, .events = POLLIN};
    if (poll(&ready, 1, milliseconds) <= 0)
        return false;
    ssize_t length = recvmsg(SOCKET, &message, 0);
    if (length <= 0)
        return false;
    cJSON *request = cJSON_ParseWithLength(text, (size_t)length);
    struct held *check = &held[count++];
    check->id = cJSON_GetObjectItem(request, "id")->valueint;
    memcpy(&check->pipe, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
    dprintf(check->pipe, "{\"record\":\"start\",\"version\":1,\"check\":\"%s\"}\n",
            cJSON_GetStringValue(cJSON_GetObjectItem(request, "check")));
    cJSON_Delete(request);
    return true;
}

static void tell(const struct held *check, const char *record)
{
    dprintf(check->pipe, "{\"record\":%s}\n", record);
}

// The last one ends, as passed or as broken.
static void end_one(const char *fault)
{
    const struct held *check = &held[--count];
    if (fault != NULL)
        dprintf(check->pipe, "{\"record\":\"broken\",\"text\":\"%s\"}\n", fault);
    else
        tell(check, "\"end\",\"result\":\"passed\"");
    close(check->pipe);
    auto_free char *text = str_format("{\"id\":%d,\"status\":0}", check->id);
    send(SOCKET, text, strlen(text), MSG_NOSIGNAL);
}

// Each check is at work from its beginning to its end. What is not there yet may come a little
// later, so it is waited for; on a slow machine a fault may be missed, none is invented.
static void serve_at_work(void)
{
    for (int left = CHECKS_AT_WORK; left > 0; left--) {
        while (count < PARALLEL && count < left)
            if (!take_request(-1))
                return;
        bool too_many = left > PARALLEL && take_request(150);
        end_one(too_many ? "a check began while all cores were taken" : NULL);
    }
}

// All sleep until every slot is taken, which times out where none lends its core. Then all wake up.
static void serve_asleep(void)
{
    while (count < slots() && take_request(-1))
        tell(&held[count - 1], "\"rest\",\"asleep\":true");
    for (int i = 0; i < count; i++)
        tell(&held[i], "\"rest\",\"asleep\":false");
    while (count > 0) {
        bool too_many = count >= PARALLEL && take_request(count == slots() - 1 ? 150 : 0);
        end_one(too_many ? "a check began while those that slept are awake" : NULL);
    }
    while (take_request(-1))
        end_one(NULL);
}

__attribute__((constructor)) static void be_grader(int argc, char **argv)
{
    if (argc != 2)
        return;
    bool asleep = strcmp(argv[0], "asleep") == 0;
    if (strcmp(argv[1], "--list") == 0)
        print_list(asleep ? slots() + 4 : CHECKS_AT_WORK);
    else if (strcmp(argv[1], "--serve") == 0 && asleep)
        serve_asleep();
    else if (strcmp(argv[1], "--serve") == 0)
        serve_at_work();
    else
        return;
    exit(0);
}

// ---------------------------------------------------------------- the tests

static void must(bool holds, const struct err *err)
{
    ck_assert_msg(holds, "%s (%s)", err->message, err->cure);
}

static void expect_all_passed(const char *id)
{
    struct err err = ERR_INIT;
    char *root = made_course();
    made_lab(root, id, "one", 1);
    auto_free char *folder = path_join(root, "graders");
    auto_free char *grader = path_join(folder, id);
    must(folder_make_all(folder, 0700, &err), &err);
    auto_free char *self = path_real("/proc/self/exe", &err);
    must(file_copy(self, grader, 0755, &err), &err);
    setenv("LAB_HOME", root, 1);
    setenv("LAB_GRADERS", folder, 1);

    struct courses courses = {0};
    struct stage stage = STAGE_INIT;
    struct plan plan = {0};
    must(courses_find(&courses, &err), &err);
    struct lab *lab = lab_load(&courses, id, &err);
    must(lab != NULL, &err);
    must(stage_open(&stage, &err), &err);
    must(plan_load(lab, &stage, &plan, &err), &err);
    char program[] = "/nowhere";
    const struct build_result build = {.ok = true, .programs = {program, program}};
    const struct grade_request request = {
        .lab = lab, .plan = &plan, .stage = &stage, .build = &build, .parallel = PARALLEL};
    struct attempt attempt = {0};
    must(grade_run(&request, &attempt, &err), &err);
    for (size_t i = 0; i < attempt.check_count; i++)
        ck_assert_msg(attempt.checks[i].status == CHECK_PASSED, "%s: %s", attempt.checks[i].id,
                      attempt.checks[i].message);
    attempt_release(&attempt);
    plan_release(&plan);
    stage_close(&stage);
    lab_free(lab);
    courses_release(&courses);
    made_remove(root);
}

START_TEST(a_check_at_work_keeps_its_core)
{
    expect_all_passed("at-work");
}
END_TEST

START_TEST(a_check_that_sleeps_lends_its_core_until_it_wakes)
{
    expect_all_passed("asleep");
}
END_TEST

UNIT_MAIN("schedule", a_check_at_work_keeps_its_core,
          a_check_that_sleeps_lends_its_core_until_it_wakes)
