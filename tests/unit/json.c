// SPDX-License-Identifier: MIT
// JSON with positions: what is refused, at which line and column, with which cure.
#include "unit.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/json_scan.h"
#include "base/str.h"
#include "base/text.h"

static struct json_file *good(const char *text)
{
    struct err err = ERR_INIT;
    struct json_file *file = json_file_parse("f.json", text, strlen(text), ERR_LAB, &err);
    ck_assert_msg(file != NULL, "%s: %s", text, err.message);
    return file;
}

static void refused(const char *text, size_t length, const char *message, const char *cure)
{
    struct err err = ERR_INIT;
    struct json_file *file = json_file_parse("f.json", text, length, ERR_LAB, &err);
    ck_assert_msg(file == NULL, "accepted: %s", text);
    ck_assert_int_eq(err.kind, ERR_LAB);
    ck_assert_str_eq(err.message, message);
    ck_assert_ptr_nonnull(err.cure);
    ck_assert_msg(strstr(err.cure, cure) != NULL, "%s: the cure is: %s", text, err.cure);
    err_release(&err);
}

START_TEST(broken_text_is_refused_with_its_place_and_cure)
{
    static const struct {
        const char *text, *message, *cure;
    } cases[] = {
        {"", "f.json:1:1: an empty file", "object"},
        {" \n ", "f.json:1:1: an empty file", "object"},
        {"{} {}", "f.json:1:4: text after the end of the JSON value", "remove"},
        {"{}\nx", "f.json:2:1: text after the end of the JSON value", "remove"},
        {"{\"a\":1,}", "f.json:1:7: a comma behind the last one", "remove the comma"},
        {"[1,2,\n]", "f.json:1:5: a comma behind the last one", "remove the comma"},
        {"{\"a\":1\n \"b\":2}", "f.json:2:2: expected , or } after a member", "comma"},
        {"[1 2]", "f.json:1:4: expected , or ] after an item", "comma"},
        {"{\"a\" 1}", "f.json:1:6: expected : after a key", "like"},
        {"{a:1}", "f.json:1:2: expected a key in double quotes", "like"},
        {"{'a':1}", "f.json:1:2: text in single quotes", "double"},
        {"{ // no\n}", "f.json:1:3: JSON has no comments", "remove the comment"},
        {"{\"a\":", "f.json:1:6: the text ends before the JSON value does", "close"},
        {"{\"a\":\"b", "f.json:1:6: a string without its closing quote", "close"},
        {"{\"a\":\"b\n\"}", "f.json:1:8: a line break in a string", "\\n"},
        {"[\"\t\"]", "f.json:1:3: a control character in a string", "escape"},
        {"[\"\\q\"]", "f.json:1:3: an escape that JSON does not know", "backslash"},
        {"[\"\\u00g0\"]", "f.json:1:7: \\u without four hexadecimal digits", "four"},
        {"[\"a\\u0000\"]", "f.json:1:4: \\u0000: a NUL cannot be in a text", "remove"},
        {"[\"\\ud800\"]", "f.json:1:3: half a surrogate pair", "itself"},
        {"[\"\\udc00\\ud800\"]", "f.json:1:3: half a surrogate pair", "itself"},
        {"[\"\\ud800\\u0041\"]", "f.json:1:3: half a surrogate pair", "itself"},
        {"[01]", "f.json:1:2: not a number that JSON knows", "0.5"},
        {"[-]", "f.json:1:2: not a number that JSON knows", "0.5"},
        {"[1.]", "f.json:1:2: a number that ends at its point", "0.5"},
        {"[1e+]", "f.json:1:2: a number without its exponent", "5e3"},
        {"[+1]", "f.json:1:2: expected a value", "number"},
        {"[True]", "f.json:1:2: expected a value", "true"},
        {"\xef\xbb\xbf{}", "f.json:1:1: a byte order mark", "without"},
        {"{\"\xc3\xa4\":\n\"\xff\"}", "f.json:2:2: a byte that is not UTF-8", "UTF-8"},
        {"{\"\xc3\xa4\":x}", "f.json:1:6: expected a value", "number"},
        {"[\"\xed\xa0\x80\"]", "f.json:1:3: a byte that is not UTF-8", "UTF-8"},
        {"{\"a\":1,\n\"b\":2,\n \"a\":3}", "f.json:3:2: the key \"a\" is there twice",
         "remove one"},
        {"[{\"a\":1,\"\\u0061\":2}]", "f.json:1:9: the key \"a\" is there twice", "remove one"},
        {"{\"a\\n\":1,\"a\\n\":2}", "f.json:1:10: the key \"a\\n\" is there twice", "remove one"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(cases[i].text, strlen(cases[i].text), cases[i].message, cases[i].cure);
}
END_TEST

START_TEST(nul_bytes_are_refused_wherever_they_stand)
{
    refused("{}\0{}", 5, "f.json:1:3: text after the end of the JSON value", "remove");
    refused("{\0}", 3, "f.json:1:2: a NUL byte", "remove");
    refused("[\"\0\"]", 5, "f.json:1:3: a NUL byte in a string", "remove");
}
END_TEST

START_TEST(every_beginning_of_a_text_is_refused)
{
    const char *text = "{\"a\": [1.5e3, \"\\u00e4 \xc3\xa4\", {\"b\": null}], \"c\": true}";
    json_file_free(good(text));
    for (size_t length = 0; length < strlen(text); length++) {
        struct err err = ERR_INIT;
        ck_assert_ptr_null(json_file_parse("f.json", text, length, ERR_LAB, &err));
        ck_assert_int_eq(err.kind, ERR_LAB);
        ck_assert_ptr_nonnull(err.cure);
        err_release(&err);
    }
}
END_TEST

START_TEST(depth_is_bounded)
{
    auto_str struct str text = STR_INIT;
    for (size_t i = 0; i < JSON_SCAN_DEPTH; i++)
        str_append_char(&text, '[');
    for (size_t i = 0; i < JSON_SCAN_DEPTH; i++)
        str_append_char(&text, ']');
    json_file_free(good(str_text(&text)));
    str_clear(&text);
    for (size_t i = 0; i < 1000000; i++)
        str_append_char(&text, '[');
    refused(str_text(&text), text.length, "f.json:1:65: nested too deeply", "fewer");
}
END_TEST

START_TEST(size_is_bounded_and_a_missing_file_has_the_caller_s_kind)
{
    char path[] = "/tmp/lab-unit-XXXXXX";
    close(mkstemp(path));
    struct err err = ERR_INIT;
    ck_assert(file_write(-100, path, "[1,2,3,4,5]", 11, 0600, &err));
    struct json_file *file = json_file_read(path, 11, ERR_LAB, &err);
    ck_assert_ptr_nonnull(file);
    json_file_free(file);
    ck_assert_ptr_null(json_file_read(path, 10, ERR_LAB, &err));
    ck_assert_int_eq(err.kind, ERR_LAB);
    ck_assert_ptr_nonnull(strstr(err.message, "larger than 10 bytes"));
    unlink(path);
    ck_assert_ptr_null(json_file_read(path, 10, ERR_LAB, &err));
    ck_assert_int_eq(err.kind, ERR_LAB);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    err_release(&err);
}
END_TEST

START_TEST(any_value_s_place_is_found)
{
    struct json_file *file = good("{\n  \"a\": [1, {\"b\": \"x\"}, 3],\n  \"\xc3\xa4\": 4\n}\n");
    const cJSON *root = json_file_root(file);
    const cJSON *a = json_member(root, "a");
    const cJSON *b = json_member(cJSON_GetArrayItem(a, 1), "b");
    const struct {
        const cJSON *value;
        const char *message;
    } cases[] = {
        {NULL, "f.json:1:1: here"},
        {root, "f.json:1:1: here"},
        {a, "f.json:2:8: here"},
        {cJSON_GetArrayItem(a, 0), "f.json:2:9: here"},
        {b, "f.json:2:18: here"},
        {cJSON_GetArrayItem(a, 2), "f.json:2:24: here"},
        {json_member(root, "\xc3\xa4"), "f.json:3:8: here"},
    };
    struct err err = ERR_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_fail(file, cases[i].value, &err, "%s", "here");
        ck_assert_str_eq(err.message, cases[i].message);
    }
    json_fail_key(file, b, &err, "here");
    ck_assert_str_eq(err.message, "f.json:2:13: here");
    err_release(&err);
    json_file_free(file);
}
END_TEST

START_TEST(unknown_keys_get_a_suggestion)
{
    static const char *const names[] = {"title", "points"};
    struct json_file *file = good("{\"title\": 1, \"piont\": 2}");
    struct err err = ERR_INIT;
    ck_assert(!json_check_keys(file, json_file_root(file), names, 2, &err));
    ck_assert_str_eq(err.message, "f.json:1:14: unknown key \"piont\"");
    ck_assert_str_eq(err.cure, "did you mean \"points\"?");
    json_file_free(file);
    file = good("{\"kubernetes\": 1}");
    ck_assert(!json_check_keys(file, json_file_root(file), names, 2, &err));
    ck_assert_str_eq(err.cure, "remove it; the keys here are title, points");
    json_file_free(file);
    file = good("{\"title\": 1}");
    ck_assert(json_check_keys(file, json_file_root(file), names, 2, &err));
    json_file_free(file);
    file = good("[]");
    ck_assert(!json_check_keys(file, json_file_root(file), names, 2, &err));
    ck_assert_str_eq(err.message, "f.json:1:1: expected an object, found an array");
    json_file_free(file);
    err_release(&err);
}
END_TEST

START_TEST(members_of_another_type_are_refused)
{
    struct json_file *file = good("{\"text\": \"t\", \"n\": 7, \"half\": 0.5, \"huge\": 1e300,\n"
                                  " \"list\": [], \"object\": {}, \"no\": null}");
    const cJSON *root = json_file_root(file);
    struct err err = ERR_INIT;
    const char *text = NULL;
    long long number = 0;
    const cJSON *value = NULL;
    ck_assert(json_get_string(file, root, "text", &text, &err));
    ck_assert_str_eq(text, "t");
    ck_assert(json_get_integer(file, root, "n", 0, 7, &number, &err));
    ck_assert_int_eq(number, 7);
    ck_assert(json_get_array(file, root, "list", &value, &err));
    ck_assert(json_get_object(file, root, "object", &value, &err));
    ck_assert(!json_get_string(file, root, "n", &text, &err));
    ck_assert_str_eq(err.message, "f.json:1:20: \"n\" is a number, expected a text");
    ck_assert(!json_get_string(file, root, "no", &text, &err));
    ck_assert_str_eq(err.message, "f.json:2:34: \"no\" is null, expected a text");
    ck_assert(!json_get_string(file, root, "Text", &text, &err));
    ck_assert_str_eq(err.message, "f.json:1:1: the key \"Text\" is missing");
    ck_assert(!json_get_integer(file, root, "half", 0, 9, &number, &err));
    ck_assert_str_eq(err.message,
                     "f.json:1:31: \"half\" is 0.5, expected a whole number from 0 to 9");
    ck_assert(!json_get_integer(file, root, "huge", 0, 9, &number, &err));
    ck_assert(!json_get_integer(file, root, "n", 8, 9, &number, &err));
    ck_assert_str_eq(err.cure, "write a whole number from 8 to 9");
    ck_assert(!json_get_array(file, root, "object", &value, &err));
    ck_assert(!json_get_object(file, root, "list", &value, &err));
    err_release(&err);
    json_file_free(file);
}
END_TEST

START_TEST(valid_utf_8_is_told_from_invalid)
{
    static const struct {
        const char *bytes;
        size_t prefix;
    } cases[] = {
        {"", 0},
        {"ascii", 5},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82", 9},
        {"a\xc3", 1},
        {"a\x80", 1},
        {"\xc0\x80", 0},
        {"\xe0\x80\x80", 0},
        {"\xed\xa0\x80", 0},
        {"\xf0\x80\x80\x80", 0},
        {"\xf4\x90\x80\x80", 0},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf5\x80\x80\x80", 0},
        {"ab\xe2\x82", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_uint_eq(text_utf8_prefix(cases[i].bytes, strlen(cases[i].bytes)),
                          cases[i].prefix);
}
END_TEST

UNIT_MAIN("json", broken_text_is_refused_with_its_place_and_cure,
          nul_bytes_are_refused_wherever_they_stand, every_beginning_of_a_text_is_refused,
          depth_is_bounded, size_is_bounded_and_a_missing_file_has_the_caller_s_kind,
          any_value_s_place_is_found, unknown_keys_get_a_suggestion,
          members_of_another_type_are_refused, valid_utf_8_is_told_from_invalid)
