// SPDX-License-Identifier: MIT
// The resolver: right lines for what compilers make of programs, and no harm from any bytes.
#include "trace/resolver/resolver.h"

#include "trace/events.h"
#include "trace_snapshot.h"
#include "unit.h"

static const char *const as_checked[] = {"-O0", "-fno-omit-frame-pointer", NULL};

// The lines are counted by the tests.
static const char stdio_source[] = "#include <stdio.h>\n"
                                   "static void inner(void)\n"
                                   "{\n"
                                   "    fflush(stdout);\n"
                                   "}\n"
                                   "static void outer(const char *text)\n"
                                   "{\n"
                                   "    fputs(text, stdout);\n"
                                   "    inner();\n"
                                   "}\n"
                                   "int main(void)\n"
                                   "{\n"
                                   "    outer(\"hello\");\n"
                                   "    return 0;\n"
                                   "}\n";

static struct events resolve_program(const char *source, const char *const *flags, uint32_t kind)
{
    struct compiled compiled = compile_source(source, flags);
    auto_str struct str snapshot = STR_INIT;
    auto_str struct str lines = STR_INIT;
    struct events events = {0};
    snapshot_of(compiled.program, kind, &snapshot);
    ck_assert(resolver_read(snapshot.data, snapshot.length, compiled.program, &lines));
    ck_assert_msg(events_read(str_text(&lines), lines.length, &events), "%s", str_text(&lines));
    ck_assert_uint_eq(events.count, 1);
    ck_assert_uint_eq(events.lost, 3);
    ck_assert(events.whole && events.ended);
    compiled_release(&compiled);
    return events;
}

// The own frames, as "inner:4 outer:9 main:13".
static char *own_frames(const struct events *events)
{
    struct str text = STR_INIT;
    const struct event *event = &events->items[0];
    for (size_t i = 0; i < event->frame_count; i++)
        if (event->frames[i].file != NULL) {
            ck_assert_str_eq(event->frames[i].file, "server.c");
            str_append_format(&text, "%s%s:%d", text.length > 0 ? " " : "",
                              event->frames[i].function, event->frames[i].line);
        }
    return str_take(&text);
}

static void expect_frames(const char *source, const char *const *flags, uint32_t kind,
                          const char *wanted)
{
    struct events events = resolve_program(source, flags, kind);
    auto_free char *frames = own_frames(&events);
    ck_assert_str_eq(frames, wanted);
    events_release(&events);
}

START_TEST(a_flush_is_found_through_the_library)
{
    struct events events = resolve_program(stdio_source, as_checked, EVENT_CALL);
    const struct event *event = &events.items[0];
    auto_free char *frames = own_frames(&events);
    ck_assert_str_eq(frames, "inner:4 outer:9 main:13");
    ck_assert_ptr_null(event->frames[0].file);
    ck_assert_ptr_nonnull(event->frames[0].module);
    ck_assert_ptr_nonnull(strstr(event->frames[0].module, "libc"));
    ck_assert_int_eq(event->number, 1);
    ck_assert_int_eq(event->clock, 5000000000);
    events_release(&events);
}
END_TEST

START_TEST(a_sanitized_program_is_found)
{
    static const char *const flags[] = {"-O0", "-fno-omit-frame-pointer",
                                        "-fsanitize=address,undefined", "-static-libasan", NULL};
    expect_frames(stdio_source, flags, EVENT_CALL, "inner:4 outer:9 main:13");
}
END_TEST

START_TEST(a_program_without_pie_is_found)
{
    static const char *const flags[] = {"-O0", "-no-pie", NULL};
    expect_frames(stdio_source, flags, EVENT_CALL, "inner:4 outer:9 main:13");
}
END_TEST

START_TEST(a_static_program_is_found)
{
    static const char *const flags[] = {"-O0", "-static", NULL};
    expect_frames(stdio_source, flags, EVENT_CALL, "inner:4 outer:9 main:13");
}
END_TEST

