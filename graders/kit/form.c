// SPDX-License-Identifier: MIT
// Requests whose body is form fields, as a browser sends them.
#include <string.h>

#include "internal.h"

#define FORM "application/x-www-form-urlencoded"

static void append_percent(struct str *out, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL)
            str_append_char(out, *text);
        else
            str_append_format(out, "%%%02X", (unsigned char)*text);
    }
}

const char *kit_percent(const char *text)
{
    kit_settle();
    auto_str struct str out = STR_INIT;
    append_percent(&out, text);
    return kit_keep_bytes(str_text(&out), out.length);
}

static const char *form_of(const char *const *fields)
{
    auto_str struct str out = STR_INIT;
    for (size_t i = 0; fields[i] != NULL; i += 2) {
        if (fields[i + 1] == NULL)
            kit_break("the form field \"%s\" has no value", fields[i]);
        str_append(&out, i > 0 ? "&" : "");
        append_percent(&out, fields[i]);
        str_append_char(&out, '=');
        append_percent(&out, fields[i + 1]);
    }
    return kit_keep_bytes(str_text(&out), out.length);
}

struct kit_reply *kit_submit_fields(struct kit_program *program, const char *method,
                                    const char *path, const char *const *fields)
{
    return kit_request(program, method, path, "Content-Type: " FORM "\r\n",
                       kit_text(form_of(fields)));
}

const char *kit_submission_of(struct kit_program *program, const char *method, const char *path,
                              const char *const *fields)
{
    const char *form = form_of(fields);
    const char *head =
        kit_head(program, method, path,
                 kit_format("Content-Type: " FORM "\r\nContent-Length: %zu\r\n", strlen(form)));
    return kit_format("%s%s", head, form);
}
