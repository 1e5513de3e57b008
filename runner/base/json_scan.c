// SPDX-License-Identifier: MIT
// A strict reader of JSON text that builds nothing: where it is broken, where a value lies.
#include "base/json_scan.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

struct scan {
    const char *text;
    size_t length;
    size_t at;
    size_t depth;
    size_t wanted; // the value to find; SIZE_MAX: none
    size_t seen;   // values begun so far
    struct json_scan_place place;
    struct json_scan_fault fault;
};

static bool scan_value(struct scan *scan, size_t key);

static bool fault_at(struct scan *scan, size_t offset, const char *message, const char *cure)
{
    scan->fault = (struct json_scan_fault){offset, message, cure};
    return false;
}

// The byte at the reading position; -1 behind the last one.
static int peek(const struct scan *scan)
{
    return scan->at < scan->length ? (unsigned char)scan->text[scan->at] : -1;
}

static bool starts_here(const struct scan *scan, const char *word)
{
    size_t length = strlen(word);
    return scan->length - scan->at >= length && memcmp(scan->text + scan->at, word, length) == 0;
}

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->length && scan->text[scan->at] != '\0' &&
           strchr(" \t\r\n", scan->text[scan->at]) != NULL)
        scan->at++;
}

// What to say where something else than the grammar's next word stands.
static bool fault_here(struct scan *scan, const char *expected, const char *cure)
{
    int c = peek(scan);
    if (c < 0)
        return fault_at(scan, scan->at, "the text ends before the JSON value does",
                        "close what is open with ] or }; the file may have been cut off");
    if (c == '\0')
        return fault_at(scan, scan->at, "a NUL byte", "remove it, or save the file as plain UTF-8");
    if (c == '/' || c == '#')
        return fault_at(scan, scan->at, "JSON has no comments", "remove the comment");
    if (c == '\'')
        return fault_at(scan, scan->at, "text in single quotes", "use double quotes");
    return fault_at(scan, scan->at, expected, cure);
}

static bool hex_digits(struct scan *scan, unsigned *out_code)
{
    *out_code = 0;
    for (size_t i = 0; i < 4; i++) {
        int c = peek(scan);
        unsigned digit = 0;
        if (c >= '0' && c <= '9')
            digit = (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (unsigned)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            digit = (unsigned)(c - 'A' + 10);
        else
            return fault_at(scan, scan->at, "\\u without four hexadecimal digits",
                            "write \\u and four digits, or the character itself");
        *out_code = *out_code * 16 + digit;
        scan->at++;
    }
    return true;
}

// Behind "\u". RFC 8259 7: what lies beyond 16 bits is written as a pair of surrogates.
static bool scan_unicode_escape(struct scan *scan, size_t begin)
{
    static const char *const cure = "write the character itself, in UTF-8";
    unsigned code = 0;
    if (!hex_digits(scan, &code))
        return false;
    if (code == 0)
        return fault_at(scan, begin, "\\u0000: a NUL cannot be in a text", "remove it");
    if (code < 0xd800 || code > 0xdfff)
        return true;
    unsigned low = 0;
    if (code > 0xdbff || !starts_here(scan, "\\u"))
        return fault_at(scan, begin, "half a surrogate pair", cure);
    scan->at += 2;
    if (!hex_digits(scan, &low))
        return false;
    return (low >= 0xdc00 && low <= 0xdfff) || fault_at(scan, begin, "half a surrogate pair", cure);
}

static bool scan_escape(struct scan *scan)
{
    size_t begin = scan->at++;
    int c = peek(scan);
    if (c > 0 && strchr("\"\\/bfnrt", c) != NULL) {
        scan->at++;
        return true;
    }
    if (c != 'u')
        return fault_at(
            scan, begin, "an escape that JSON does not know",
            "write \\\\ for a backslash; the others are \\\" \\/ \\b \\f \\n \\r \\t \\u");
    scan->at++;
    return scan_unicode_escape(scan, begin);
}

// At the opening quote.
static bool scan_string(struct scan *scan)
{
    size_t begin = scan->at++;
    for (;;) {
        int c = peek(scan);
        if (c < 0)
            return fault_at(scan, begin, "a string without its closing quote",
                            "close it with a double quote");
        if (c == '"') {
            scan->at++;
            return true;
        }
        if (c == '\n' || c == '\r')
            return fault_at(scan, scan->at, "a line break in a string",
                            "close the string with a double quote, or write \\n");
        if (c == '\0')
            return fault_at(scan, scan->at, "a NUL byte in a string", "remove it");
        if (c < 0x20)
            return fault_at(scan, scan->at, "a control character in a string",
                            "write it as an escape: a tab is \\t");
        if (c != '\\')
            scan->at++;
        else if (!scan_escape(scan))
            return false;
    }
}

static size_t skip_digits(struct scan *scan)
{
    size_t begin = scan->at;
    while (peek(scan) >= '0' && peek(scan) <= '9')
        scan->at++;
    return scan->at - begin;
}

static bool scan_number(struct scan *scan)
{
    static const char *const cure = "write it like 5, -5, 0.5 or 5e3";
    size_t begin = scan->at;
    if (peek(scan) == '-')
        scan->at++;
    size_t first = scan->at;
    size_t digits = skip_digits(scan);
    if (digits == 0 || (digits > 1 && scan->text[first] == '0'))
        return fault_at(scan, begin, "not a number that JSON knows", cure);
    if (peek(scan) == '.') {
        scan->at++;
        if (skip_digits(scan) == 0)
            return fault_at(scan, begin, "a number that ends at its point", cure);
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        scan->at++;
        if (peek(scan) == '+' || peek(scan) == '-')
            scan->at++;
        if (skip_digits(scan) == 0)
            return fault_at(scan, begin, "a number without its exponent", cure);
    }
    return true;
}

// What stands behind a member or an item: a comma, or the closing bracket (then *out_closed).
static bool scan_separator(struct scan *scan, char close, bool *out_closed)
{
    skip_blanks(scan);
    if (peek(scan) == close) {
        scan->at++;
        *out_closed = true;
        return true;
    }
    size_t comma = scan->at;
    if (peek(scan) != ',')
        return close == '}' ? fault_here(scan, "expected , or } after a member",
                                         "put a comma between members, or close the object with }")
                            : fault_here(scan, "expected , or ] after an item",
                                         "put a comma between items, or close the array with ]");
    scan->at++;
    skip_blanks(scan);
    if (peek(scan) == close)
        return fault_at(scan, comma, "a comma behind the last one", "remove the comma");
    return true;
}

static bool scan_array(struct scan *scan)
{
    bool closed = false;
    scan->at++;
    skip_blanks(scan);
    if (peek(scan) == ']') {
        scan->at++;
        return true;
    }
    while (!closed)
        if (!scan_value(scan, SIZE_MAX) || !scan_separator(scan, ']', &closed))
            return false;
    return true;
}

static bool scan_member(struct scan *scan)
{
    skip_blanks(scan);
    size_t key = scan->at;
    if (peek(scan) != '"')
        return fault_here(scan, "expected a key in double quotes", "write it like \"title\": …");
    if (!scan_string(scan))
        return false;
    skip_blanks(scan);
    if (peek(scan) != ':')
        return fault_here(scan, "expected : after a key", "write it like \"title\": …");
    scan->at++;
    return scan_value(scan, key);
}

static bool scan_object(struct scan *scan)
{
    bool closed = false;
    scan->at++;
    skip_blanks(scan);
    if (peek(scan) == '}') {
        scan->at++;
        return true;
    }
    while (!closed)
        if (!scan_member(scan) || !scan_separator(scan, '}', &closed))
            return false;
    return true;
}

static bool scan_word(struct scan *scan)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (starts_here(scan, words[i])) {
            scan->at += strlen(words[i]);
            return true;
        }
    return fault_here(scan, "expected a value",
                      "a value is \"text\", a number, true, false, null, [ … ] or { … }");
}

