// SPDX-License-Identifier: MIT
// What functions of the C library read and write. What is not known is seen by comparing.
#include <stdlib.h>
#include <string.h>

#include "trace/origin/origin.h"

static bool is(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}
#define IS(name, ...) is(name, (const char *const[]){__VA_ARGS__, NULL})

static uint64_t length_of(const uint8_t *text, size_t most)
{
    return strnlen((const char *)text, most);
}

static uint64_t pointer_in(const uint8_t *bytes, size_t length)
{
    uint64_t value = 0;
    if (length >= sizeof value)
        memcpy(&value, bytes, sizeof value);
    return value;
}

bool is_number_reader(const char *name)
{
    return IS(name, "strtol", "strtoul", "strtoll", "strtoull", "strtod", "atoi", "atol", "atoll",
              "__isoc23_strtol", "__isoc23_strtoul", "__isoc23_strtoull", "__isoc23_strtoll",
              "strtoumax", "strtoimax", "__isoc99_sscanf");
}

// Parts of what the arguments point to that are not what they were.
static size_t compared(const struct recorded_call *call, struct written *out, size_t count)
{
    for (int i = 0; i < RECORDING_POINTERS; i++) {
        size_t length = call->before_length[i] < call->after_length[i] ? call->before_length[i]
                                                                       : call->after_length[i];
        for (size_t k = 0; k < length && count < WRITTEN_MOST;) {
            size_t start = k;
            while (k < length && call->before[i][k] != call->after[i][k])
                k++;
            if (k > start)
                out[count++] =
                    (struct written){EFFECT_OTHER, call->arguments[i] + start, k - start, 0};
            else
                k++;
        }
    }
    return count;
}

// strncpy(): behind the end of a text that is shorter it writes zeros.
static size_t padded(const struct recorded_call *call, struct written *out)
{
    const uint64_t *a = call->arguments;
    uint64_t length = length_of(call->before[1], call->before_length[1]);
    bool has_end = length < call->before_length[1] && length < a[2];
    out[0] = (struct written){EFFECT_COPY, a[0], has_end ? length + 1 : a[2], a[1]};
    if (!has_end)
        return a[2] > 0;
    out[1] = (struct written){EFFECT_OTHER, a[0] + length + 1, a[2] - length - 1, 0};
    return 2;
}

// zlib's: what is behind next_out, before and after.
static size_t deflated(const struct recorded_call *call, struct written *out)
{
    uint64_t before = pointer_in(call->before[0] + 24, call->before_length[0] > 32 ? 8 : 0);
    uint64_t after = pointer_in(call->after[0] + 24, call->after_length[0] > 32 ? 8 : 0);
    out[0] = (struct written){EFFECT_OTHER, before, after > before ? after - before : 0, 0};
    return compared(call, out, 1);
}

size_t call_writes(const struct recording *r, int32_t step, struct written out[WRITTEN_MOST])
{
    const struct recorded_call *call = call_at(r, step);
    const char *name = callee(r, step);
    const uint64_t *a = call->arguments;
    uint64_t got = (int64_t)call->result > 0 ? call->result : 0;
    if (!call->has_returned)
        return 0;
    if (IS(name, "memcpy", "memmove", "mempcpy", "__memcpy_chk", "__memmove_chk")) {
        out[0] = (struct written){EFFECT_COPY, a[0], a[2], a[1]};
    } else if (IS(name, "strncpy", "__strncpy_chk")) {
        return padded(call, out);
    } else if (IS(name, "strcpy", "stpcpy", "__strcpy_chk")) {
        out[0] = (struct written){EFFECT_COPY, a[0], length_of(call->after[0], 256) + 1, a[1]};
    } else if (IS(name, "strcat", "strncat")) {
        uint64_t old = length_of(call->before[0], call->before_length[0]);
        uint64_t now = length_of(call->after[0], call->after_length[0]);
        out[0] = (struct written){EFFECT_COPY, a[0] + old, now - old + 1, a[1]};
    } else if (IS(name, "strdup", "strndup")) {
        uint64_t most = name[3] == 'n' && a[1] < 256 ? a[1] : 256;
        out[0] =
            (struct written){EFFECT_COPY, call->result, length_of(call->before[0], most) + 1, a[0]};
    } else if (IS(name, "realloc")) {
        // How much was there before is not known; older writers of more do no harm.
        out[0] = (struct written){EFFECT_COPY, call->result, a[0] == 0 ? 0 : a[1], a[0]};
    } else if (IS(name, "snprintf", "vsnprintf", "sprintf", "vsprintf")) {
        uint64_t room = strchr(name, 'n') < strchr(name, 'p') ? a[1] : got + 1;
        out[0] = (struct written){EFFECT_FORMAT, a[0], got + 1 < room ? got + 1 : room, 0};
    } else if (IS(name, "recv", "recvfrom", "read", "pread")) {
        out[0] = (struct written){EFFECT_INPUT, a[1], got, 0};
    } else if (IS(name, "fread")) {
        out[0] = (struct written){EFFECT_INPUT, a[0], got * a[1], 0};
    } else if (IS(name, "fgets")) {
        out[0] = (struct written){EFFECT_INPUT, a[0], length_of(call->after[0], 256) + 1, 0};
    } else if (IS(name, "getline", "getdelim")) {
        out[0] = (struct written){EFFECT_INPUT, pointer_in(call->after[0], call->after_length[0]),
                                  got + 1, 0};
        return compared(call, out, 1);
    } else if (IS(name, "calloc")) {
        out[0] = (struct written){EFFECT_ZERO, call->result, a[0] * a[1], 0};
    } else if (IS(name, "memset")) {
        out[0] = (struct written){(a[1] & 255) == 0 ? EFFECT_ZERO : EFFECT_OTHER, a[0], a[2], 0};
    } else if (IS(name, "strftime")) {
        out[0] = (struct written){EFFECT_OTHER, a[0], got + 1, 0};
    } else if (IS(name, "deflate", "inflate")) {
        return deflated(call, out);
    } else {
        return compared(call, out, 0);
    }
    return out[0].size > 0 && out[0].address != 0 ? 1 : 0;
}

