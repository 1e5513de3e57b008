// SPDX-License-Identifier: MIT
/*
 * .lab/last/: all that is known of the last attempt, for who wants to look closer than the screen
 * shows. A new folder is filled beside it and takes its place at once.
 */
#include "workspace/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "workspace/internal.h"

// A check's id as a file name: "echo/keeps_bytes" is echo.keeps_bytes.
static char *file_name(const char *id, const char *suffix)
{
    char *name = str_format("%.200s%s", id, suffix);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '/')
            *c = '.';
        else if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", *c) ==
                 NULL)
            *c = '_';
    if (name[0] == '.')
        name[0] = '_';
    return name;
}

static bool put(const char *folder, const char *name, const void *bytes, size_t length,
                struct err *err)
{
    auto_free char *path = path_join(folder, name);
    return file_write(AT_FDCWD, path, bytes, length, 0644, err);
}

static bool put_text(const char *folder, const char *name, const char *text, struct err *err)
{
    return text == NULL || put(folder, name, text, strlen(text), err);
}

// ---- a transcript

static void append_field(struct str *out, const char *name, const char *value)
{
    if (value != NULL)
        str_append_format(out, "%s: %s\n", name, value);
}

// One record: a line of text for each line that went over the wire.
static void append_record(struct str *out, const struct io_record *record)
{
    str_append_format(out, "%9.6f  connection %d  %s", record->at, record->connection,
                      record->from_program ? "program" : "grader");
    if (record->end != NULL)
        str_append_format(out, "  (%s it)", record->end);
    if (record->omitted > 0)
        str_append_format(out, "  (%zu bytes left out)", record->omitted);
    str_append_char(out, '\n');
    for (const char *line = record->text; line != NULL && *line != '\0';) {
        const char *end = strstr(line, "\\n");
        size_t length = end != NULL ? (size_t)(end - line) + 2 : strlen(line);
        str_append_format(out, "    %.*s\n", (int)length, line);
        line += length;
    }
}

static void append_check(struct str *out, const struct check_result *check)
{
    str_append_format(out, "%s\n", check->id);
    append_field(out, "error", check->message);
    append_field(out, "expected", check->expected);
    append_field(out, "actual", check->actual);
    append_field(out, "because", check->because);
    append_field(out, "see it", check->reproduce);
    str_append_format(out, "seed: %llu\n", (unsigned long long)check->seed);
    if (check->program.state != NULL)
        str_append_format(out, "program: %s %d, port %d\n", check->program.state,
                          check->program.status, check->program.port);
    for (size_t i = 0; i < check->notes.count; i++)
        append_field(out, "note", check->notes.items[i]);
    for (size_t i = 0; i < check->arguments.count; i++)
        append_field(out, "argument", check->arguments.items[i]);
    append_field(out, "stdout", check->output);
    str_append_char(out, '\n');
    for (size_t i = 0; i < check->transcript_count; i++)
        append_record(out, &check->transcript[i]);
}

// What the servers did that the program met, for `lab run --origin`.
static bool put_script(const char *folder, const struct check_result *check, struct err *err)
{
    if (check->script == NULL)
        return true;
    auto_free char *name = file_name(check->id, ".origin");
    auto_free char *text = str_format(
        "# What the server does in the check %s: `lab run --origin FILE -- ARGUMENT...`\n"
        "# does it again. It may be changed.\n%s",
        check->id, check->script);
    return put_text(folder, name, text, err);
}

static bool put_check(const char *folder, const struct check_result *check, struct err *err)
{
    auto_free char *text_name = file_name(check->id, ".txt");
    auto_free char *records_name = file_name(check->id, ".jsonl");
    auto_free char *stderr_name = file_name(check->id, ".stderr");
    auto_str struct str text = STR_INIT;
    auto_str struct str said = STR_INIT;
    append_check(&text, check);
    if (check->program.error_output != NULL)
        text_append_unescaped(&said, check->program.error_output);
    return put(folder, text_name, text.data, text.length, err) && put_script(folder, check, err) &&
           (check->records == NULL ||
            put(folder, records_name, check->records, check->records_length, err)) &&
           (said.length == 0 || put(folder, stderr_name, said.data, said.length, err));
}

static bool fill(const char *folder, const struct attempt *attempt, const char *result_json,
                 struct err *err)
{
    if (!put_text(folder, "result.json", result_json, err) ||
        !put_text(folder, "compiler.txt", attempt->build.raw, err) ||
        !put_text(folder, "command.txt", attempt->build.command, err))
        return false;
    for (size_t i = 0; i < attempt->check_count; i++) {
        const struct check_result *check = &attempt->checks[i];
        bool wanted = check->status == CHECK_FAILED || check->status == CHECK_BROKEN;
        if (wanted && !put_check(folder, check, err))
            return false;
    }
    return true;
}

// ---- taking the place

// The two change places in one step where the file system can; else the old one makes way first.
static bool swap(const char *fresh, const char *place, struct err *err)
{
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, place, RENAME_EXCHANGE) == 0)
        return true;
    auto_free char *old = str_format("%s.old", fresh);
    if (errno != ENOENT && rename(place, old) < 0) {
        err_set(err, ERR_ENV, "%s: %s", place, strerror(errno));
        return false;
    }
    if (rename(fresh, place) < 0) {
        err_set(err, ERR_ENV, "%s: %s", place, strerror(errno));
        rename(old, place);
        return false;
    }
    folder_remove_all(old, NULL);
    return true;
}

bool workspace_write_last(const struct workspace *workspace, const struct attempt *attempt,
                          const char *result_json, struct err *err)
{
    auto_free char *place = path_join(workspace->folder, WORKSPACE_FOLDER "/last");
    auto_free char *fresh = path_join(workspace->folder, WORKSPACE_FOLDER "/.last-XXXXXX");
    if (mkdtemp(fresh) == NULL) {
        err_set(err, ERR_ENV, "%s: %s", place, strerror(errno));
        return cannot_write(err);
    }
    bool whole = chmod(fresh, 0755) == 0 && fill(fresh, attempt, result_json, err) &&
                 swap(fresh, place, err);
    // The old one after an exchange, or what could not be finished.
    folder_remove_all(fresh, NULL);
    return whole || cannot_write(err);
}