START_TEST(inlined_functions_are_frames)
{
    static const char *const flags[] = {"-O2", "-fno-optimize-sibling-calls", NULL};
    expect_frames("#include <unistd.h>\n"
                  "static inline __attribute__((always_inline)) int inner(const char *text)\n"
                  "{\n"
                  "    return (int)write(1, text, 1) + 1;\n"
                  "}\n"
                  "static inline __attribute__((always_inline)) int outer(const char *text)\n"
                  "{\n"
                  "    return inner(text) * 2;\n"
                  "}\n"
                  "int main(void)\n"
                  "{\n"
                  "    return outer(\"x\");\n"
                  "}\n",
                  flags, EVENT_CALL, "inner:4 outer:8 main:12");
}
END_TEST

// A call at the end of a function that does not return: its return address is another function's.
START_TEST(a_call_that_does_not_return_is_its_own_line)
{
    static const char *const flags[] = {"-O2", NULL};
    expect_frames("#include <stdlib.h>\n"
                  "#include <unistd.h>\n"
                  "__attribute__((noreturn, noinline)) static void leave(void)\n"
                  "{\n"
                  "    write(1, \"x\", 1);\n"
                  "    abort();\n"
                  "}\n"
                  "__attribute__((noinline)) static void work(int n)\n"
                  "{\n"
                  "    if (n > 0)\n"
                  "        leave();\n"
                  "}\n"
                  "int main(int argc, char **argv)\n"
                  "{\n"
                  "    (void)argv;\n"
                  "    work(argc);\n"
                  "    return 0;\n"
                  "}\n",
                  flags, EVENT_CALL, "leave:5 work:11 main:16");
}
END_TEST

// The handler was not called: the line that was interrupted stands where it stands.
START_TEST(a_signal_handler_is_followed_to_the_line_that_it_interrupted)
{
    expect_frames("#include <signal.h>\n"
                  "#include <unistd.h>\n"
                  "static void handle(int number)\n"
                  "{\n"
                  "    (void)number;\n"
                  "    write(1, \"x\", 1);\n"
                  "}\n"
                  "static void work(void)\n"
                  "{\n"
                  "    __asm__ volatile(\"xor %%edi, %%edi; ud2\" ::: \"rdi\");\n"
                  "}\n"
                  "int main(void)\n"
                  "{\n"
                  "    signal(SIGILL, handle);\n"
                  "    work();\n"
                  "    return 0;\n"
                  "}\n",
                  as_checked, EVENT_CALL, "handle:6 work:10 main:15");
}
END_TEST

START_TEST(a_crash_is_its_own_line)
{
    expect_frames("static void crash(int *place)\n"
                  "{\n"
                  "    *place = 1;\n"
                  "}\n"
                  "int main(void)\n"
                  "{\n"
                  "    crash((int *)8);\n"
                  "    return 0;\n"
                  "}\n",
                  as_checked, EVENT_SIGNAL, "crash:3 main:7");
}
END_TEST

START_TEST(deep_chains_are_cut)
{
    struct events events = resolve_program("#include <unistd.h>\n"
                                           "static int down(int n)\n"
                                           "{\n"
                                           "    return n > 0 ? down(n - 1) + 1 : (int)write(1, "
                                           "\"x\", 1);\n"
                                           "}\n"
                                           "int main(void)\n"
                                           "{\n"
                                           "    return down(200);\n"
                                           "}\n",
                                           as_checked, EVENT_CALL);
    ck_assert_uint_eq(events.items[0].frame_count, RESOLVER_DEPTH);
    events_release(&events);
}
END_TEST

