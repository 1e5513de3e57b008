// SPDX-License-Identifier: MIT
/*
 * A grader's command line: --list, --serve, PROGRAM [CHECK…].
 */
#include "core.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUESTS 3 // the descriptor of --serve

static int usage(FILE *stream, int status)
{
    fputs("usage: GRADER PROGRAM [STEP/CHECK…]   run checks, for an author at a terminal\n"
          "       GRADER --list                  the checks as JSON\n"
          "       GRADER --serve                 run checks for lab (descriptor 3)\n",
          stream);
    return status;
}

// The check's name with blanks for underscores.
static void add_title(cJSON *item, const char *name)
{
    auto_free char *title = mem_copy_string(name);
    for (char *c = title; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    cJSON_AddStringToObject(item, "title", title);
}

static void add_services(cJSON *item, const char *names)
{
    cJSON *services = cJSON_AddArrayToObject(item, "services");
    while (names != NULL && *names != '\0') {
        size_t length = strcspn(names, " ");
        auto_str struct str name = STR_INIT;
        str_append_bytes(&name, names, length);
        if (length > 0)
            cJSON_AddItemToArray(services, cJSON_CreateString(str_text(&name)));
        names += length + strspn(names + length, " ");
    }
}

static int list_checks(void)
{
    cJSON *list = cJSON_CreateObject();
    cJSON_AddNumberToObject(list, "version", 1);
    cJSON *checks = cJSON_AddArrayToObject(list, "checks");
    for (size_t i = 0; i < kit_check_count(); i++) {
        const struct kit_check *check = kit_check_get(i);
        cJSON *item = cJSON_CreateObject();
        auto_free char *id = str_format("%s/%s", check->step, check->name);
        cJSON_AddStringToObject(item, "id", id);
        add_title(item, check->name);
        cJSON_AddStringToObject(item, "build", check->build == KIT_PLAIN ? "plain" : "checked");
        add_services(item, check->services);
        if (check->waits)
            cJSON_AddTrueToObject(item, "waits");
        cJSON_AddItemToArray(checks, item);
    }
    auto_free char *text = cJSON_PrintUnformatted(list);
    cJSON_Delete(list);
    return text != NULL && puts(text) >= 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

// Variables with which libcheck would write log files, or run other tests than asked for.
static void forget_libcheck_settings(void)
{
    static const char *const names[] = {
        "CK_LOG_FILE_NAME", "CK_XML_LOG_FILE_NAME", "CK_TAP_LOG_FILE_NAME", "CK_RUN_SUITE",
        "CK_RUN_CASE",      "CK_INCLUDE_TAGS",      "CK_EXCLUDE_TAGS",      "CK_FORK",
        "CK_MAX_MSG_SIZE",  "CK_VERBOSITY",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

int main(int argc, char **argv)
{
    forget_libcheck_settings();
    kit_checks();
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list_checks();
    if (argc == 2 && strcmp(argv[1], "--serve") == 0)
        return kit_serve_requests(REQUESTS);
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, EXIT_SUCCESS);
    if (argc < 2 || argv[1][0] == '-')
        return usage(stderr, 2);
    return kit_run_alone(argc - 1, argv + 1);
}