// ---------------------------------------------------------------- looking

static uint64_t shared(const struct recorded_call *call, uint64_t most, bool any_case)
{
    uint64_t k = 0;
    while (k < most && k < call->before_length[0] && k < call->before_length[1]) {
        uint8_t x = call->before[0][k], y = call->before[1][k];
        if (any_case && (x | 32) >= 'a' && (x | 32) <= 'z')
            x |= 32, y |= 32;
        k++;
        if (x != y || x == 0)
            break;
    }
    return k;
}

static size_t looked_number(const struct recorded_call *call, const char *name, struct looked *out)
{
    const char *text = (const char *)call->before[0];
    uint64_t length = length_of(call->before[0], call->before_length[0]);
    if (strstr(name, "scanf") != NULL) {
        uint64_t line = 0; // where it stops is not known
        while (line < length && text[line] != '\r' && text[line] != '\n')
            line++;
        length = line;
    } else if (strncmp(name, "ato", 3) != 0 && call->arguments[1] != 0) {
        uint64_t end = pointer_in(call->after[1], call->after_length[1]);
        if (end >= call->arguments[0] && end - call->arguments[0] <= length)
            length = end - call->arguments[0] + 1;
    } else {
        uint64_t digits = 0;
        while (digits < length && strchr(" +-0123456789", text[digits]) != NULL)
            digits++;
        length = digits + 1;
    }
    out[0] = (struct looked){call->arguments[0], length};
    return 1;
}

size_t call_looks(const struct recording *r, int32_t step, struct looked out[4])
{
    const struct recorded_call *call = call_at(r, step);
    const char *name = callee(r, step);
    const uint64_t *a = call->arguments;
    uint64_t length = length_of(call->before[0], call->before_length[0]);
    uint64_t found =
        call->result >= a[0] && call->result - a[0] < length ? call->result - a[0] + 1 : length;
    bool any_case = strstr(name, "case") != NULL;
    if (IS(name, "strcmp", "strcasecmp")) {
        out[0] = (struct looked){a[0], shared(call, 256, any_case)};
        out[1] = (struct looked){a[1], out[0].size};
        return 2;
    }
    if (IS(name, "strncmp", "strncasecmp", "memcmp")) {
        out[0] = (struct looked){a[0], shared(call, a[2], any_case)};
        out[1] = (struct looked){a[1], out[0].size};
        return 2;
    }
    if (is_number_reader(name))
        return looked_number(call, name, out);
    if (IS(name, "strchr", "strrchr", "strstr", "strpbrk", "strcasestr", "index")) {
        out[0] = (struct looked){a[0], strcmp(name, "strrchr") == 0 ? length : found};
        return 1;
    }
    if (IS(name, "memchr", "memmem")) {
        out[0] = (struct looked){a[0], call->result >= a[0] && call->result - a[0] < a[1]
                                           ? call->result - a[0] + 1
                                           : a[1]};
        return 1;
    }
    if (IS(name, "strspn", "strcspn")) {
        out[0] = (struct looked){a[0], call->result + 1};
        return 1;
    }
    if (IS(name, "strlen", "strnlen")) {
        out[0] = (struct looked){a[0], call->result};
        return 1;
    }
    if (IS(name, "fnmatch", "regexec")) {
        out[0] = (struct looked){a[1], length_of(call->before[1], call->before_length[1])};
        return 1;
    }
    if (IS(name, "strsep", "strtok_r")) {
        uint64_t text = pointer_in(call->before[strcmp(name, "strsep") == 0 ? 0 : 2], 8);
        uint64_t rest = pointer_in(call->after[strcmp(name, "strsep") == 0 ? 0 : 2], 8);
        out[0] = (struct looked){text, rest > text ? rest - text : 256};
        return 1;
    }
    return 0;
}

// ---------------------------------------------------------------- sending

size_t call_sends(const struct recording *r, int32_t step, int fd, uint64_t stream,
                  uint64_t *address)
{
    const struct recorded_call *call = call_at(r, step);
    const char *name = callee(r, step);
    const uint64_t *a = call->arguments;
    uint64_t got = (int64_t)call->result > 0 ? call->result : 0;
    *address = a[1];
    if (IS(name, "send", "write", "sendto", "pwrite"))
        return (int)a[0] == fd ? got : 0;
    if (IS(name, "writev", "sendmsg", "sendfile", "dprintf", "vdprintf")) {
        *address = 0; // of more than one buffer, or of none
        if (strcmp(name, "writev") == 0 && (int)a[0] == fd)
            *address = pointer_in(call->before[1], call->before_length[1]);
        return (int)a[0] == fd ? got : 0;
    }
    if (stream == 0)
        return 0;
    *address = a[0];
    if (IS(name, "fwrite"))
        return a[3] == stream ? got * a[1] : 0;
    if (IS(name, "fputs"))
        return a[1] == stream ? length_of(call->before[0], call->before_length[0]) : 0;
    if (IS(name, "fputc", "putc", "_IO_putc")) {
        *address = 0;
        return a[1] == stream;
    }
    *address = 0;
    if (IS(name, "fprintf", "vfprintf"))
        return a[0] == stream ? got : 0;
    return 0;
}
