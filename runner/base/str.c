// SPDX-License-Identifier: MIT
// Growing strings of bytes, string lists and the memory helpers.
#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *mem_alloc(size_t size)
{
    return mem_alloc_array(1, size);
}

void *mem_alloc_array(size_t count, size_t size)
{
    void *block = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    if (block == NULL)
        abort();
    return block;
}

void *mem_resize(void *block, size_t size)
{
    void *resized = realloc(block, size > 0 ? size : 1);
    if (resized == NULL)
        abort();
    return resized;
}

char *mem_copy_string(const char *text)
{
    if (text == NULL)
        return NULL;
    char *copy = strdup(text);
    if (copy == NULL)
        abort();
    return copy;
}

void cleanup_free(void *pointer_to_pointer)
{
    void **pointer = pointer_to_pointer;
    free(*pointer);
    *pointer = NULL;
}

void cleanup_close(const int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

char *str_reserve(struct str *str, size_t length)
{
    if (length > SIZE_MAX / 4 || str->length > SIZE_MAX / 4)
        abort();
    size_t needed = str->length + length + 1;
    if (needed > str->capacity) {
        size_t capacity = str->capacity > 0 ? str->capacity : 64;
        while (capacity < needed)
            capacity *= 2;
        str->data = mem_resize(str->data, capacity);
        str->capacity = capacity;
        str->data[str->length] = '\0';
    }
    return str->data + str->length;
}

void str_append_bytes(struct str *str, const void *bytes, size_t length)
{
    char *end = str_reserve(str, length);
    if (length > 0)
        memcpy(end, bytes, length);
    str->length += length;
    str->data[str->length] = '\0';
}

void str_append(struct str *str, const char *text)
{
    str_append_bytes(str, text, strlen(text));
}

void str_append_char(struct str *str, char c)
{
    str_append_bytes(str, &c, 1);
}

void str_append_format_list(struct str *str, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        abort();
    char *end = str_reserve(str, (size_t)length);
    vsnprintf(end, (size_t)length + 1, format, arguments);
    str->length += (size_t)length;
}

void str_append_format(struct str *str, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    str_append_format_list(str, format, arguments);
    va_end(arguments);
}

void str_clear(struct str *str)
{
    str->length = 0;
    if (str->data != NULL)
        str->data[0] = '\0';
}

void str_release(struct str *str)
{
    free(str->data);
    *str = (struct str)STR_INIT;
}

char *str_take(struct str *str)
{
    str_reserve(str, 0);
    char *data = str->data;
    *str = (struct str)STR_INIT;
    return data;
}

const char *str_text(const struct str *str)
{
    return str->data != NULL ? str->data : "";
}

char *str_format_list(const char *format, va_list arguments)
{
    struct str str = STR_INIT;
    str_append_format_list(&str, format, arguments);
    return str_take(&str);
}

char *str_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = str_format_list(format, arguments);
    va_end(arguments);
    return text;
}

bool str_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool str_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t tail = strlen(suffix);
    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

void strings_add_taken(struct strings *list, char *text)
{
    list->items = mem_resize(list->items, (list->count + 2) * sizeof *list->items);
    list->items[list->count++] = text;
    list->items[list->count] = NULL;
}

void strings_add(struct strings *list, const char *text)
{
    strings_add_taken(list, mem_copy_string(text));
}

void strings_add_format(struct strings *list, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    strings_add_taken(list, str_format_list(format, arguments));
    va_end(arguments);
}

bool strings_have(const struct strings *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

static int compare_items(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

void strings_sort(struct strings *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_items);
}

void strings_release(struct strings *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct strings)STRINGS_INIT;
}