static bool scan_nested(struct scan *scan)
{
    // The recursion's bound: a text of a million '[' must not eat the stack.
    if (scan->depth == JSON_SCAN_DEPTH)
        return fault_at(scan, scan->at, "nested too deeply", "use fewer levels of [ and {");
    scan->depth++;
    bool good = peek(scan) == '{' ? scan_object(scan) : scan_array(scan);
    scan->depth--;
    return good;
}

static bool scan_value(struct scan *scan, size_t key)
{
    skip_blanks(scan);
    if (scan->seen++ == scan->wanted)
        scan->place = (struct json_scan_place){key != SIZE_MAX ? key : scan->at, scan->at};
    int c = peek(scan);
    if (c == '{' || c == '[')
        return scan_nested(scan);
    if (c == '"')
        return scan_string(scan);
    if (c == '-' || (c >= '0' && c <= '9'))
        return scan_number(scan);
    return scan_word(scan);
}

bool json_scan(const char *text, size_t length, struct json_scan_fault *out)
{
    struct scan scan = {.text = text, .length = length, .wanted = SIZE_MAX};
    size_t valid = text_utf8_prefix(text, length);
    bool good = false;
    if (starts_here(&scan, "\xef\xbb\xbf")) {
        fault_at(&scan, 0, "a byte order mark", "save the file as UTF-8 without one");
    } else if (valid < length) {
        fault_at(&scan, valid, "a byte that is not UTF-8", "save the file as UTF-8");
    } else {
        skip_blanks(&scan);
        if (scan.at == length)
            fault_at(&scan, 0, "an empty file", "write a JSON object: { … }");
        else
            good = scan_value(&scan, SIZE_MAX);
    }
    if (good) {
        skip_blanks(&scan);
        good = scan.at == length || fault_at(&scan, scan.at, "text after the end of the JSON value",
                                             "remove what follows the last bracket");
    }
    if (!good)
        *out = scan.fault;
    return good;
}

bool json_scan_find(const char *text, size_t length, size_t nth, struct json_scan_place *out)
{
    struct scan scan = {.text = text, .length = length, .wanted = nth};
    scan_value(&scan, SIZE_MAX);
    *out = scan.place;
    return scan.seen > nth;
}
