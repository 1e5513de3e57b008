// SPDX-License-Identifier: MIT
// One sentence that teaches, for each kind of mistake that a sanitizer reports.
#include <stdlib.h>
#include <string.h>

#include "trace/sanitizer.h"

static const char nul_help[] = "room for n bytes and a final NUL is n + 1 bytes";

// Functions that return NULL, as learners meet them.
static const struct {
    const char *call, *when;
} null_givers[] = {
    {"getenv(", "there is no variable of that name"},
    {"strchr(", "the character is nowhere in the string"},
    {"strrchr(", "the character is nowhere in the string"},
    {"memchr(", "the byte is nowhere in the block"},
    {"strstr(", "the text is nowhere in the string"},
    {"memmem(", "the bytes are nowhere in the block"},
    {"strpbrk(", "none of the characters is in the string"},
    {"strtok(", "there is no further word"},
    {"fopen(", "the file cannot be opened"},
    {"opendir(", "the folder cannot be opened"},
    {"fgets(", "there is no further line"},
    {"malloc(", "there is no memory left"},
    {"calloc(", "there is no memory left"},
    {"realloc(", "there is no memory left"},
    {"strdup(", "there is no memory left"},
};

// A call of that name, and not of one that ends like it.
static bool has_call(const char *line, const char *call)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    for (const char *found = strstr(line, call); found != NULL; found = strstr(found + 1, call))
        if (found == line || strchr(letters, found[-1]) == NULL)
            return true;
    return false;
}

static char *null_help(const char *call, const char *line)
{
    for (size_t i = 0; line != NULL && i < sizeof null_givers / sizeof *null_givers; i++)
        if (has_call(line, null_givers[i].call))
            return str_format("%s) returns NULL when %s: test for it before the pointer is used",
                              null_givers[i].call, null_givers[i].when);
    if (call != NULL)
        return str_format("%s does not take NULL: test the pointer before the call", call);
    return str_format("test a pointer for NULL before it is used: it says that there is nothing");
}

static const char *bounds_help(const struct sanitizer_report *report, const char *call)
{
    bool write = report->access == ACCESS_WRITE;
    if (report->place == PLACE_BEFORE)
        return "the first byte has index 0: of nothing there is no last byte at length - 1";
    if (write && call == NULL && report->size == 1 && report->distance == 0)
        return nul_help;
    if (!write && call != NULL && report->distance == 0)
        return "a string ends in a NUL: bytes that came from a client have none until the program "
               "writes it";
    if (write)
        return "before bytes are written, compare how many they are with how many fit";
    return "before a byte is read, compare its index with how many there are";
}

// Parts of UBSan's sentences, the narrower first.
static const struct {
    const char *part, *help;
} meanings[] = {
    {"out of bounds", "an array of n elements has the indexes 0 to n - 1"},
    {"signed integer overflow",
     "a sum that may not fit needs a test before it is made, or a wider type"},
    {"negation of", "the least number has no counterpart above zero: test for it before"},
    {"shift exponent", "a shift is by 0 or more, and by less than the width of its type"},
    {"left shift of", "bits are shifted in unsigned types: a sign cannot be shifted out"},
    {"division by zero", "test a divisor for 0 before the division"},
    {"misaligned address",
     "bytes of a buffer go into a number by memcpy(): a cast pointer may not fit its type"},
    {"variable length array", "the length of an array has to be above 0: test it before"},
    {"outside the range of representable",
     "test that a number fits into the type before it is converted"},
    {"unreachable program point", "a function that returns a value needs a return on every way"},
    {"reached the end of a value-returning",
     "a function that returns a value needs a return on every way"},
    {"not a valid value for type", "a variable has no value until one is written into it"},
    {"insufficient space for an object",
     "the block is smaller than what is read from it: ask malloc() for sizeof the object"},
};

static char *undefined_help(const struct sanitizer_report *report, const char *line)
{
    if (strstr(report->text, "null pointer") != NULL)
        return null_help(NULL, line);
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strstr(report->text, meanings[i].part) != NULL)
            return mem_copy_string(meanings[i].help);
    return NULL;
}

static const char *const helps[] = {
    [SANITIZER_USE_AFTER_FREE] =
        "after free() nothing of the block may be used: take what is still needed from it before",
    [SANITIZER_USE_AFTER_RETURN] =
        "a function's variables end when it returns: what the caller needs lies in memory of the "
        "caller's, or from malloc()",
    [SANITIZER_USE_AFTER_SCOPE] =
        "a variable ends with the { } around it: declare it where its pointer is declared",
    [SANITIZER_DOUBLE_FREE] =
        "a block is freed once: a pointer that is set to NULL behind free() may be freed again",
    [SANITIZER_BAD_FREE] =
        "free() takes the very pointer that malloc() returned: keep that one, and move a copy",
    [SANITIZER_SEGV] =
        "nothing is at that address: a pointer got no value, or one that was computed wrongly",
    [SANITIZER_STACK_EXHAUSTED] =
        "every call takes room on the stack: recursion needs an end, and what is large comes from "
        "malloc()",
    [SANITIZER_ALLOCATION_TOO_BIG] =
        "a negative number becomes a huge size: test a length before memory is asked for",
    [SANITIZER_OUT_OF_MEMORY] =
        "what is not needed any more has to be freed, and what a client may send needs a limit",
    [SANITIZER_LEAK] = "every block that is allocated is freed once, on each way that the program "
                       "takes",
    [SANITIZER_DIVISION] = "test a divisor for 0 before the division",
    [SANITIZER_OVERLAP] = "memmove() copies between places that overlap; memcpy() may not",
    [SANITIZER_NEGATIVE_SIZE] = "recv(), read() and others return -1 for an error: test for it "
                                "before that is used as a length",
};

char *sanitizer_help(const struct sanitizer_report *report, const char *call, const char *line)
{
    switch (report->kind) {
    case SANITIZER_HEAP_OVERFLOW:
    case SANITIZER_STACK_OVERRUN:
    case SANITIZER_GLOBAL_OVERFLOW:
        return mem_copy_string(bounds_help(report, call));
    case SANITIZER_NULL_POINTER:
        return null_help(call, line);
    case SANITIZER_UNDEFINED:
        return undefined_help(report, line);
    default:
        break;
    }
    size_t kind = report->kind;
    return mem_copy_string(kind < sizeof helps / sizeof *helps ? helps[kind] : NULL);
}
