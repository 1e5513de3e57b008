// SPDX-License-Identifier: MIT
/*
 * Services: fixtures that the kit starts in the check's cell, outside of the program's box, and
 * talks to in lines of JSON (fixtures/README.md). All of them are gone with the cell: they die with
 * the check's own process.
 */
#include "core.h"
#include "sql.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE 30.0 // seconds for one answer of a fixture; one that takes longer is broken
#define ROOM "size=64m,mode=0700"
enum { MOST_FOLDERS = 16 };

struct service {
    const char *name;
    const char *executable, *folder;
    struct process process;
    int requests, answers; // our ends of its standard input and output
    struct str unread;     // of what it wrote
    cJSON *environment[2]; // what it said for the program, for the check alone
    bool tells_statements; // its log has what the program asked a database
    struct service *next;
};

static struct service *services;
static size_t count;
static const char *folders[MOST_FOLDERS]; // that the program sees
static size_t folder_count;

size_t kit_services_count(void)
{
    return count;
}

bool kit_services_have(pid_t pid)
{
    for (const struct service *service = services; service != NULL; service = service->next)
        if (service->process.pid == pid)
            return true;
    return false;
}

size_t kit_services_folders(const char *const **out)
{
    *out = folders;
    return folder_count;
}

_Noreturn static void lacks(const char *reason, const char *cure)
{
    kit_record_environment(reason, cure);
    _exit(2);
}

// ---------------------------------------------------------------- its place

// A folder that no program sees: a file system of its own in the cell, over one that the box does
// not show. Without namespaces: a folder beside the scratch folder.
static const char *common_folder(void)
{
    static const char *const places[] = {"/mnt", "/srv", "/media", "/opt"};
    static const char *chosen;
    if (chosen != NULL)
        return chosen;
    if (box_level_is_bare(box_level_told())) {
        const char *pattern = kit_format("%s.services-XXXXXX", kit_the_request()->scratch);
        char *beside = kit_keep_bytes(pattern, strlen(pattern));
        if (mkdtemp(beside) == NULL)
            kit_break("%s: %s", beside, strerror(errno));
        return chosen = beside;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places && chosen == NULL; i++)
        if (mount("tmpfs", places[i], "tmpfs", MS_NOSUID | MS_NODEV, ROOM) == 0)
            chosen = places[i];
    if (chosen == NULL)
        kit_break("no folder for services: %s", strerror(errno));
    return chosen;
}

static const char *executable_of(const char *name)
{
    const char *folder = getenv("LAB_FIXTURES");
    const char *path = kit_format("%s/%s", folder == NULL ? "" : folder, name);
    if (folder != NULL && access(path, X_OK) == 0)
        return path;
    struct err err = ERR_INIT;
    auto_free char *below = str_format("fixtures/%s", name);
    auto_free char *tool = box_tool_path(below, &err);
    if (tool == NULL)
        kit_break("there is no fixture for the service %s", name);
    return kit_format("%s", tool);
}

// ---------------------------------------------------------------- lines

// The next line, within the fixture's patience; NULL at the end.
static const char *line_read(struct service *service, int descriptor)
{
    double until = kit_clock() + PATIENCE;
    for (;;) {
        char *end = service->unread.length > 0
                        ? memchr(service->unread.data, '\n', service->unread.length)
                        : NULL;
        if (end != NULL) {
            size_t length = (size_t)(end - service->unread.data);
            const char *line = kit_keep_bytes(service->unread.data, length);
            memmove(service->unread.data, end + 1, service->unread.length - length - 1);
            service->unread.length -= length + 1;
            return line;
        }
        double left = until - kit_clock();
        struct pollfd ready = {.fd = descriptor, .events = POLLIN};
        int polled = left > 0 ? poll(&ready, 1, (int)(left * 1000) + 1) : 0;
        if (polled == 0)
            kit_break("the service %s says nothing", service->name);
        char buffer[4096];
        ssize_t got = polled > 0 ? read(descriptor, buffer, sizeof buffer) : -1;
        if (got < 0 && (polled < 0 || errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return NULL;
        str_append_bytes(&service->unread, buffer, (size_t)got);
    }
}

static cJSON *answer_parse(const struct service *service, const char *line)
{
    cJSON *answer = line == NULL ? NULL : cJSON_Parse(line);
    if (!cJSON_IsObject(answer))
        kit_break("the service %s %s", service->name,
                  line == NULL ? "ended" : kit_format("says what is no JSON: %.200s", line));
    const char *error = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "error"));
    const char *cure = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "cure"));
    if (error != NULL && cure != NULL) // the machine lacks something
        lacks(kit_format("the service %s: %s", service->name, error), cure);
    if (error != NULL)
        kit_break("the service %s: %s", service->name, error);
    return answer;
}

static cJSON *ask(struct service *service, const char *request)
{
    auto_free char *line = str_format("%s\n", request);
    size_t length = strlen(line);
    if (write(service->requests, line, length) != (ssize_t)length)
        kit_break("the service %s takes no request: %s", service->name, strerror(errno));
    return answer_parse(service, line_read(service, service->answers));
}

// ---------------------------------------------------------------- start

static void environment_take(struct service *service, const cJSON *answer)
{
    static const char *const members[] = {"env", "grader_env"};
    for (size_t i = 0; i < 2; i++) {
        const cJSON *item;
        cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(answer, members[i]))
        {
            if (!cJSON_IsString(item))
                continue;
            if (service->environment[i] == NULL)
                service->environment[i] = cJSON_CreateObject();
            cJSON_DeleteItemFromObject(service->environment[i], item->string);
            cJSON_AddStringToObject(service->environment[i], item->string, item->valuestring);
            if (i == 0)
                kit_surroundings_set(item->string, item->valuestring);
        }
    }
}