START_TEST(the_sockets_of_a_poll_are_told)
{
    const struct snapshot_polled polled[] = {
        {.descriptor = 3, .socket = SOCKET_LISTENING, .local = 8080},
        {.descriptor = 5, .socket = SOCKET_CONNECTED, .local = 8080, .peer = 50001}};
    const struct snapshot_event event = {.kind = EVENT_STUCK, .polled_count = 2};
    auto_str struct str snapshot = STR_INIT;
    auto_str struct str lines = STR_INIT;
    struct events events = {0};
    append_head(&snapshot, SNAPSHOT_EVENT, sizeof event + sizeof polled);
    str_append_bytes(&snapshot, &event, sizeof event);
    str_append_bytes(&snapshot, polled, sizeof polled);
    append_end(&snapshot, 0);
    ck_assert(resolver_read(snapshot.data, snapshot.length, "/nowhere", &lines));
    ck_assert(events_read(str_text(&lines), lines.length, &events));
    ck_assert_uint_eq(events.count, 1);
    ck_assert_uint_eq(events.items[0].socket_count, 2);
    const struct event_socket *sockets = events.items[0].sockets;
    ck_assert_int_eq(sockets[0].socket, SOCKET_LISTENING);
    ck_assert_int_eq(sockets[0].descriptor, 3);
    ck_assert_int_eq(sockets[1].local, 8080);
    ck_assert_int_eq(sockets[1].peer, 50001);
    events_release(&events);
}
END_TEST

// ---------------------------------------------------------------- bad input

START_TEST(what_is_no_snapshot_gives_no_lines)
{
    auto_str struct str lines = STR_INIT;
    ck_assert(!resolver_read("", 0, "/nowhere", &lines));
    ck_assert(!resolver_read("0123456789abcdef0123456789", 26, "/nowhere", &lines));
    ck_assert_uint_eq(lines.length, 0);
}
END_TEST

static void read_any(const struct str *bytes, size_t length, const char *program)
{
    auto_str struct str lines = STR_INIT;
    struct events events = {0};
    char *copy = mem_alloc(length + 1); // its end is where a sanitizer sees it
    memcpy(copy, bytes->data, length);
    copy = mem_resize(copy, length > 0 ? length : 1);
    if (resolver_read(copy, length, program, &lines))
        ck_assert(events_read(str_text(&lines), lines.length, &events));
    ck_assert_uint_le(events.count, 1);
    events_release(&events);
    free(copy);
}

START_TEST(a_snapshot_cut_off_anywhere_does_no_harm)
{
    struct compiled compiled = compile_source(stdio_source, as_checked);
    auto_str struct str snapshot = STR_INIT;
    snapshot_of(compiled.program, EVENT_CALL, &snapshot);
    for (size_t length = 0; length < snapshot.length; length += 1 + length / 40)
        read_any(&snapshot, length, compiled.program);
    compiled_release(&compiled);
}
END_TEST

START_TEST(a_damaged_snapshot_does_no_harm)
{
    struct compiled compiled = compile_source(stdio_source, as_checked);
    auto_str struct str snapshot = STR_INIT;
    snapshot_of(compiled.program, EVENT_CALL, &snapshot);
    uint64_t state = 7;
    for (int i = 0; i < 200; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)(state >> 33) % snapshot.length;
        char before = snapshot.data[at];
        snapshot.data[at] = (char)(state >> 20);
        read_any(&snapshot, snapshot.length, compiled.program);
        snapshot.data[at] = before;
    }
    compiled_release(&compiled);
}
END_TEST

START_TEST(debugging_data_of_another_file_does_no_harm)
{
    struct compiled compiled = compile_source(stdio_source, as_checked);
    auto_str struct str snapshot = STR_INIT;
    snapshot_of(compiled.program, EVENT_CALL, &snapshot);
    read_any(&snapshot, snapshot.length, "/dev/zero");
    read_any(&snapshot, snapshot.length, "/proc/self/maps");
    read_any(&snapshot, snapshot.length, "/bin/sh");
    read_any(&snapshot, snapshot.length, "/nowhere");
    compiled_release(&compiled);
}
END_TEST

UNIT_MAIN("trace_resolver", a_flush_is_found_through_the_library, a_sanitized_program_is_found,
          a_program_without_pie_is_found, a_static_program_is_found, inlined_functions_are_frames,
          a_call_that_does_not_return_is_its_own_line,
          a_signal_handler_is_followed_to_the_line_that_it_interrupted, a_crash_is_its_own_line,
          deep_chains_are_cut, the_sockets_of_a_poll_are_told, what_is_no_snapshot_gives_no_lines,
          a_snapshot_cut_off_anywhere_does_no_harm, a_damaged_snapshot_does_no_harm,
          debugging_data_of_another_file_does_no_harm)
