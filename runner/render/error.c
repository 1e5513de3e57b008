// SPDX-License-Identifier: MIT
// Errors and warnings, on stderr.
#include <stdarg.h>

#include "render/parts.h"

static void print_message(const struct screen *screen, enum style style, const char *message)
{
    auto_free char *safe = visible(message);
    auto_free char *first = str_format("%clab:%c ", MARK(style), MARK(STYLE_PLAIN));
    print_wrapped(screen, first, "     ", safe);
}

void render_error(const struct err *err)
{
    // What was printed so far comes first, also where both go into one file.
    fflush(stdout);
    struct screen screen = screen_for(stderr, NULL);
    print_message(&screen, STYLE_BAD, err->message != NULL ? err->message : "unknown error");
    if (err->cure != NULL)
        print_labelled(&screen, STYLE_STRONG, "help", "%s", err->cure);
}

void render_warning(const char *format, ...)
{
    fflush(stdout);
    va_list arguments;
    va_start(arguments, format);
    auto_free char *message = str_format_list(format, arguments);
    va_end(arguments);
    struct screen screen = screen_for(stderr, NULL);
    print_message(&screen, STYLE_STRONG, message);
}
