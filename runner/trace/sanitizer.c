// SPDX-License-Identifier: MIT
// What the sanitizers print, line by line: samples of gcc 12's are in tests/unit/sanitizer/.
#include "trace/sanitizer.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct sanitizer_report *report;
    struct sanitizer_stack *stack; // that the next frames belong to, NULL: nobody's
    bool any_leak;
};

// ---------------------------------------------------------------- lines

static size_t number_at(const char *text)
{
    unsigned long long number = strtoull(text, NULL, 10);
    return number > INT_MAX ? INT_MAX : (size_t)number;
}

// The number that ends in front of `end`, or 0.
static size_t number_before(const char *line, const char *end)
{
    while (end > line && end[-1] == ' ')
        end--;
    const char *start = end;
    while (start > line && isdigit((unsigned char)start[-1]))
        start--;
    return start < end ? number_at(start) : 0;
}

static const char *behind(const char *line, const char *words)
{
    const char *found = strstr(line, words);
    return found != NULL ? found + strlen(words) : NULL;
}

static char *copy_bytes(const char *from, size_t length)
{
    return str_format("%.*s", (int)length, from);
}

// Takes ":12" off the end of a place; 0: it has none.
static int take_number(char *place)
{
    size_t end = strlen(place);
    size_t start = end;
    while (start > 0 && isdigit((unsigned char)place[start - 1]))
        start--;
    if (start == end || start < 2 || place[start - 1] != ':')
        return 0;
    int number = (int)number_at(place + start);
    place[start - 1] = '\0';
    return number;
}

// "server.c:71" and "server.c:71:5" lose their numbers; returns the line, 0: there is none.
static int take_line(char *place)
{
    int last = take_number(place);
    int line = last > 0 ? take_number(place) : 0;
    return line > 0 ? line : last;
}

// ---------------------------------------------------------------- frames

static void add_frame(struct sanitizer_stack *stack, char *function, char *file, int line)
{
    stack->frames = mem_resize(stack->frames, (stack->count + 1) * sizeof *stack->frames);
    stack->frames[stack->count++] = (struct source_frame){file, line, function};
}

// "    #1 0x55d0 in serve server.c:104:5", "    #0 0x55d0 in malloc (/program+0x9c)"
static bool read_frame(struct reader *reader, const char *line)
{
    const char *number = line + strspn(line, " ");
    if (number == line || number[0] != '#' || !isdigit((unsigned char)number[1]))
        return false;
    const char *function = behind(number, " in ");
    if (reader->stack == NULL || reader->stack->count >= SANITIZER_FRAMES_MOST || function == NULL)
        return true;
    size_t length = strcspn(function, " ");
    const char *place = function + length + (function[length] == ' ');
    auto_free char *file =
        copy_bytes(str_starts_with(place, "./") ? place + 2 : place, strlen(place));
    int at = file[0] != '(' && file[0] != '<' ? take_line(file) : 0;
    if (at == 0)
        cleanup_free(&file);
    add_frame(reader->stack, copy_bytes(function, length), at > 0 ? take(file) : NULL, at);
    return true;
}

// The frames that follow belong to this stack, unless it has some already.
static void begin_stack(struct reader *reader, enum sanitizer_stack_name name)
{
    struct sanitizer_stack *stack = &reader->report->stacks[name];
    reader->stack = stack->count == 0 ? stack : NULL;
}

// ---------------------------------------------------------------- what stands between the frames

// "WRITE of size 1 at 0x… thread T0", "==2==The signal is caused by a READ memory access."
static void read_access(struct reader *reader, const char *line)
{
    struct sanitizer_report *report = reader->report;
    bool sized = str_starts_with(line, "READ of size ") || str_starts_with(line, "WRITE of size ");
    const char *signal = behind(line, "The signal is caused by a ");
    if (strstr(line, "address points to the zero page") != NULL && report->kind == SANITIZER_SEGV)
        report->kind = SANITIZER_NULL_POINTER;
    if (report->access != ACCESS_UNKNOWN || (!sized && signal == NULL))
        return;
    const char *word = sized ? line : signal;
    if (str_starts_with(word, "READ "))
        report->access = ACCESS_READ;
    else if (str_starts_with(word, "WRITE "))
        report->access = ACCESS_WRITE;
    if (sized)
        report->size = number_at(strstr(line, "size ") + strlen("size "));
}

// Newer compilers say "before" and "after", gcc 12 "to the left of" and "to the right of".
static enum sanitizer_place place_of(const char *line)
{
    if (strstr(line, " to the left of ") != NULL || strstr(line, " bytes before ") != NULL)
        return PLACE_BEFORE;
    if (strstr(line, " to the right of ") != NULL || strstr(line, " bytes after ") != NULL)
        return PLACE_PAST;
    return strstr(line, " inside of ") != NULL ? PLACE_INSIDE : PLACE_UNKNOWN;
}

