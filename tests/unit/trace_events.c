// SPDX-License-Identifier: MIT
// The resolver's lines: read with nothing believed, joined with the transcript.
#include "trace/events.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "trace_made.h"
#include "unit.h"

static bool reads(const char *text, struct events *out)
{
    *out = (struct events){0};
    return events_read(text, strlen(text), out);
}

START_TEST(lines_that_are_none_are_refused)
{
    static const char *const bad[] = {
        "", "x\n", "{\n", "[]\n{\"kind\":\"end\"}\n", "{\"kind\":\"end\"}", "{\"kind\":\"call\"}\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct events events;
        ck_assert_msg(!reads(bad[i], &events), "%s", bad[i]);
        events_release(&events);
    }
}
END_TEST

START_TEST(fields_of_other_types_are_as_good_as_none)
{
    struct events events;
    ck_assert(
        reads("{\"kind\":\"call\",\"pid\":\"x\",\"tid\":1e300,\"number\":null,\"clock\":5,"
              "\"arguments\":{},\"result\":[],\"descriptor\":\"\",\"local\":70000,\"peer\":-1,"
              "\"pieces\":[1,[2],[\"x\",\"y\"]],\"path\":7,\"data\":[],\"state\":\"?\","
              "\"frames\":[3,{\"line\":-1,\"own\":true,\"file\":\"a.c\"},"
              "{\"own\":true,\"line\":5},{\"function\":\"a\\u001bb\"}],\"sockets\":[[]]}\n"
              "{\"kind\":\"end\",\"lost\":-5,\"ended\":1}\n",
              &events));
    ck_assert_uint_eq(events.count, 1);
    const struct event *event = &events.items[0];
    ck_assert_int_eq(event->pid, 0);
    ck_assert_int_eq(event->tid, 0);
    ck_assert_int_eq(event->clock, 0);
    ck_assert_int_eq(event->local, 0);
    ck_assert_int_eq(event->peer, 0);
    ck_assert_int_eq(event->shown.descriptor, -1);
    ck_assert_int_eq(event->shown.state, '\0');
    ck_assert_uint_eq(event->frame_count, 4);
    for (size_t i = 0; i < event->frame_count; i++) {
        ck_assert_ptr_null(event->frames[i].file);
        ck_assert_ptr_null(event->frames[i].function);
    }
    ck_assert_uint_eq(events.lost, 0);
    ck_assert(!events.ended);
    events_release(&events);
}
END_TEST

START_TEST(frames_and_sockets_are_bounded)
{
    auto_str struct str text = STR_INIT;
    str_append(&text, "{\"kind\":\"stuck\",\"frames\":[{}");
    for (int i = 0; i < 5000; i++)
        str_append(&text, ",{}");
    str_append(&text, "],\"sockets\":[{}");
    for (int i = 0; i < 50000; i++)
        str_append(&text, ",{}");
    str_append(&text, "]}\n{\"kind\":\"end\"}\n");
    struct events events;
    ck_assert(reads(text.data, &events));
    ck_assert_uint_le(events.items[0].frame_count, 64);
    ck_assert_uint_le(events.items[0].socket_count, SNAPSHOT_DATA_MOST);
    events_release(&events);
}
END_TEST

START_TEST(bytes_are_counted_for_each_connection_and_direction)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "");
    made_io(&made, 2, false, "");
    made_call(&made, SYS_recvfrom, 1, 10, "main:4");
    made_call(&made, SYS_write, 1, 7, "main:5");
    made_call(&made, SYS_write, 2, 100, "main:5");
    made_call(&made, SYS_write, 1, -EAGAIN, "main:5");
    made_call(&made, SYS_writev, 1, 5, "main:5");
    made_call(&made, SYS_write, 9, 5, "main:5");
    made_end(&made);
    static const struct {
        int connection;
        size_t offset, length;
        bool from_program;
    } wanted[] = {{1, 0, 10, false}, {1, 0, 7, true}, {2, 0, 100, true},
                  {1, 7, 0, true},   {1, 7, 5, true}, {0, 0, 5, true}};
    ck_assert_uint_eq(made.events.count, 6);
    for (size_t i = 0; i < 6; i++) {
        const struct trace_event *shown = &made.events.items[i].shown;
        ck_assert_int_eq(shown->connection, wanted[i].connection);
        ck_assert_uint_eq(shown->offset, wanted[i].offset);
        ck_assert_uint_eq(shown->length, wanted[i].length);
        ck_assert_int_eq(shown->from_program, wanted[i].from_program);
    }
    made_release(&made);
}
END_TEST

