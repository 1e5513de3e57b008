// SPDX-License-Identifier: MIT
/*
 * Bytes that grow. `at` always ends in a NUL that `size` does not count, so text can be read as a
 * string; it is NULL only before the first byte came. Out of memory aborts.
 */
#ifndef ACCEPTED_BYTES_H
#define ACCEPTED_BYTES_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    char *at;
    size_t size;
    size_t room;
};

/* Make room for `more` bytes behind the end and for the NUL. */
static inline void bytes_reserve(struct bytes *bytes, size_t more)
{
    size_t wanted = bytes->size + more + 1;
    if (wanted <= bytes->room)
        return;
    if (wanted < 2 * bytes->room)
        wanted = 2 * bytes->room;
    bytes->at = realloc(bytes->at, wanted);
    if (!bytes->at)
        abort();
    bytes->room = wanted;
}

static inline void bytes_add(struct bytes *bytes, const char *more, size_t size)
{
    bytes_reserve(bytes, size);
    if (size)
        memcpy(bytes->at + bytes->size, more, size);
    bytes->size += size;
    bytes->at[bytes->size] = '\0';
}

__attribute__((format(printf, 2, 3))) static inline void bytes_print(struct bytes *bytes,
                                                                     const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size < 0)
        abort();
    bytes_reserve(bytes, (size_t)size);
    vsnprintf(bytes->at + bytes->size, (size_t)size + 1, format, arguments);
    va_end(arguments);
    bytes->size += (size_t)size;
}

/* Forget the bytes, keep the memory. */
static inline void bytes_clear(struct bytes *bytes)
{
    bytes->size = 0;
    if (bytes->at)
        bytes->at[0] = '\0';
}

static inline void bytes_release(struct bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct bytes){0};
}

#endif
