// SPDX-License-Identifier: MIT
// The fields of an answer's head.
#include "field.h"

#include <string.h>
#include <strings.h>

#include "internal.h"

static size_t next_line(struct kit_bytes head, size_t at)
{
    const unsigned char *end = memchr(head.data + at, '\n', head.length - at);
    return end == NULL ? head.length : (size_t)(end - head.data) + 1;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

static struct kit_bytes trimmed(struct kit_bytes bytes)
{
    while (bytes.length > 0 && is_blank(bytes.data[0])) {
        bytes.data++;
        bytes.length--;
    }
    while (bytes.length > 0 && is_blank(bytes.data[bytes.length - 1]))
        bytes.length--;
    return bytes;
}

bool field_find(const struct kit_reply *reply, const char *name, size_t from, struct field *out)
{
    struct kit_bytes head = reply->head;
    size_t length = strlen(name);
    size_t at = from > 0 ? from : next_line(head, 0); // behind the status line
    while (at < head.length) {
        size_t next = next_line(head, at);
        size_t colon = at + length;
        if (colon < next && head.data[colon] == ':' &&
            strncasecmp((const char *)head.data + at, name, length) == 0) {
            // Each line ends in \r\n: the reader has seen to it.
            struct kit_bytes value = {head.data + colon + 1, next - 2 - (colon + 1)};
            *out = (struct field){trimmed(value), at, next};
            return true;
        }
        at = next;
    }
    return false;
}

size_t field_value_at(const struct kit_reply *reply, const struct field *field)
{
    return (size_t)(field->value.data - reply->head.data);
}

const char *kit_field(const struct kit_reply *reply, const char *name)
{
    struct field field;
    if (!field_find(reply, name, 0, &field))
        return NULL;
    return kit_keep_bytes(field.value.data, field.value.length);
}

const char *kit_field_list(const struct kit_reply *reply, const char *name)
{
    struct field field;
    const char *list = NULL;
    for (size_t from = 0; field_find(reply, name, from, &field); from = field.next) {
        const char *value = kit_keep_bytes(field.value.data, field.value.length);
        list = list == NULL ? value : kit_format("%s, %s", list, value);
    }
    return list;
}