START_TEST(a_look_at_bytes_that_stay_does_not_count)
{
    struct made made = made_begin();
    made_io(&made, 1, false, "");
    made_event(&made, "call", 1, "main:4",
               "\"number\":%d,\"result\":10,\"arguments\":[\"0x4\",\"0x0\",\"0xa\",\"0x%x\"]"
               "," MADE_ON(50001),
               SYS_recvfrom, (unsigned)MSG_PEEK);
    made_call(&made, SYS_recvfrom, 1, 10, "main:4");
    made_end(&made);
    ck_assert_uint_eq(made.events.items[0].shown.length, 0);
    ck_assert_uint_eq(made.events.items[1].shown.offset, 0);
    ck_assert_uint_eq(made.events.items[1].shown.length, 10);
    made_release(&made);
}
END_TEST

START_TEST(events_are_put_in_the_order_of_time)
{
    struct made made = made_begin();
    made.clock = 3000000000;
    made_call(&made, SYS_write, 0, 1, "late:5");
    made.clock = 1500000000;
    made_call(&made, SYS_write, 0, 1, "early:5");
    made_end(&made);
    const struct trace_event *first = &made.events.items[0].shown;
    ck_assert_str_eq(first->frames[0].function, "early");
    ck_assert(first->at > 0.49 && first->at < 0.51);
    made_release(&made);
}
END_TEST

START_TEST(threads_and_processes_are_numbered_as_they_appear)
{
    struct made made = made_begin();
    made_event(&made, "call", 700, "a:1", "\"number\":1");
    made_event(&made, "call", 500, "b:1", "\"number\":1");
    made_event(&made, "call", 700, "c:1", "\"number\":1");
    made_end(&made);
    ck_assert_int_eq(made.events.items[0].shown.thread, 1);
    ck_assert_int_eq(made.events.items[1].shown.thread, 2);
    ck_assert_int_eq(made.events.items[2].shown.thread, 1);
    ck_assert_int_eq(made.events.items[2].shown.process, 1);
    made_release(&made);
}
END_TEST

START_TEST(given_files_are_not_the_learners)
{
    struct made made = made_begin();
    auto_strings struct strings given = STRINGS_INIT;
    strings_add(&given, "server.c");
    made_call(&made, SYS_write, 0, 1, "write main:5");
    str_append(&made.lines, "{\"kind\":\"end\"}\n");
    ck_assert(events_read(made.lines.data, made.lines.length, &made.events));
    events_join(&made.events, made.check, &given);
    ck_assert_uint_eq(made.events.items[0].shown.frame_count, 0);
    ck_assert_uint_eq(made.events.items[0].frame_count, 2);
    made_release(&made);
}
END_TEST

START_TEST(a_line_that_the_sources_do_not_have_is_nobodys)
{
    struct made made = made_begin();
    made_event(&made, "call", 1, "write inner:70000 main:2", "\"number\":1");
    made_end(&made);
    ck_assert_uint_eq(made.events.items[0].shown.frame_count, 2);
    events_keep_own(&made.events, &made.sources);
    const struct trace_event *shown = &made.events.items[0].shown;
    ck_assert_uint_eq(shown->frame_count, 1);
    ck_assert_str_eq(shown->frames[0].function, "main");
    ck_assert_ptr_null(made.events.items[0].frames[1].file);
    struct sources none = {0};
    events_keep_own(&made.events, &none);
    ck_assert_uint_eq(shown->frame_count, 0);
    made_release(&made);
}
END_TEST

UNIT_MAIN("trace_events", lines_that_are_none_are_refused,
          fields_of_other_types_are_as_good_as_none, frames_and_sockets_are_bounded,
          bytes_are_counted_for_each_connection_and_direction,
          a_look_at_bytes_that_stay_does_not_count, events_are_put_in_the_order_of_time,
          threads_and_processes_are_numbered_as_they_appear, given_files_are_not_the_learners,
          a_line_that_the_sources_do_not_have_is_nobodys)
