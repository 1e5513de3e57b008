// SPDX-License-Identifier: MIT
/*
 * Memory that lives until the check ends. A check is a process of its own, so nothing is given
 * back: the blocks hang on one list, which keeps LeakSanitizer quiet in tests.
 */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct block {
    struct block *next;
    alignas(max_align_t) unsigned char data[];
};

static struct block *blocks;

void *kit_keep(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct block))
        abort();
    struct block *block = mem_alloc(sizeof *block + size);
    block->next = blocks;
    blocks = block;
    return block->data;
}

char *kit_keep_bytes(const void *bytes, size_t length)
{
    if (length == SIZE_MAX)
        abort();
    char *copy = kit_keep(length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

// Neither of these settles: both may stand in the arguments of kit_because and kit_note.
const char *kit_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    auto_free char *text = str_format_list(format, arguments);
    va_end(arguments);
    return kit_keep_bytes(text, strlen(text));
}

struct kit_bytes kit_text(const char *text)
{
    return (struct kit_bytes){(const unsigned char *)text, strlen(text)};
}