// "… of global variable 'clients' defined in 'server.c:3:12' (0x…) of size 16"
static void read_global(struct sanitizer_report *report, const char *name)
{
    report->variable = copy_bytes(name, strcspn(name, "'"));
    const char *defined = behind(name, " defined in '");
    const char *size = behind(name, ") of size ");
    if (size != NULL)
        report->block_size = number_at(size);
    if (defined == NULL)
        return;
    report->variable_file = copy_bytes(defined, strcspn(defined, "'"));
    report->variable_line = take_line(report->variable_file);
}

// "0x60 is located 0 bytes to the right of 25-byte region [0x60,0x61)"
static void read_location(struct reader *reader, const char *line)
{
    struct sanitizer_report *report = reader->report;
    const char *located = behind(line, " is located ");
    if (located == NULL || report->place != PLACE_UNKNOWN)
        return;
    reader->stack = NULL;
    if (str_starts_with(located, "in stack of ")) {
        begin_stack(reader, STACK_VARIABLE);
        return;
    }
    report->place = place_of(line);
    report->distance = number_at(located);
    const char *region = strstr(located, "-byte region");
    const char *global = behind(located, "global variable '");
    if (region != NULL)
        report->block_size = number_before(located, region);
    else if (global != NULL && report->variable == NULL && report->variable_file == NULL)
        read_global(report, global);
}

// "    [32, 40) 'line' (line 8) <== Memory access at offset 40 overflows this variable"
static void read_variable(struct reader *reader, const char *line)
{
    struct sanitizer_report *report = reader->report;
    const char *access = behind(line, "<== Memory access at offset ");
    const char *name = behind(line, ") '");
    const char *range = strchr(line, '[');
    if (access == NULL || name == NULL || range == NULL || report->variable != NULL)
        return;
    size_t offset = number_at(access);
    size_t from = number_at(range + 1);
    const char *comma = strchr(range, ',');
    size_t to = comma != NULL ? number_at(comma + 1) : 0;
    const char *at = behind(name, "' (line ");
    report->variable = copy_bytes(name, strcspn(name, "'"));
    report->variable_line = at != NULL ? (int)number_at(at) : 0;
    report->block_size = to > from ? to - from : 0;
    report->place = strstr(access, "is inside") != NULL ? PLACE_INSIDE
                    : offset >= to                      ? PLACE_PAST
                                                        : PLACE_BEFORE;
    report->distance = report->place == PLACE_INSIDE ? offset - (from < offset ? from : offset)
                       : offset >= to                ? offset - to
                                                     : from - (offset < from ? offset : from);
}

// "Direct leak of 25 byte(s) in 1 object(s) allocated from:"
static bool read_leak(struct reader *reader, const char *line)
{
    const char *leak = behind(line, " leak of ");
    if (leak == NULL || !(str_starts_with(line, "Direct ") || str_starts_with(line, "Indirect ")))
        return false;
    struct sanitizer_report *report = reader->report;
    reader->stack = NULL;
    if (reader->any_leak) {
        report->further_leaks += line[0] == 'D';
        return true;
    }
    reader->any_leak = true;
    report->leaked_bytes = number_at(leak);
    const char *blocks = behind(leak, "byte(s) in ");
    report->leaked_blocks = blocks != NULL ? number_at(blocks) : 0;
    begin_stack(reader, STACK_CRASH);
    return true;
}

static void read_line(struct reader *reader, const char *line)
{
    if (read_frame(reader, line) || read_leak(reader, line))
        return;
    read_access(reader, line);
    read_location(reader, line);
    read_variable(reader, line);
    if (str_starts_with(line, "freed by thread "))
        begin_stack(reader, STACK_FREED);
    else if (str_starts_with(line, "allocated by thread ") ||
             str_starts_with(line, "previously allocated by thread "))
        begin_stack(reader, STACK_ALLOCATED);
    else if (str_starts_with(line, "Thread T") && strstr(line, " created by ") != NULL)
        begin_stack(reader, STACK_THREAD);
    else if (line[0] == '\0' && reader->stack != NULL && reader->stack->count > 0)
        reader->stack = NULL;
}

// ---------------------------------------------------------------- the first line

static const struct {
    const char *begins; // what stands behind "AddressSanitizer: "
    enum sanitizer_kind kind;
} kinds[] = {
    {"heap-buffer-overflow", SANITIZER_HEAP_OVERFLOW},
    {"stack-buffer-", SANITIZER_STACK_OVERRUN},
    {"dynamic-stack-buffer-overflow", SANITIZER_STACK_OVERRUN},
    {"global-buffer-overflow", SANITIZER_GLOBAL_OVERFLOW},
    {"heap-use-after-free", SANITIZER_USE_AFTER_FREE},
    {"stack-use-after-return", SANITIZER_USE_AFTER_RETURN},
    {"stack-use-after-scope", SANITIZER_USE_AFTER_SCOPE},
    {"attempting double-free", SANITIZER_DOUBLE_FREE},
    {"attempting ", SANITIZER_BAD_FREE},
    {"SEGV", SANITIZER_SEGV},
    {"BUS", SANITIZER_SEGV},
    {"stack-overflow", SANITIZER_STACK_EXHAUSTED},
    {"requested allocation size", SANITIZER_ALLOCATION_TOO_BIG},
    {"calloc parameters overflow", SANITIZER_ALLOCATION_TOO_BIG},
    {"reallocarray parameters overflow", SANITIZER_ALLOCATION_TOO_BIG},
    {"allocator is out of memory", SANITIZER_OUT_OF_MEMORY},
    {"hard rss limit exhausted", SANITIZER_OUT_OF_MEMORY},
    {"FPE", SANITIZER_DIVISION},
    {"negative-size-param", SANITIZER_NEGATIVE_SIZE},
};

