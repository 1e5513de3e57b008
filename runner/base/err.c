// SPDX-License-Identifier: MIT
// Errors: one kind, one line, one cure.
#include "base/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/str.h"

void err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    if (err == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    char *message = str_format_list(format, arguments);
    va_end(arguments);
    err_release(err);
    err->kind = kind;
    err->message = message;
}

void err_set_cure(struct err *err, const char *format, ...)
{
    if (err == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    char *cure = str_format_list(format, arguments);
    va_end(arguments);
    free(err->cure);
    err->cure = cure;
}

void err_add_context(struct err *err, const char *format, ...)
{
    if (err == NULL || err->kind == ERR_NONE)
        return;
    va_list arguments;
    va_start(arguments, format);
    char *context = str_format_list(format, arguments);
    va_end(arguments);
    char *message = str_format("%s: %s", context, err->message);
    free(context);
    free(err->message);
    err->message = message;
}

void err_move(struct err *to, struct err *from)
{
    if (to != NULL) {
        err_release(to);
        *to = *from;
    } else {
        err_release(from);
    }
    *from = (struct err)ERR_INIT;
}

void err_release(struct err *err)
{
    if (err == NULL)
        return;
    free(err->message);
    free(err->cure);
    *err = (struct err)ERR_INIT;
}

int err_exit_status(enum err_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return 0;
    case ERR_USAGE:
        return 2;
    case ERR_LAB:
        return 3;
    case ERR_ENV:
        return 4;
    case ERR_BUG:
        return 70;
    case ERR_INTERRUPTED:
        return 130;
    }
    return 70;
}

int err_worse_status(int a, int b)
{
    static const int order[] = {130, 70, 4, 3, 2, 1, 0};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return 70;
}
