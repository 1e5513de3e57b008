// SPDX-License-Identifier: MIT
/*
 * Growing strings of bytes, string lists and the memory helpers. Out of memory aborts.
 *
 *     auto_str struct str line = STR_INIT;       // released at the end of the scope
 *     str_append_format(&line, "%d", n);
 *     return str_take(&line);                    // hands the buffer over, line is empty again
 */
#ifndef LAB_STR_H
#define LAB_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

// ---- memory: never NULL; abort when there is none
void *mem_alloc(size_t size); // zeroed
void *mem_alloc_array(size_t count, size_t size);
void *mem_resize(void *block, size_t size);
char *mem_copy_string(const char *text); // NULL gives NULL

// Hands a pointer over to somebody else: returns it and clears the variable.
#define take(pointer)                                                                              \
    __extension__({                                                                                \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

void cleanup_free(void *pointer_to_pointer);
void cleanup_close(const int *descriptor);
#define auto_free __attribute__((cleanup(cleanup_free)))
#define auto_close __attribute__((cleanup(cleanup_close))) // an int; negative is not closed
#define auto_str __attribute__((cleanup(str_release)))
#define auto_strings __attribute__((cleanup(strings_release)))

// ---- strings of bytes
struct str {
    char *data;    // always NUL-terminated once something was appended; NULL when empty and new
    size_t length; // without that NUL; the data may hold NULs itself
    size_t capacity;
};
#define STR_INIT                                                                                   \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

void str_append(struct str *str, const char *text);
void str_append_bytes(struct str *str, const void *bytes, size_t length);
void str_append_char(struct str *str, char c);
void str_append_format(struct str *str, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void str_append_format_list(struct str *str, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
// Makes room for `length` more bytes and returns where they go; then add to str->length.
char *str_reserve(struct str *str, size_t length);
void str_clear(struct str *str);   // length 0, keeps the buffer
void str_release(struct str *str); // frees, empty again
char *str_take(struct str *str);   // the NUL-terminated buffer (never NULL); the caller frees it
const char *str_text(const struct str *str); // "" when empty; borrowed

char *str_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *str_format_list(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));
bool str_equal(const char *a, const char *b); // NULL equals only NULL
bool str_starts_with(const char *text, const char *prefix);
bool str_ends_with(const char *text, const char *suffix);

// ---- lists of strings; the list owns its items
struct strings {
    char **items; // NULL-terminated once something was added
    size_t count;
};
#define STRINGS_INIT                                                                               \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

void strings_add(struct strings *list, const char *text);
void strings_add_format(struct strings *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void strings_add_taken(struct strings *list, char *text); // the list owns text from now on
bool strings_have(const struct strings *list, const char *text);
void strings_sort(struct strings *list);
void strings_release(struct strings *list);

#endif
