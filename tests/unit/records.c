// SPDX-License-Identifier: MIT
// Records become a check's result; none of them is believed.
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "grade/records.h"

#define START "{\"record\":\"start\",\"version\":1,\"check\":\"step/check\"}\n"

// A control character, written so that JSON alone sees it.
#define ESCAPE                                                                                     \
    "{\"record\":\"suspect\",\"connection\":1,\"offset\":0,\"length\":1,"                          \
    "\"text\":\"\\u001b[31m\"}\n"

struct read {
    struct check_result check;
    struct records records;
    bool taken;
};

// Reads the start record and these lines.
static struct read *read_lines(const char *lines)
{
    struct read *read = calloc(1, sizeof *read);
    read->check.id = mem_copy_string("step/check");
    records_start(&read->records, &read->check, true);
    auto_free char *all = str_format(START "%s", lines);
    read->taken = records_take(&read->records, all, strlen(all));
    return read;
}

static void read_release(struct read **read)
{
    struct attempt attempt = {.checks = mem_alloc_array(1, sizeof(struct check_result)),
                              .check_count = 1};
    attempt.checks[0] = (*read)->check;
    attempt_release(&attempt);
    records_release(&(*read)->records);
    free(*read);
}

#define auto_read __attribute__((cleanup(read_release)))

START_TEST(the_bytes_of_a_request_that_matter_are_read)
{
    auto_read struct read *read =
        read_lines("{\"record\":\"suspect\",\"connection\":2,\"offset\":23,\"length\":1,"
                   "\"text\":\"the blank\"}\n"
                   "{\"record\":\"suspect\",\"connection\":1,\"offset\":5,\"length\":7,"
                   "\"text\":\"another\"}\n");
    ck_assert(read->taken);
    const struct suspect *suspect = &read->check.suspect;
    ck_assert_int_eq(suspect->connection, 2);
    ck_assert_uint_eq(suspect->offset, 23);
    ck_assert_uint_eq(suspect->length, 1);
    ck_assert_str_eq(suspect->text, "the blank");
}
END_TEST

START_TEST(bytes_that_are_none_are_a_fault)
{
    static const char *const lines[] = {
        "{\"record\":\"suspect\"}\n",
        "{\"record\":\"suspect\",\"connection\":1,\"offset\":0,\"length\":1}\n",
        "{\"record\":\"suspect\",\"connection\":1,\"offset\":0,\"length\":1,\"text\":7}\n",
        "{\"record\":\"suspect\",\"connection\":0,\"offset\":0,\"length\":1,\"text\":\"a\"}\n",
        "{\"record\":\"suspect\",\"connection\":-1,\"offset\":0,\"length\":1,\"text\":\"a\"}\n",
        "{\"record\":\"suspect\",\"connection\":1,\"offset\":0,\"length\":0,\"text\":\"a\"}\n",
        "{\"record\":\"suspect\",\"connection\":1,\"offset\":0,\"length\":1e300,\"text\":\"a\"}\n",
        "{\"record\":\"suspect\",\"connection\":1e300,\"offset\":0,\"length\":1,\"text\":\"a\"}\n",
        ESCAPE,
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        auto_read struct read *read = read_lines(lines[i]);
        ck_assert_msg(!read->taken && read->records.fault != NULL, "taken: %s", lines[i]);
        ck_assert_ptr_null(read->check.suspect.text);
    }
}
END_TEST

START_TEST(a_command_may_need_another_environment)
{
    auto_read struct read *read = read_lines("{\"record\":\"reproduce\",\"command\":\"curl\"}\n");
    ck_assert_str_eq(read->check.reproduce, "curl");
    ck_assert_ptr_null(read->check.reproduce_environment);
    auto_read struct read *other =
        read_lines("{\"record\":\"reproduce\",\"command\":\"curl\",\"environment\":\"A=1\"}\n");
    ck_assert_str_eq(other->check.reproduce_environment, "A=1");
}
END_TEST

START_TEST(what_was_seen_in_a_database_is_read)
{
    auto_read struct read *read =
        read_lines("{\"record\":\"sql\",\"statement\":\"SELECT 1\",\"answer\":\"1 row\","
                   "\"expected\":[\"a\",\"2\"],\"found\":[\"a\",\"1\"]}\n"
                   "{\"record\":\"sql\",\"program\":[\"INSERT\"]}\n");
    ck_assert_str_eq(read->check.sql.statement, "SELECT 1");
    ck_assert_str_eq(read->check.sql.answer, "1 row");
    ck_assert_uint_eq(read->check.sql.expected.count, 2);
    ck_assert_str_eq(read->check.sql.found.items[1], "1");
    ck_assert_str_eq(read->check.sql.program.items[0], "INSERT");
    auto_read struct read *other = read_lines("{\"record\":\"sql\",\"program\":[\"\\u001b\"]}\n");
    ck_assert(!other->taken);
}
END_TEST

