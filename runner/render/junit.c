// SPDX-License-Identifier: MIT
/*
 * JUnit's form of results, as build servers read it: a testsuite an attempt, a testcase a check,
 * and one for the compiler. There is no standard; tests/cli/junit.xsd says what is written here.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "render/class.h"

enum { TEXT_MOST = 16384, PART_MOST = 2048 }; // bytes of a failure's text, of a message in it

// XML 1.0 has no way to write most control characters, U+FFFE and U+FFFF; broken UTF-8 is no text.
static void add_escaped(struct str *out, const char *text, bool attribute)
{
    for (const char *at = text; *at != '\0';) {
        size_t length = strlen(at);
        size_t good = text_utf8_prefix(at, length < 4 ? length : 4);
        unsigned char c = (unsigned char)*at;
        size_t size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        bool broken = good < size || (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f ||
                      (size == 3 &&
                       (memcmp(at, "\xef\xbf\xbe", 3) == 0 || memcmp(at, "\xef\xbf\xbf", 3) == 0));
        if (broken)
            str_append(out, "\xef\xbf\xbd");
        else if (c == '&')
            str_append(out, "&amp;");
        else if (c == '<')
            str_append(out, "&lt;");
        else if (c == '>')
            str_append(out, "&gt;");
        else if (c == '"')
            str_append(out, "&quot;");
        else if (attribute && (c == '\n' || c == '\t'))
            str_append(out, c == '\n' ? "&#10;" : "&#9;");
        else
            str_append_bytes(out, at, size);
        at += good < size ? 1 : size;
    }
}

static void add_attribute(struct str *out, const char *name, const char *value)
{
    str_append_format(out, " %s=\"", name);
    add_escaped(out, value, true);
    str_append_char(out, '"');
}

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *value = json_member(object, name);
    return cJSON_IsString(value) ? value->valuestring : "";
}

static double seconds_of(const cJSON *object)
{
    const cJSON *value = json_member(object, "seconds");
    return cJSON_IsNumber(value) && isfinite(value->valuedouble) && value->valuedouble > 0
               ? value->valuedouble
               : 0;
}

struct counts {
    size_t tests, failures, errors, skipped;
};

static void begin_case(struct str *out, struct counts *counts, const char *lab, const char *name,
                       double seconds)
{
    counts->tests++;
    str_append(out, "    <testcase");
    add_attribute(out, "classname", lab);
    add_attribute(out, "name", name);
    str_append_format(out, " time=\"%.3f\"", seconds);
}

static void add_fault(struct str *out, const char *element, const char *type, const char *message,
                      const char *text)
{
    str_append_format(out, ">\n      <%s", element);
    add_attribute(out, "message", message);
    add_attribute(out, "type", type);
    str_append_char(out, '>');
    add_escaped(out, text, false);
    str_append_format(out, "</%s>\n    </testcase>\n", element);
}

// ---------------------------------------------------------------- the text of a failure

static void add_line(struct str *text, const char *label, const char *value)
{
    if (value[0] != '\0')
        str_append_format(text, "%s%s\n", label, value);
}

static void add_exchange(struct str *text, const cJSON *check)
{
    const cJSON *item = json_first(json_member(check, "transcript"));
    for (; item != NULL && text->length < TEXT_MOST; item = item->next) {
        bool received = strcmp(text_of(item, "from"), "program") == 0;
        auto_free char *part = str_format("%.*s", PART_MOST, text_of(item, "text"));
        add_line(text, received ? "received " : "sent     ", part);
    }
}

static char *tell(const cJSON *check)
{
    struct str text = STR_INIT;
    const cJSON *where = json_member(check, "where");
    const cJSON *line = json_member(where, "line");
    if (cJSON_IsNumber(line))
        str_append_format(&text, "%s:%d\n", text_of(where, "file"), line->valueint);
    add_line(&text, "expected ", text_of(check, "expected"));
    add_line(&text, "actual   ", text_of(check, "actual"));
    add_exchange(&text, check);
    add_line(&text, "why      ", text_of(check, "because"));
    add_line(&text, "see it   ", text_of(check, "reproduce"));
    return str_take(&text);
}

// ---------------------------------------------------------------- cases

static void add_check(struct str *out, struct counts *counts, const char *lab, const cJSON *check)
{
    const char *status = text_of(check, "status");
    begin_case(out, counts, lab, text_of(check, "id"), seconds_of(check));
    auto_free char *text = tell(check);
    if (strcmp(status, "passed") == 0) {
        str_append(out, "/>\n");
    } else if (strcmp(status, "failed") == 0) {
        counts->failures++;
        add_fault(out, "failure", "check", text_of(check, "message"), text);
    } else if (strcmp(status, "broken") == 0) {
        counts->errors++;
        add_fault(out, "error", "grader", text_of(check, "message"), text);
    } else {
        counts->skipped++;
        str_append(out, ">\n      <skipped/>\n    </testcase>\n");
    }
}

static void add_compile(struct str *out, struct counts *counts, const char *lab, const cJSON *build)
{
    auto_str struct str text = STR_INIT;
    begin_case(out, counts, lab, "compile", seconds_of(build));
    if (cJSON_IsTrue(json_member(build, "ok"))) {
        str_append(out, "/>\n");
        return;
    }
    const cJSON *first = json_first(json_member(build, "diagnostics"));
    const char *message = text_of(first, "message");
    for (const cJSON *item = first; item != NULL; item = item->next) {
        const cJSON *line = json_member(item, "line");
        str_append_format(&text, "%s:%d: %s: %s\n", text_of(item, "file"),
                          cJSON_IsNumber(line) ? line->valueint : 0, text_of(item, "severity"),
                          text_of(item, "message"));
    }
    counts->failures++;
    add_fault(out, "failure", "compile", message[0] != '\0' ? message : "it does not compile",
              str_text(&text));
}

static void add_cases(struct str *out, struct counts *counts, const cJSON *root)
{
    const char *lab = text_of(root, "lab");
    const char *status = text_of(root, "status");
    const cJSON *build = json_member(root, "build");
    if (cJSON_IsObject(build))
        add_compile(out, counts, lab, build);
    const cJSON *step = json_first(json_member(root, "steps"));
    for (; step != NULL; step = step->next) {
        const cJSON *check = json_first(json_member(step, "checks"));
        for (; check != NULL; check = check->next)
            add_check(out, counts, lab, check);
    }
    if (cJSON_IsObject(build))
        return;
    bool refused = strcmp(status, "refused") == 0;
    begin_case(out, counts, lab, "submission", 0);
    counts->failures += refused;
    counts->errors += !refused;
    add_fault(out, refused ? "failure" : "error", status, text_of(root, "message"), "");
}

bool junit_suite(struct str *out, const char *json, size_t length)
{
    cJSON *root = cJSON_ParseWithLength(json, length);
    auto_str struct str cases = STR_INIT;
    struct counts counts = {0};
    const char *name = text_of(root, "submission");
    bool is_result = cJSON_IsString(json_member(root, "lab"));
    if (is_result)
        add_cases(&cases, &counts, root);
    if (is_result) {
        str_append(out, "  <testsuite");
        add_attribute(out, "name", name[0] != '\0' ? name : text_of(root, "lab"));
        str_append_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
                          counts.tests, counts.failures, counts.errors, counts.skipped);
        str_append_format(out, " time=\"%.3f\">\n", seconds_of(root));
        str_append_bytes(out, str_text(&cases), cases.length);
        str_append(out, "  </testsuite>\n");
    }
    cJSON_Delete(root);
    return is_result;
}

void junit_begin(struct str *out)
{
    str_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lab\">\n");
}

void junit_end(struct str *out)
{
    str_append(out, "</testsuites>\n");
}