// Only what lies in the service's own folder: a fixture shows what it made.
static void folders_take(const struct service *service, const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(answer, "folders"))
    {
        const char *path = cJSON_GetStringValue(item);
        size_t length = strlen(service->folder);
        if (path == NULL || strncmp(path, service->folder, length) != 0 || path[length] != '/' ||
            folder_count == MOST_FOLDERS)
            kit_break("the service %s shows a folder that is not its own", service->name);
        folders[folder_count++] = kit_format("%s", path);
    }
}

static const char *variable(const char *name, const char *behind)
{
    const char *value = getenv(name);
    return kit_format("%s=%s%s", name, value == NULL ? "" : value, value == NULL ? "" : behind);
}

static void process_begin(struct service *service, int input, int output, int ready)
{
    enum { READY = 3 };
    const char *seed =
        kit_format("%llu", (unsigned long long)(kit_the_request()->seed ^ 0x5345525649434553U));
    const struct process_descriptor descriptors[] = {{input, STDIN_FILENO},
                                                     {output, STDOUT_FILENO},
                                                     {STDERR_FILENO, STDERR_FILENO},
                                                     {ready, READY}};
    const struct process_options options = {
        .argv = (const char *const[]){service->executable, service->folder, seed, NULL},
        .environment =
            (const char *const[]){"LAB_READY_FD=3", "LANG=C.UTF-8",
                                  "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                                  variable("LAB_BOX_INIT", ""), variable(BOX_LEVEL_VARIABLE, ""),
                                  variable("LAB_PREPARED", service->name), NULL},
        .executable = -1,
        .descriptors = descriptors,
        .descriptor_count = sizeof descriptors / sizeof *descriptors,
        .folder = service->folder,
    };
    struct err err = ERR_INIT;
    if (!process_start(&options, &service->process, &err))
        lacks(err.message, err.cure);
}

static void pipe_make(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        kit_break("pipe: %s", strerror(errno));
}

static void service_start(const char *name)
{
    struct service *service = kit_keep(sizeof *service);
    int input[2], output[2], ready[2];
    service->name = name;
    service->executable = executable_of(name);
    service->folder = kit_format("%s/%s", common_folder(), name);
    if (mkdir(service->folder, 0700) != 0)
        kit_break("%s: %s", service->folder, strerror(errno));
    pipe_make(input);
    pipe_make(output);
    pipe_make(ready);
    process_begin(service, input[0], output[1], ready[1]);
    close(input[0]);
    close(output[1]);
    close(ready[1]);
    service->requests = input[1];
    service->answers = output[0];
    cJSON *first = answer_parse(service, line_read(service, ready[0]));
    close(ready[0]);
    environment_take(service, first);
    cJSON_Delete(first);
    cJSON *opened = ask(service, "{\"open\":1}");
    environment_take(service, opened);
    folders_take(service, opened);
    service->tells_statements =
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(opened, "statements"));
    if (service->tells_statements)
        kit_before_end(sql_watch_record);
    cJSON_Delete(opened);
    service->next = services;
    services = service;
    count++;
}

void kit_services_start(const char *names)
{
    for (const char *at = names; at != NULL && *at != '\0';) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        if (length > 0)
            service_start(kit_keep_bytes(at, length));
        at += length;
    }
}

void kit_services_judge(void)
{
    for (const struct service *service = services; service != NULL; service = service->next) {
        struct pollfd ended = {.fd = service->process.pidfd, .events = POLLIN};
        if (poll(&ended, 1, 0) > 0)
            kit_break("the service %s has ended", service->name);
    }
}

// ---------------------------------------------------------------- for authors

const char *kit_service(const char *name)
{
    kit_settle();
    for (const struct service *service = services; service != NULL; service = service->next) {
        for (size_t i = 0; i < 2; i++) {
            const char *value = cJSON_GetStringValue(
                cJSON_GetObjectItemCaseSensitive(service->environment[i], name));
            if (value != NULL)
                return value;
        }
    }
    kit_break("no service of this check says %s", name);
}

static struct service *service_find(const char *name)
{
    for (struct service *service = services; service != NULL; service = service->next)
        if (str_equal(service->name, name))
            return service;
    kit_break("the check has no service %s: KIT_CHECK(…, .services = \"%s\")", name, name);
}

void kit_service_do(const char *service, const char *what)
{
    static const char *const known[] = {"stop", "start", "stall", "resume", "restart", "crash"};
    bool is_known = false;
    kit_settle();
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known |= str_equal(what, known[i]);
    if (!is_known)
        kit_break(
            "a service can be told to stop, start, restart, crash, stall and resume, not to \"%s\"",
            what);
    cJSON_Delete(ask(service_find(service), kit_format("{\"do\":\"%s\"}", what)));
}

const char *kit_service_log(const char *service)
{
    kit_settle();
    cJSON *answer = ask(service_find(service), "{\"log\":1}");
    const char *log = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "log"));
    const char *copy = kit_format("%s", log == NULL ? "" : log);
    cJSON_Delete(answer);
    return copy;
}

// Asked while a failure is told: a service that has ended is no news then.
const char *kit_services_statements(void)
{
    for (struct service *service = services; service != NULL; service = service->next) {
        if (!service->tells_statements)
            continue;
        static const char request[] = "{\"log\":1}\n";
        bool asked =
            write(service->requests, request, sizeof request - 1) == (ssize_t)sizeof request - 1;
        const char *line = asked ? line_read(service, service->answers) : NULL;
        cJSON *answer = line != NULL ? cJSON_Parse(line) : NULL;
        const char *log = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "log"));
        const char *kept = log != NULL ? kit_keep_bytes(log, strlen(log)) : NULL;
        cJSON_Delete(answer);
        return kept;
    }
    return NULL;
}