static void read_memory_error(struct sanitizer_report *report, const char *line)
{
    const char *name = behind(line, "AddressSanitizer: ");
    report->text = copy_bytes(name, strcspn(name, " :"));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_starts_with(name, kinds[i].begins)) {
            report->kind = kinds[i].kind;
            return;
        }
    if (str_ends_with(report->text, "-param-overlap"))
        report->kind = SANITIZER_OVERLAP;
}

// "server.c:5:14: runtime error: signed integer overflow: …": the place stands for the stack when
// there is none. Without a place it is the program's own text.
static bool read_runtime_error(struct sanitizer_report *report, const char *line)
{
    const char *sentence = behind(line, ": runtime error: ");
    if (sentence == NULL)
        return false;
    auto_free char *place =
        copy_bytes(line, (size_t)(sentence - line) - strlen(": runtime error: "));
    int column = take_number(place);
    int at = column > 0 ? take_number(place) : 0;
    if (at == 0)
        return false;
    report->kind = SANITIZER_UNDEFINED;
    report->text = mem_copy_string(sentence);
    report->variable_file = take(place);
    report->variable_line = at;
    return true;
}

static bool read_first_line(struct sanitizer_report *report, const char *line)
{
    if (strstr(line, "ERROR: AddressSanitizer: ") != NULL ||
        strstr(line, "AddressSanitizer: hard rss limit exhausted") != NULL) {
        read_memory_error(report, line);
        return true;
    }
    if (strstr(line, "ERROR: LeakSanitizer: detected memory leaks") != NULL) {
        report->kind = SANITIZER_LEAK;
        report->text = mem_copy_string("memory leak");
        return true;
    }
    return read_runtime_error(report, line);
}

// A runtime error has no stack where it could not be unwound, and then its own place.
static void use_place_of_error(struct sanitizer_report *report)
{
    char *file = take(report->variable_file);
    int line = report->variable_line;
    report->variable_line = 0;
    if (report->stacks[STACK_CRASH].count > 0) {
        free(file);
        return;
    }
    char *own = mem_copy_string(str_starts_with(file, "./") ? file + 2 : file);
    free(file);
    add_frame(&report->stacks[STACK_CRASH], NULL, own, line);
}

// ---------------------------------------------------------------- the whole

static bool is_last_line(const struct sanitizer_report *report, const char *line)
{
    return str_starts_with(line, "SUMMARY: ") ||
           strstr(line, "ERROR: AddressSanitizer: ") != NULL ||
           strstr(line, ": runtime error: ") != NULL ||
           (report->kind == SANITIZER_UNDEFINED && line[0] != ' ');
}

bool sanitizer_read(const char *text, size_t length, struct sanitizer_report *out)
{
    *out = (struct sanitizer_report){0};
    struct reader reader = {.report = out};
    bool found = false;
    for (size_t from = 0, read = 0; from < length && read < SANITIZER_REPORT_MOST;) {
        const char *end = memchr(text + from, '\n', length - from);
        size_t line_length = end != NULL ? (size_t)(end - text) - from : length - from;
        auto_str struct str line = STR_INIT;
        str_append_bytes(&line, text + from, line_length);
        // What a program writes may hold NULs; nothing behind one is hidden by it.
        for (size_t i = 0; i < line.length; i++)
            if (line.data[i] == '\0')
                line.data[i] = ' ';
        from += line_length + 1;
        if (!found) {
            found = read_first_line(out, str_text(&line));
            if (found && out->kind != SANITIZER_LEAK)
                begin_stack(&reader, STACK_CRASH);
            continue;
        }
        if (is_last_line(out, str_text(&line)))
            break;
        read += line_length + 1;
        read_line(&reader, str_text(&line));
    }
    if (found && out->kind == SANITIZER_UNDEFINED)
        use_place_of_error(out);
    return found;
}

void sanitizer_release(struct sanitizer_report *report)
{
    for (size_t i = 0; i < STACKS; i++) {
        for (size_t j = 0; j < report->stacks[i].count; j++) {
            free(report->stacks[i].frames[j].file);
            free(report->stacks[i].frames[j].function);
        }
        free(report->stacks[i].frames);
    }
    free(report->text);
    free(report->variable);
    free(report->variable_file);
    *report = (struct sanitizer_report){0};
}