START_TEST(a_grader_says_what_broke_it)
{
    auto_read struct read *read =
        read_lines("{\"record\":\"broken\",\"text\":\"the machine is too busy\"}\n");
    ck_assert(!read->taken);
    ck_assert_str_eq(read->records.fault, "the machine is too busy");
}
END_TEST

START_TEST(a_run_its_output_and_its_servers_are_read)
{
    auto_read struct read *read = read_lines(
        "{\"record\":\"run\",\"at\":0,\"arguments\":[\"old\",\"older\"]}\n"
        "{\"record\":\"run\",\"at\":1,\"arguments\":[\"http://a/\\\\n\"]}\n"
        "{\"record\":\"io\",\"from\":\"program\",\"connection\":1,\"text\":\"\"}\n"
        "{\"record\":\"io\",\"from\":\"grader\",\"connection\":2,\"text\":\"\"}\n"
        "{\"record\":\"io\",\"from\":\"grader\",\"connection\":1,\"text\":\"\",\"end\":\"reset\"}\n"
        "{\"record\":\"io\",\"from\":\"grader\",\"connection\":1,\"text\":\"\",\"end\":\"odd\"}\n"
        "{\"record\":\"output\",\"text\":\"fig\",\"length\":12}\n"
        "{\"record\":\"script\",\"text\":\"server a:1\\\\n\"}\n"
        "{\"record\":\"script\",\"text\":\"on request\\\\n\"}\n"
        "{\"record\":\"fail\",\"message\":\"a\",\"actual\":\"fig\",\"stream\":\"stdout\"}\n"
        "{\"record\":\"reproduce\",\"command\":\"lab run\",\"run\":true}\n");
    ck_assert(read->taken);
    const struct check_result *check = &read->check;
    ck_assert(check->was_run && check->reproduce_is_run);
    ck_assert_uint_eq(check->arguments.count, 1);
    ck_assert_str_eq(check->arguments.items[0], "http://a/\\n");
    ck_assert(check_connection_is_outgoing(check, 1) && !check_connection_is_outgoing(check, 2));
    ck_assert_str_eq(check->transcript[2].end, "reset");
    ck_assert_ptr_null(check->transcript[3].end);
    ck_assert_str_eq(check->output, "fig");
    ck_assert_uint_eq(check->output_length, 12);
    ck_assert_str_eq(check->script, "server a:1\non request\n");
    ck_assert_str_eq(check->stream, "stdout");
}
END_TEST

START_TEST(a_run_that_is_none_is_a_fault)
{
    static const char *const lines[] = {
        "{\"record\":\"run\",\"arguments\":[7]}\n",
        "{\"record\":\"run\",\"arguments\":[\"\\u001b[31m\"]}\n",
        "{\"record\":\"output\",\"length\":7}\n",
        "{\"record\":\"script\"}\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        auto_read struct read *read = read_lines(lines[i]);
        ck_assert_msg(!read->taken, "%s", lines[i]);
    }
}
END_TEST

START_TEST(a_program_that_rests_is_known)
{
    auto_read struct read *read = read_lines("{\"record\":\"rest\",\"asleep\":true}\n");
    ck_assert(read->taken && read->records.asleep);
    static const char awake[] = "{\"record\":\"rest\",\"asleep\":\"yes\"}\n";
    ck_assert(records_take(&read->records, awake, strlen(awake)) && !read->records.asleep);
}
END_TEST

// For a class: what is not kept is read all the same, and bounded all the same.
START_TEST(records_that_are_not_kept_are_read_and_bounded)
{
    struct check_result check = {.id = mem_copy_string("step/check")};
    struct records records;
    records_start(&records, &check, false);
    ck_assert(records_take(&records, START, strlen(START)));
    // Few and long: what is told here is only how many bytes they are.
    static char word[60001];
    memset(word, 'n', sizeof word - 1);
    auto_free char *note = str_format("{\"record\":\"note\",\"text\":\"%s\"}\n", word);
    size_t taken = strlen(START);
    while (records_take(&records, note, strlen(note)))
        taken += strlen(note);
    ck_assert_str_eq(records.fault, "more than 16 MiB of records");
    ck_assert_uint_le(taken, 16 << 20);
    ck_assert_uint_gt(taken + strlen(note), 16 << 20);
    ck_assert_uint_eq(records.raw.length, 0);
    records_finish(&records, 0);
    ck_assert_ptr_null(check.records);
    ck_assert_uint_eq(check.notes.count, (taken - strlen(START)) / strlen(note));
    records_release(&records);
    strings_release(&check.notes);
    free(check.message);
    free(check.id);
}
END_TEST

UNIT_MAIN("records", records_that_are_not_kept_are_read_and_bounded, a_program_that_rests_is_known,
          a_run_its_output_and_its_servers_are_read, a_run_that_is_none_is_a_fault,
          the_bytes_of_a_request_that_matter_are_read, bytes_that_are_none_are_a_fault,
          a_command_may_need_another_environment, what_was_seen_in_a_database_is_read,
          a_grader_says_what_broke_it)
