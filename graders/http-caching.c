// SPDX-License-Identifier: MIT
/*
 * The grader of http-caching. It reads like the lesson: one section a step, one START_TEST a check.
 * Three things are looked at: the answer's own fields, what a request with a condition gets, and
 * what a real cache (nginx, before the program) makes of them: its hits and misses say whether the
 * fields say what they should. What an answer of the cache was made of stands in the answer itself
 * (X-Cache-Status, X-Origin-Status), so nothing is counted and nothing raced.
 *
 * A file's time is set, never waited for. Only the step revalidate lets a second pass, since there
 * a stored page has to grow old; no check asks that one is still young.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "kit.h"

enum {
    AGE = 600,       // seconds: so long that no machine is too slow for them
    SHORT = 1,       // seconds: a page that is to grow old
    PART = 120,      // bytes of a document that is asked for in parts
    DAY = 24 * 3600, // seconds
};
#define GROWN_OLD 2.2 // seconds after which it has: caches count whole ones

static const struct kit_bytes nothing = {NULL, 0};

// ---------------------------------------------------------------- what several steps share

static struct kit_program *server;
static const char *name, *path; // of the file, and of the page that is it

// `see it`: the file is made, then these arguments are curl's. `$t` in them is the page's tag.
static void see(const char *arguments)
{
    const char *url = kit_format("http://127.0.0.1:8080%s", path);
    const char *tag = "";
    if (strstr(arguments, "$t") != NULL)
        tag = kit_format("t=$(curl -so /dev/null -w '%%header{etag}' %s); ", url);
    kit_reproduce("echo mango >.lab/files/%s; %scurl -i %s%s%s", name, tag, arguments,
                  *arguments != '\0' ? " " : "", url);
}

// The same through the cache: `$u` in the commands is its URL for the program's pages.
static void see_cached(const char *commands)
{
    kit_reproduce("u=$(xargs -0n1 </proc/$(pgrep -of $PWD/.lab/program)/environ | sed -n "
                  "s/^NGINX_URL=//p)/cached/8080; %s",
                  commands);
}

static void see_cached_twice(void)
{
    see_cached(
        kit_format("echo mango >.lab/files/%s; curl -i $u%s; curl -i $u%s", name, path, path));
}

static struct kit_bytes line_of_text(void)
{
    return kit_text(kit_format("%s\n", kit_word()));
}

// Longer than any of those. Tags of time and size are asked about in checks of their own: in all
// others a document that changes gets another size, as the seconds may be the same.
static struct kit_bytes longer_line_of_text(void)
{
    return kit_text(kit_format("%s, %s and %s\n", kit_word(), kit_word(), kit_word()));
}

// A document of that content, which the check asks for.
static void document(struct kit_bytes content)
{
    name = kit_word();
    path = kit_format("/docs/%s", name);
    kit_write_file(name, content);
    see("");
}

// Its next version.
static void change(struct kit_bytes content)
{
    kit_write_file(name, content);
}

static void set(const char *variable, long value)
{
    kit_environment(variable, kit_format("%ld", value));
}

static void serve(void)
{
    server = kit_serve();
}

static struct kit_reply *get_page(const char *of, const char *fields)
{
    return kit_request(server, "GET", of, fields, nothing);
}

static struct kit_reply *get(const char *fields)
{
    return get_page(path, fields);
}

static struct kit_reply *put(const char *fields, struct kit_bytes content)
{
    return kit_request(server, "PUT", path, fields, content);
}

static void expect_page(struct kit_reply *reply, struct kit_bytes content, const char *because)
{
    kit_expect_status(reply, 200);
    kit_because(because);
    kit_expect_body(reply, content);
    kit_because(because);
}

static void expect_304(struct kit_reply *reply, const char *because)
{
    kit_expect_status(reply, 304);
    kit_because(because);
}

// Each of these fields that the whole answer has, the other one has too.
static void expect_fields_of(struct kit_reply *whole, struct kit_reply *other, const char *because)
{
    static const char *const names[] = {"ETag", "Cache-Control", "Vary", "Expires",
                                        "Content-Location"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = kit_field_list(whole, names[i]);
        if (value == NULL)
            continue;
        const char *again = kit_field_list(other, names[i]);
        kit_expect_value(other, names[i], again != NULL && strcmp(value, again) == 0,
                         "%s is another one than in the 200", names[i]);
        kit_because(because);
    }
}

// ---------------------------------------------------------------- tags

// RFC 9110 8.8.3: W/ perhaps, then text in quotes without quotes and blanks in it.
static bool is_tag(const char *text)
{
    if (text == NULL)
        return false;
    text += strncmp(text, "W/", 2) == 0 ? 2 : 0;
    size_t length = strlen(text);
    if (length < 2 || *text != '"' || text[length - 1] != '"')
        return false;
    for (size_t i = 1; i < length - 1; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == '"' || text[i] == 0x7f)
            return false;
    return true;
}

// Any function of the kit does: the one behind an expectation that did not hold ends the check.
static void end_where_that_failed(void)
{
    kit_expect(true, "nothing");
}

// The answer's tag, weak or strong.
static const char *any_tag(struct kit_reply *reply)
{
    const char *tag = kit_field(reply, "ETag");
    kit_expect_status(reply, 200);
    kit_expect_value(reply, "ETag", is_tag(tag),
                     "ETag is no tag, expected a text with its quotes: \"7f3a\"");
    kit_because("RFC 9110 8.8.3: a tag names this version, and its quotes are a part of it");
    end_where_that_failed();
    return tag;
}

// The answer's tag, a strong one.
static const char *tag_of(struct kit_reply *reply)
{
    const char *tag = any_tag(reply);
    kit_expect_value(reply, "ETag", *tag == '"', "ETag is a weak tag, expected a strong one");
    kit_because(
        "the lesson, etag: a strong tag promises the same bytes, which If-Match and If-Range "
        "ask for (RFC 9110 8.8.1)");
    return tag;
}

static const char *own_tag(void)
{
    return tag_of(get(""));
}

// What stands between the quotes.
static const char *inside(const char *tag)
{
    return kit_format("%.*s", (int)strlen(tag) - 2, tag + 1);
}

static const char *none_match(const char *list)
{
    return kit_format("If-None-Match: %s\r\n", list);
}

// ---------------------------------------------------------------- dates

static const char fixed_form[] = "%a, %d %b %Y %H:%M:%S GMT";
static const char rfc850_form[] = "%A, %d-%b-%y %H:%M:%S GMT";
static const char asctime_form[] = "%a %b %e %H:%M:%S %Y";

static const char *date_in(const char *form, time_t time)
{
    char text[64];
    struct tm parts;
    strftime(text, sizeof text, form, gmtime_r(&time, &parts));
    return kit_format("%s", text);
}

static const char *date(time_t time)
{
    return date_in(fixed_form, time);
}

// False: it is none in the form of today.
static bool date_read(const char *text, time_t *out)
{
    struct tm parts = {0};
    const char *end = text == NULL ? NULL : strptime(text, fixed_form, &parts);
    *out = end == NULL ? 0 : timegm(&parts);
    return end != NULL && *end == '\0' && strcmp(text, date(*out)) == 0;
}

// A document that was written last years ago.
static time_t old_document(struct kit_bytes content)
{
    time_t time = (time_t)kit_number(800000000, 1570000000); // 1995 to 2019
    document(content);
    kit_set_file_time(name, time, 0);
    return time;
}

static const char *since(const char *text)
{
    return kit_format("If-Modified-Since: %s\r\n", text);
}

// ---------------------------------------------------------------- Cache-Control

// The number behind "name=" in the list; -1: there is none.
static long seconds_of(const char *list, const char *directive)
{
    size_t length = strlen(directive);
    for (const char *at = list; at != NULL && *at != '\0';) {
        at += strspn(at, " \t,");
        if (strncasecmp(at, directive, length) == 0 && at[length] == '=' &&
            isdigit((unsigned char)at[length + 1]))
            return strtol(at + length + 1, NULL, 10);
        at += strcspn(at, ",");
    }
    return -1;
}

static void expect_seconds(struct kit_reply *reply, const char *directive, long expected,
                           const char *because)
{
    const char *list = kit_field_list(reply, "Cache-Control");
    kit_expect_value(reply, "Cache-Control", seconds_of(list, directive) == expected,
                     "Cache-Control is \"%s\", expected %s=%ld in the list",
                     list == NULL ? "" : list, directive, expected);
    kit_because(because);
}

// An error that caches may not keep: it forbids it, or (412, 416) says nothing. What the page
// itself would say is wrong here.
static void expect_not_kept(struct kit_reply *reply)
{
    const char *list = kit_field_list(reply, "Cache-Control");
    bool forbids = list != NULL &&
                   (strcasestr(list, "no-store") != NULL || strcasestr(list, "no-cache") != NULL ||
                    strcasestr(list, "private") != NULL);
    kit_expect_value(
        reply, "Cache-Control",
        forbids || (seconds_of(list, "max-age") <= 0 && seconds_of(list, "s-maxage") <= 0),
        "Cache-Control is \"%s\", which lets a cache keep an error", list == NULL ? "" : list);
    kit_because("the lesson, cache-control: nobody keeps an error, so no-store stands there in "
                "place of what the page would say");
}

// ---------------------------------------------------------------- the cache

static struct kit_reply *cached_page(const char *of, const char *fields)
{
    return kit_request_cached(server, "GET", of, fields, nothing);
}

static struct kit_reply *cached(const char *fields)
{
    return cached_page(path, fields);
}

// The cache answered without asking the program, or asked.
static void expect_cache(struct kit_reply *reply, const char *state, const char *message,
                         const char *because)
{
    const char *is = kit_field(reply, "X-Cache-Status");
    kit_expect_value(reply, "X-Cache-Status", is != NULL && strcmp(is, state) == 0,
                     "%s: X-Cache-Status is %s, expected %s", message, is == NULL ? "" : is, state);
    kit_because(because);
}

// What was missing a moment ago is there now, and the cache must not have kept that it was not.
static void expect_there_now(struct kit_reply *reply, struct kit_bytes content, const char *because)
{
    kit_expect_value(reply, "X-Cache-Status", reply->status != 404,
                     "the cache still says 404, and the file is there now");
    kit_because(because);
    expect_page(reply, content, because);
}

static void expect_hit(struct kit_reply *reply, const char *because)
{
    expect_cache(reply, "HIT", "the cache had to ask the program again", because);
}

// ---------------------------------------------------------------- documents

START_TEST(document_comes_back)
{
    struct kit_bytes content = line_of_text();
    document(content);
    serve();
    expect_page(get(""), content, "the lesson, documents: GET /docs/NAME is the file NAME");
}
END_TEST

START_TEST(any_bytes_come_back)
{
    struct kit_bytes content = kit_random_bytes(kit_number(30, 60));
    document(content);
    serve();
    kit_reproduce(
        "head -c 2000 /dev/urandom >.lab/files/%s; curl -s http://127.0.0.1:8080%s | cmp - "
        ".lab/files/%s",
        name, path, name);
    expect_page(get(""), content,
                "the lesson, documents: a file has bytes of every value, NUL too: it is as long "
                "as file.length says");
}
END_TEST

START_TEST(missing_document_is_404)
{
    serve();
    kit_expect_status(kit_get(server, "/docs/%s", kit_word()), 404);
    kit_because("RFC 9110 15.5.5: there is no such file");
}
END_TEST

START_TEST(changed_document_comes_back_changed)
{
    struct kit_bytes new = line_of_text();
    document(line_of_text());
    serve();
    kit_reproduce("for i in 1 2; do echo $i >.lab/files/%s; curl -i http://127.0.0.1:8080%s; done",
                  name, path);
    kit_expect_status(get(""), 200);
    change(new);
    expect_page(get(""), new, "the lesson, documents: others write the files too, at any time");
}
END_TEST

// ---------------------------------------------------------------- etag

START_TEST(document_has_a_tag)
{
    document(line_of_text());
    serve();
    tag_of(get(""));
}
END_TEST

static void expect_tag(struct kit_reply *reply, const char *expected, const char *because)
{
    const char *tag = tag_of(reply);
    kit_expect_value(reply, "ETag", strcmp(tag, expected) == 0,
                     "ETag is another one than before, for the same bytes");
    kit_because(because);
}

static void expect_another_tag(struct kit_reply *reply, const char *old, const char *because)
{
    const char *tag = tag_of(reply);
    kit_expect_value(reply, "ETag", strcmp(tag, old) != 0,
                     "ETag is what it was before the bytes changed");
    kit_because(because);
}

START_TEST(same_bytes_keep_their_tag)
{
    document(line_of_text());
    serve();
    kit_reproduce(
        "echo mango >.lab/files/%s; for i in 1 2; do curl -i http://127.0.0.1:8080%s; done", name,
        path);
    const char *tag = own_tag();
    expect_tag(get(""), tag, "the lesson, etag: a tag that changes by itself is never found again");
}
END_TEST

static void see_change(const char *first, const char *second)
{
    kit_reproduce(
        "for i in %s %s; do echo $i >.lab/files/%s; touch -d 2020-02-02 .lab/files/%s; curl "
        "-i http://127.0.0.1:8080%s; done",
        first, second, name, name, path);
}

START_TEST(other_bytes_have_another_tag)
{
    document(line_of_text());
    serve();
    see_change("fig", "mango");
    const char *tag = own_tag();
    change(longer_line_of_text());
    expect_another_tag(get(""), tag, "RFC 9110 8.8.3: a tag is for one version of the page");
}
END_TEST

// Two versions of one size, both written last at that second; the second one so many nanoseconds
// later in it.
static void expect_tags_differ(long nanoseconds, const char *because)
{
    time_t time = (time_t)kit_number(800000000, 1570000000);
    document(kit_text(kit_random_letters(12)));
    kit_set_file_time(name, time, 1000);
    serve();
    see_change("fig", "yam");
    const char *tag = own_tag();
    change(kit_text(kit_random_letters(12)));
    kit_set_file_time(name, time, 1000 + nanoseconds);
    expect_another_tag(get(""), tag, because);
}

START_TEST(same_size_in_the_same_second)
{
    expect_tags_differ(400000000,
                       "the lesson, etag: a file may be written twice in a second, and have "
                       "the same size (RFC 9110 8.8.1)");
}
END_TEST

START_TEST(same_size_and_the_same_time)
{
    expect_tags_differ(0, "the lesson, etag: tools set a file's time (tar, rsync); a strong tag is "
                          "another one for other bytes all the same (RFC 9110 8.8.1)");
}
END_TEST

START_TEST(bytes_behind_a_nul_count)
{
    static const unsigned char nul[] = {0};
    struct kit_bytes first = kit_join(kit_text(kit_word()), (struct kit_bytes){nul, 1});
    struct kit_bytes old = kit_join(first, line_of_text());
    document(old);
    serve();
    kit_reproduce("for i in fig mango; do printf \"a\\\\0$i\" >.lab/files/%s; curl -si "
                  "http://127.0.0.1:8080%s | grep -ai etag; done",
                  name, path);
    const char *tag = own_tag();
    change(kit_join(old, line_of_text()));
    expect_another_tag(get(""), tag,
                       "the lesson, etag: other bytes have another tag, and a file may hold a NUL: "
                       "it is as long as file.length says");
}
END_TEST

// ---------------------------------------------------------------- if-none-match

START_TEST(own_tag_is_304)
{
    document(line_of_text());
    serve();
    see("-H \"If-None-Match: $t\"");
    expect_304(get(none_match(own_tag())),
               "RFC 9110 13.1.2: the client has this version already, and needs no body");
}
END_TEST

START_TEST(tag_of_an_old_version_is_200)
{
    struct kit_bytes new = longer_line_of_text();
    document(line_of_text());
    serve();
    kit_reproduce(
        "echo fig >.lab/files/%s; t=$(curl -so /dev/null -w '%%header{etag}' "
        "http://127.0.0.1:8080%s); echo mango >.lab/files/%s; curl -i -H \"If-None-Match: "
        "$t\" http://127.0.0.1:8080%s",
        name, path, name, path);
    const char *tag = own_tag();
    change(new);
    expect_page(get(none_match(tag)), new,
                "RFC 9110 13.1.2: the client has another version, and needs this one");
}
END_TEST

START_TEST(not_modified_has_its_tag)
{
    document(line_of_text());
    serve();
    see("-H \"If-None-Match: $t\"");
    struct kit_reply *whole = get("");
    struct kit_reply *reply = get(none_match(tag_of(whole)));
    expect_304(reply, "RFC 9110 13.1.2: the client has this version already");
    expect_fields_of(whole, reply,
                     "RFC 9110 15.4.5: a 304 has the fields for caches that the 200 would have");
}
END_TEST

START_TEST(tag_is_found_in_a_list)
{
    document(line_of_text());
    serve();
    see("-H \"If-None-Match: \\\"x\\\", $t , \\\"y\\\"\"");
    const char *tag = own_tag();
    const char *list = kit_format("\"%s\", %s , \"%s\"", kit_word(), tag, kit_word());
    kit_suspect("", tag, "the tag of the page, in the list");
    expect_304(get(none_match(list)),
               "RFC 9110 13.1.2: the field is a list, and one of its tags is enough");
}
END_TEST

START_TEST(weak_form_matches)
{
    document(line_of_text());
    serve();
    see("-H \"If-None-Match: W/$t\"");
    const char *tag = own_tag();
    kit_suspect("If-None-Match: ", "W/", "W/ makes it a weak tag");
    expect_304(get(none_match(kit_format("W/%s", tag))),
               "RFC 9110 13.1.2: If-None-Match takes W/\"x\" for \"x\", weak comparison");
}
END_TEST

START_TEST(star_matches_what_is_there)
{
    document(line_of_text());
    serve();
    see("-H 'If-None-Match: *'");
    kit_suspect("If-None-Match: ", "*", "any version");
    expect_304(get(none_match("*")), "RFC 9110 13.1.2: * is any version that there is");
}
END_TEST

START_TEST(star_and_nothing_there_is_404)
{
    path = kit_format("/docs/%s", kit_word());
    serve();
    kit_expect_status(get(none_match("*")), 404);
    kit_because(
        "RFC 9110 13.2.1: a condition is not looked at where the answer is an error anyway");
}
END_TEST

// Another tag, made of the page's own by a mistake that a comparison could make.
static void expect_no_match(struct kit_bytes there, const char *tag, const char *form,
                            const char *what, const char *because)
{
    const char *other = kit_format("\"%.*s%s%.*s\"", (int)strcspn(form, "?"), form, inside(tag),
                                   (int)strlen(strchr(form, '?') + 1), strchr(form, '?') + 1);
    const char *shown =
        kit_format("%.*s${t:1:-1}%s", (int)strcspn(form, "?"), form, strchr(form, '?') + 1);
    kit_reproduce("bash -c 'echo mango >.lab/files/%s; u=http://127.0.0.1:8080%s; t=$(curl -so "
                  "/dev/null -w %%header{etag} $u); curl -i -H \"If-None-Match: \\\"%s\\\"\" $u'",
                  name, path, shown);
    kit_suspect("If-None-Match: ", other, what);
    expect_page(get(none_match(other)), there, because);
}

START_TEST(longer_tag_is_another)
{
    static const char because[] =
        "RFC 9110 8.8.3.2: two tags are equal when they are so byte for byte";
    struct kit_bytes there = line_of_text();
    document(there);
    serve();
    const char *tag = own_tag();
    expect_no_match(there, tag, "?0", "this tag is longer than the page's", because);
    expect_no_match(there, tag, "0?", "this tag is longer than the page's", because);
}
END_TEST

START_TEST(shorter_tag_is_another)
{
    struct kit_bytes content = line_of_text();
    document(content);
    serve();
    const char *tag = own_tag();
    size_t length = strlen(tag);
    if (length < 4)
        return; // nothing is shorter
    const char *other = kit_format("%.*s\"", (int)length - 2, tag);
    see("-H \"If-None-Match: ${t%?\\\"}\\\"\"");
    kit_suspect("If-None-Match: ", other, "the beginning of the page's tag");
    expect_page(get(none_match(other)), content,
                "RFC 9110 8.8.3.2: two tags are equal when they are so byte for byte");
}
END_TEST

START_TEST(comma_may_stand_in_a_tag)
{
    struct kit_bytes there = line_of_text();
    document(there);
    serve();
    expect_no_match(there, own_tag(), "x,?,y", "one tag with commas in it",
                    "RFC 9110 8.8.3: a comma between the quotes is a part of the tag");
}
END_TEST

START_TEST(star_in_quotes_is_a_tag)
{
    static const char other[] = "\"x,*,y\"";
    struct kit_bytes there = line_of_text();
    document(there);
    serve();
    see("-H 'If-None-Match: \"x,*,y\"'");
    kit_suspect("If-None-Match: ", other, "one tag with a star in it");
    expect_page(get(none_match(other)), there,
                "RFC 9110 13.1.2: * is any version where it is the whole value; between quotes it "
                "is a part of a tag");
}
END_TEST

START_TEST(letter_case_counts)
{
    struct kit_bytes content = line_of_text();
    document(content);
    serve();
    char *other = (char *)kit_format("%s", own_tag());
    bool has_letters = false;
    for (char *c = other; *c != '\0'; c++) {
        has_letters |= isalpha((unsigned char)*c) != 0;
        *c = (char)(islower((unsigned char)*c) ? toupper((unsigned char)*c)
                                               : tolower((unsigned char)*c));
    }
    if (!has_letters)
        return; // it has no other form
    see("-H \"If-None-Match: $(echo \"$t\" | tr a-z A-Z)\"");
    kit_suspect("If-None-Match: ", other, "the page's tag in the other letter case");
    expect_page(get(none_match(other)), content,
                "RFC 9110 8.8.3.2: two tags are equal when they are so byte for byte");
}
END_TEST

// ---------------------------------------------------------------- last-modified

static void see_old(const char *arguments)
{
    kit_reproduce(
        "touch -d 2018-01-02T03:04:05Z .lab/files/%s; curl -i %s%shttp://127.0.0.1:8080%s", name,
        arguments, *arguments == '\0' ? "" : " ", path);
}

START_TEST(date_is_that_of_the_file)
{
    time_t time = old_document(line_of_text());
    serve();
    see_old("");
    struct kit_reply *reply = get("");
    kit_expect_status(reply, 200);
    kit_expect_field(reply, "Last-Modified", "%s", date(time));
    kit_because("RFC 9110 8.8.2: the time of the file, in the form Sun, 06 Nov 1994 08:49:37 GMT");
}
END_TEST

START_TEST(date_is_never_in_the_future)
{
    document(line_of_text());
    kit_set_file_time(name, time(NULL) + (time_t)kit_number(2, 200) * DAY, 0);
    serve();
    kit_reproduce("touch -d tomorrow .lab/files/%s; curl -i http://127.0.0.1:8080%s", name, path);
    struct kit_reply *reply = get("");
    time_t modified, now;
    kit_expect_status(reply, 200);
    const char *text = kit_field(reply, "Last-Modified");
    if (text == NULL)
        return; // saying nothing is right too
    kit_expect_value(reply, "Date", date_read(kit_field(reply, "Date"), &now), "Date is no date");
    kit_expect_value(reply, "Last-Modified", date_read(text, &modified),
                     "Last-Modified is no date in the form of today");
    kit_because("RFC 9110 5.6.7: a date is sent as Sun, 06 Nov 1994 08:49:37 GMT");
    kit_expect_value(reply, "Last-Modified", modified <= now, "Last-Modified is later than Date");
    kit_because("RFC 9110 8.8.2.1: a file's time may lie in the future, and then the answer's own "
                "time is sent");
}
END_TEST

static void expect_not_modified_since(time_t later, const char *because)
{
    time_t time = old_document(line_of_text());
    serve();
    see_old(later == 0 ? "-H 'If-Modified-Since: Tue, 02 Jan 2018 03:04:05 GMT'"
                       : "-H 'If-Modified-Since: Wed, 03 Jan 2018 03:04:05 GMT'");
    expect_304(get(since(date(time + later))), because);
}

START_TEST(own_date_is_304)
{
    expect_not_modified_since(0, "RFC 9110 13.1.3: it was not modified after that date");
}
END_TEST

START_TEST(zone_of_the_machine_means_nothing)
{
    static const char because[] =
        "RFC 9110 5.6.7: dates are in GMT, wherever the server stands: gmtime() and timegm()";
    time_t time = old_document(line_of_text());
    kit_environment("TZ", kit_number(0, 1) ? "EAST-05:30" : "WEST+03:30");
    serve();
    see_old("-H 'If-Modified-Since: Tue, 02 Jan 2018 03:04:05 GMT'");
    struct kit_reply *reply = get("");
    kit_expect_status(reply, 200);
    kit_expect_field(reply, "Last-Modified", "%s", date(time));
    kit_because(because);
    expect_304(get(since(date(time))), because);
    kit_expect_status(get(since(date(time - 1))), 200);
    kit_because(because);
}
END_TEST

START_TEST(later_date_is_304)
{
    expect_not_modified_since(
        (time_t)kit_number(1, 2 * DAY),
        "RFC 9110 13.1.3: any date at which the file was as it is now will do");
}
END_TEST

START_TEST(earlier_date_is_200)
{
    struct kit_bytes content = line_of_text();
    time_t time = old_document(content);
    serve();
    see_old("-H 'If-Modified-Since: Mon, 01 Jan 2018 03:04:05 GMT'");
    expect_page(get(since(date(time - (time_t)kit_number(1, 2 * DAY)))), content,
                "RFC 9110 13.1.3: it was modified after that date");
}
END_TEST

// A date in one of the old forms, in which the same moment and an earlier one are told apart.
static void expect_form_is_read(const char *form, const char *same, const char *earlier,
                                const char *because)
{
    struct kit_bytes content = line_of_text();
    time_t time = old_document(content);
    serve();
    see_old(kit_format("-H 'If-Modified-Since: %s'", same));
    kit_suspect("If-Modified-Since: ", date_in(form, time), "a date in an old form");
    expect_304(get(since(date_in(form, time))), because);
    see_old(kit_format("-H 'If-Modified-Since: %s'", earlier));
    time -= 3 * DAY;
    kit_suspect("If-Modified-Since: ", date_in(form, time), "a date in an old form");
    expect_page(get(since(date_in(form, time))), content, because);
}

START_TEST(date_with_a_short_year_is_read)
{
    expect_form_is_read(rfc850_form, "Tuesday, 02-Jan-18 03:04:05 GMT",
                        "Monday, 01-Jan-18 03:04:05 GMT",
                        "RFC 9110 5.6.7: Sunday, 06-Nov-94 08:49:37 GMT is a date, too");
}
END_TEST

START_TEST(date_of_asctime_is_read)
{
    expect_form_is_read(asctime_form, "Tue Jan  2 03:04:05 2018", "Mon Jan  1 03:04:05 2018",
                        "RFC 9110 5.6.7: Sun Nov  6 08:49:37 1994 is a date, too");
}
END_TEST

START_TEST(what_is_no_date_is_ignored)
{
    static const char *const texts[] = {"yesterday", "4102444800"};
    struct kit_bytes content = line_of_text();
    old_document(content);
    serve();
    for (size_t i = 0; i < 2; i++) {
        see_old(kit_format("-H 'If-Modified-Since: %s'", texts[i]));
        kit_suspect("If-Modified-Since: ", texts[i], "no date");
        expect_page(get(since(texts[i])), content,
                    "RFC 9110 13.1.3: a value that is no date is as if it were not there");
    }
}
END_TEST

START_TEST(tag_comes_before_the_date)
{
    static const char because[] =
        "RFC 9110 13.1.3: If-Modified-Since is ignored where If-None-Match is there";
    struct kit_bytes content = line_of_text();
    time_t time = old_document(content);
    serve();
    see_old("-H 'If-None-Match: \"other\"' -H 'If-Modified-Since: Wed, 03 Jan 2018 03:04:05 GMT'");
    const char *tag = own_tag(), *other = kit_format("\"%s\"", kit_word());
    expect_page(get(kit_format("%s%s", none_match(other), since(date(time)))), content, because);
    see_old("-H 'If-None-Match: *' -H 'If-Modified-Since: Mon, 01 Jan 2018 03:04:05 GMT'");
    expect_304(get(kit_format("%s%s", since(date(time - DAY)), none_match(tag))), because);
}
END_TEST

START_TEST(not_modified_by_date_has_its_tag)
{
    time_t time = old_document(line_of_text());
    serve();
    see_old("-H 'If-Modified-Since: Wed, 03 Jan 2018 03:04:05 GMT'");
    struct kit_reply *whole = get("");
    tag_of(whole);
    struct kit_reply *reply = get(since(date(time)));
    expect_304(reply, "RFC 9110 13.1.3: it was not modified after that date");
    expect_fields_of(whole, reply,
                     "RFC 9110 15.4.5: a 304 has the fields for caches that the 200 would have");
}
END_TEST

// ---------------------------------------------------------------- cache-control

START_TEST(age_is_as_set)
{
    long age = (long)kit_number(100, 99999);
    static const char because[] = "the lesson, cache-control: a page may be kept for $PAGE_MAX_AGE "
                                  "seconds (RFC 9111 5.2.2.1)";
    set("PAGE_MAX_AGE", age);
    document(line_of_text());
    serve();
    struct kit_reply *reply = get("");
    kit_expect_status(reply, 200);
    expect_seconds(reply, "max-age", age, because);
    static const char *const against[] = {"no-store", "no-cache", "private"};
    for (size_t i = 0; i < 3; i++) {
        kit_expect_field_lacks(reply, "Cache-Control", against[i]);
        kit_because("RFC 9111 5.2.2: this takes back what max-age allows");
    }
}
END_TEST

START_TEST(age_is_a_minute_where_nothing_is_set)
{
    document(line_of_text());
    serve();
    struct kit_reply *reply = get("");
    kit_expect_status(reply, 200);
    expect_seconds(reply, "max-age", 60, "the lesson: PAGE_MAX_AGE is 60 when it is not set");
    const char *list = kit_field_list(reply, "Cache-Control");
    kit_expect_value(reply, "Cache-Control", seconds_of(list, "s-maxage") < 0,
                     "Cache-Control is \"%s\", with an s-maxage that nobody set", list);
    kit_because("the lesson: without SHARED_MAX_AGE shared caches have max-age as all others");
}
END_TEST

START_TEST(shared_caches_have_an_age_of_their_own)
{
    long age = (long)kit_number(100, 999), shared = (long)kit_number(1000, 99999);
    set("PAGE_MAX_AGE", age);
    set("SHARED_MAX_AGE", shared);
    document(line_of_text());
    serve();
    struct kit_reply *reply = get("");
    kit_expect_status(reply, 200);
    expect_seconds(
        reply, "s-maxage", shared,
        "the lesson: a shared cache may keep a page for $SHARED_MAX_AGE seconds (RFC 9111 "
        "5.2.2.10)");
    expect_seconds(reply, "max-age", age, "the lesson: and all others for $PAGE_MAX_AGE");
}
END_TEST

START_TEST(not_modified_says_the_age_too)
{
    set("PAGE_MAX_AGE", (long)kit_number(100, 99999));
    document(line_of_text());
    serve();
    see("-H \"If-None-Match: $t\"");
    struct kit_reply *whole = get("");
    const char *tag = tag_of(whole);
    kit_expect_value(whole, "Cache-Control", true, "%s", "");
    kit_because("the lesson, cache-control: a document says how long it may be kept");
    struct kit_reply *reply = get(none_match(tag));
    expect_304(reply, "RFC 9110 13.1.2: the client has this version already");
    expect_fields_of(
        whole, reply,
        "RFC 9111 4.3.4: the 304 makes a stored page fresh again, for as long as it says");
}
END_TEST

START_TEST(second_request_is_a_hit)
{
    static const char because[] =
        "RFC 9111 4.2: a page is fresh until max-age, and a cache answers "
        "with it by itself";
    struct kit_bytes content = line_of_text();
    set("PAGE_MAX_AGE", AGE);
    document(content);
    serve();
    see_cached_twice();
    expect_page(cached(""), content, because);
    struct kit_reply *reply = cached("");
    expect_page(reply, content, because);
    expect_hit(reply, because);
}
END_TEST

START_TEST(shared_age_is_what_the_cache_goes_by)
{
    static const char because[] =
        "RFC 9111 5.2.2.10: for a shared cache s-maxage counts, and not max-age";
    struct kit_bytes content = line_of_text();
    set("PAGE_MAX_AGE", 0);
    set("SHARED_MAX_AGE", AGE);
    document(content);
    serve();
    see_cached_twice();
    expect_page(cached(""), content, because);
    struct kit_reply *reply = cached("");
    expect_hit(reply, because);
    expect_seconds(reply, "max-age", 0, "the lesson: browsers ask the cache each time");
}
END_TEST

START_TEST(cache_answers_conditions_by_your_tag)
{
    static const char because[] =
        "RFC 9111 4.3.2: a cache compares the tag that it stored with the page";
    set("PAGE_MAX_AGE", AGE);
    document(line_of_text());
    serve();
    see_cached(kit_format("echo mango >.lab/files/%s; curl -i $u%s; curl -i -H 'If-None-Match: *' "
                          "$u%s",
                          name, path, path));
    const char *tag = tag_of(cached(""));
    struct kit_reply *reply = cached(none_match(tag));
    expect_304(reply, because);
    expect_hit(reply, because);
}
END_TEST

START_TEST(error_is_not_kept)
{
    static const char because[] =
        "the lesson, cache-control: a 404 that says nothing may be kept "
        "(RFC 9110 15.5.5), and what is missing now may be there in a second";
    struct kit_bytes content = line_of_text();
    name = kit_word();
    path = kit_format("/docs/%s", name);
    set("PAGE_MAX_AGE", AGE);
    serve();
    see_cached(
        kit_format("rm -f .lab/files/%s; curl -i $u%s; echo mango >.lab/files/%s; curl -i $u%s",
                   name, path, name, path));
    kit_expect_status(cached(""), 404);
    change(content);
    expect_there_now(cached(""), content, because);
}
END_TEST

// ---------------------------------------------------------------- head

static struct kit_reply *head(const char *fields)
{
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "%s", kit_head(server, "HEAD", path, fields));
    return kit_read_head_reply(client);
}

static void see_head(const char *arguments)
{
    kit_reproduce("echo mango >.lab/files/%s; u=http://127.0.0.1:8080%s; curl -i%s%s $u; curl "
                  "-I%s%s $u",
                  name, path, *arguments == '\0' ? "" : " ", arguments,
                  *arguments == '\0' ? "" : " ", arguments);
}

// Fields that are about the connection, or another one each second; RFC 9110 9.3.2 lets those about
// the body be left out.
static bool may_differ(const char *field)
{
    static const char *const names[] = {"Date", "Connection", "Keep-Alive", "Transfer-Encoding"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(field, names[i]) == 0)
            return true;
    return false;
}

static void expect_same_field(struct kit_reply *whole, struct kit_reply *reply, const char *field)
{
    const char *value = kit_field_list(whole, field), *other = kit_field_list(reply, field);
    if (may_differ(field) || (strcasecmp(field, "Content-Length") == 0 && other == NULL))
        return;
    kit_expect_value(reply, field, other != NULL && strcmp(value, other) == 0,
                     "%s is another one than for GET", field);
    kit_because("RFC 9110 9.3.2: HEAD has the fields that GET has, without the body");
}

START_TEST(fields_are_those_of_get)
{
    document(kit_random_text(kit_number(300, 400)));
    serve();
    see_head("");
    struct kit_reply *whole = get("");
    kit_expect_status(whole, 200);
    struct kit_reply *reply = head("");
    kit_expect_status(reply, 200);
    kit_because("RFC 9110 9.3.2: HEAD is answered as GET is, without the body");
    const char *text = kit_format("%.*s", (int)whole->head.length, (const char *)whole->head.data);
    for (const char *line = strchr(text, '\n'); line != NULL && line[1] != '\r';
         line = strchr(line + 1, '\n'))
        expect_same_field(whole, reply, kit_format("%.*s", (int)strcspn(line + 1, ":"), line + 1));
}
END_TEST

START_TEST(missing_document_is_404_for_head)
{
    path = kit_format("/docs/%s", name = kit_word());
    serve();
    kit_reproduce("curl -I http://127.0.0.1:8080%s", path);
    kit_expect_status(head(""), 404);
    kit_because("RFC 9110 9.3.2: HEAD is answered as GET is, without the body");
}
END_TEST

START_TEST(conditions_hold_for_head)
{
    document(line_of_text());
    serve();
    see_head("-H 'If-None-Match: *'");
    expect_304(head(none_match(own_tag())), "RFC 9110 13.1.2: for GET and HEAD it is 304");
}
END_TEST

// ---------------------------------------------------------------- vary

static struct kit_bytes english, german;
#define GERMAN "Accept-Language: de-AT, de;q=0.9, en;q=0.5\r\n"
#define ENGLISH "Accept-Language: en-GB, en;q=0.9, de;q=0.5\r\n"

static void see_languages(const char *arguments)
{
    kit_reproduce(
        "for l in en de; do echo $l >.lab/files/%s.$l; done; for l in en de; do curl -i -H "
        "\"Accept-Language: $l\" %s%shttp://127.0.0.1:8080%s; done",
        name, arguments, *arguments == '\0' ? "" : " ", path);
}

// One page in both languages.
static void page(struct kit_bytes in_english, struct kit_bytes in_german)
{
    name = kit_word();
    path = kit_format("/pages/%s", name);
    english = in_english;
    german = in_german;
    kit_write_file(kit_format("%s.en", name), english);
    kit_write_file(kit_format("%s.de", name), german);
    see_languages("");
}

static void usual_page(void)
{
    page(kit_text(kit_format("%s\n", kit_word())),
         kit_text(kit_format("%s, auf Deutsch\n", kit_word())));
}

static const char german_is_first[] =
    "the lesson, vary: /pages/NAME is NAME.de where the list begins with German";
static const char english_is_for_others[] =
    "the lesson, vary: /pages/NAME is NAME.en for all others";

// The English page's tag. That it is the English page comes first: where the choice is wrong, that
// is to be said, and not that two tags are alike.
static const char *english_tag(void)
{
    struct kit_reply *reply = get(ENGLISH);
    expect_page(reply, english, english_is_for_others);
    return any_tag(reply);
}

START_TEST(german_for_who_wants_it_first)
{
    usual_page();
    serve();
    kit_suspect("Accept-Language: ", "de-AT", "German comes first");
    expect_page(get(GERMAN), german, german_is_first);
}
END_TEST

START_TEST(english_for_all_others)
{
    usual_page();
    serve();
    kit_reproduce(
        "for l in en de; do echo $l >.lab/files/%s.$l; done; u=http://127.0.0.1:8080%s; curl "
        "-i $u; curl -i -H 'Accept-Language: en, de;q=0.5' $u; curl -i -H 'Accept-Language: "
        "fr' $u",
        name, path);
    kit_suspect("Accept-Language: ", "en-GB", "English comes first");
    expect_page(get(ENGLISH), english, english_is_for_others);
    kit_suspect("", NULL, NULL);
    expect_page(get(""), english, english_is_for_others);
    expect_page(get("Accept-Language: fr\r\n"), english, english_is_for_others);
}
END_TEST

START_TEST(answer_says_what_it_depends_on)
{
    static const char because[] =
        "RFC 9110 12.5.5: another Accept-Language could have another answer, and a cache must know";
    static const char *const fields[] = {GERMAN, ENGLISH, ""};
    usual_page();
    serve();
    for (size_t i = 0; i < 3; i++) {
        struct kit_reply *reply = get(fields[i]);
        kit_expect_status(reply, 200);
        kit_expect_field_lists(reply, "Vary", "Accept-Language");
        kit_because(because);
    }
}
END_TEST

START_TEST(languages_have_tags_of_their_own)
{
    time_t time = (time_t)kit_number(800000000, 1570000000);
    page(kit_text(kit_random_letters(20)), kit_text(kit_random_letters(20)));
    kit_set_file_time(kit_format("%s.en", name), time, 0);
    kit_set_file_time(kit_format("%s.de", name), time, 0);
    serve();
    const char *tag = english_tag();
    struct kit_reply *reply = get(GERMAN);
    expect_page(reply, german, german_is_first);
    kit_expect_value(reply, "ETag", strcmp(any_tag(reply), tag) != 0,
                     "both languages have the same ETag");
    kit_because("RFC 9110 8.8.3: a tag tells the representations of one page from each other, too");
}
END_TEST

START_TEST(tag_of_the_other_language_is_200)
{
    usual_page();
    serve();
    kit_reproduce(
        "for l in en de; do echo in $l >.lab/files/%s.$l; done; u=http://127.0.0.1:8080%s; "
        "t=$(curl -so /dev/null -w '%%header{etag}' $u); curl -i -H 'Accept-Language: de' -H "
        "\"If-None-Match: $t\" $u",
        name, path);
    const char *tag = english_tag();
    expect_page(get(kit_format(GERMAN "%s", none_match(tag))), german,
                "RFC 9110 13.1.2: the client has the English page, and wants the German one");
}
END_TEST

START_TEST(not_modified_says_it_too)
{
    usual_page();
    serve();
    see_languages("-H 'If-None-Match: *'");
    struct kit_reply *whole = get(GERMAN);
    const char *tag = any_tag(whole);
    struct kit_reply *reply = get(kit_format(GERMAN "%s", none_match(tag)));
    expect_304(reply, "RFC 9110 13.1.2: the client has this version already");
    kit_expect_field_lists(reply, "Vary", "Accept-Language");
    kit_because("RFC 9110 15.4.5: a 304 has the fields for caches that the 200 would have");
}
END_TEST

START_TEST(cache_keeps_the_languages_apart)
{
    static const char because[] =
        "RFC 9111 4.1: a stored page is for requests alike in the fields that Vary names";
    set("PAGE_MAX_AGE", AGE);
    usual_page();
    serve();
    see_cached(
        kit_format("for l in en de; do echo $l >.lab/files/%s.$l; done; for l in en de en de; "
                   "do curl -i -H \"Accept-Language: $l\" $u%s; done",
                   name, path));
    expect_page(cached(ENGLISH), english, because);
    expect_page(cached(GERMAN), german, because);
    struct kit_reply *reply = cached(ENGLISH);
    expect_page(reply, english, because);
    expect_hit(reply, because);
    reply = cached(GERMAN);
    expect_page(reply, german, because);
    expect_hit(reply, because);
}
END_TEST

// ---------------------------------------------------------------- ranges

static struct kit_bytes content;

static void long_document(void)
{
    content = kit_text(kit_random_letters(PART + (size_t)kit_number(0, 20)));
    document(content);
}

static const char *range(const char *text)
{
    return kit_format("Range: bytes=%s\r\n", text);
}

static void see_range(const char *text)
{
    kit_reproduce("seq 100 >.lab/files/%s; curl -i -H 'Range: bytes=%s' http://127.0.0.1:8080%s",
                  name, text, path);
}

static void expect_part(struct kit_reply *reply, size_t first, size_t last, const char *because)
{
    kit_expect_status(reply, 206);
    kit_because(because);
    kit_expect_field(reply, "Content-Range", "bytes %zu-%zu/%zu", first, last, content.length);
    kit_because("RFC 9110 14.4: the first and the last byte that are sent, counted from 0, and how "
                "many there are in all");
    kit_expect_body(reply, kit_part(content, first, last + 1 - first));
    kit_because(because);
}

// Asks for this range of a document that is long enough for it.
static struct kit_reply *ask_range(const char *text)
{
    see_range(text);
    kit_suspect("Range: ", kit_format("bytes=%s", text), "the range");
    return get(range(text));
}

START_TEST(part_from_the_middle)
{
    size_t first = (size_t)kit_number(1, 50), last = first + (size_t)kit_number(0, 49);
    long_document();
    serve();
    expect_part(ask_range(kit_format("%zu-%zu", first, last)), first, last,
                "RFC 9110 14.1.2: both ends are included, and the first byte is 0");
}
END_TEST

START_TEST(first_byte_alone)
{
    long_document();
    serve();
    expect_part(ask_range("0-0"), 0, 0,
                "RFC 9110 14.1.2: both ends are included, so 0-0 is the first byte");
}
END_TEST

START_TEST(part_up_to_the_end)
{
    size_t first = (size_t)kit_number(50, 110);
    long_document();
    serve();
    expect_part(ask_range(kit_format("%zu-", first)), first, content.length - 1,
                "RFC 9110 14.1.2: without a last byte it is all from the first one on");
}
END_TEST

START_TEST(last_bytes)
{
    size_t count = (size_t)kit_number(1, 70);
    long_document();
    serve();
    expect_part(ask_range(kit_format("-%zu", count)), content.length - count, content.length - 1,
                "RFC 9110 14.1.2: -N is the last N bytes");
}
END_TEST

START_TEST(more_last_bytes_than_there_are_mean_all)
{
    static const char because[] =
        "RFC 9110 14.1.2: where the file is shorter than that, the last N bytes are all of it";
    long_document();
    serve();
    struct kit_reply *reply = ask_range(kit_format("-%zu", (size_t)kit_number(400, 9999)));
    if (reply->status == 200)
        expect_page(reply, content, because); // all of it is the page
    else
        expect_part(reply, 0, content.length - 1, because);
}
END_TEST

START_TEST(last_byte_may_lie_behind_the_end)
{
    size_t first = (size_t)kit_number(50, 110);
    long_document();
    serve();
    expect_part(ask_range(kit_format("%zu-%zu", first, (size_t)kit_number(1000, 9999))), first,
                content.length - 1, "RFC 9110 14.1.2: a last byte behind the end means the end");
}
END_TEST

START_TEST(part_has_the_tag_of_the_whole)
{
    long_document();
    serve();
    const char *tag = own_tag();
    struct kit_reply *reply = ask_range("3-9");
    kit_expect_status(reply, 206);
    const char *of_part = kit_field(reply, "ETag");
    kit_expect_value(reply, "ETag", of_part != NULL && strcmp(of_part, tag) == 0,
                     "ETag is another one than that of the whole");
    kit_because("RFC 9110 15.3.7: a part has the fields for caches that the whole would have");
}
END_TEST

START_TEST(range_behind_the_end_is_416)
{
    long_document();
    serve();
    struct kit_reply *reply = ask_range(kit_format("%zu-", (size_t)kit_number(400, 9999)));
    kit_expect_status(reply, 416);
    kit_because("RFC 9110 15.5.17: the file has no such byte");
    kit_expect_field(reply, "Content-Range", "bytes */%zu", content.length);
    kit_because("RFC 9110 14.4: a 416 says how many bytes there are");
    expect_not_kept(reply);
}
END_TEST

START_TEST(unknown_unit_is_ignored)
{
    long_document();
    serve();
    see("-H 'Range: lines=1-2'");
    kit_suspect("Range: ", "lines", "an unknown unit");
    expect_page(get("Range: lines=1-2\r\n"), content,
                "RFC 9110 14.2: a range in an unknown unit is as if it were not there");
}
END_TEST

// What is no range gives no part; servers differ in whether they pass it over or refuse it.
static void expect_no_part(const char *range, const char *because)
{
    long_document();
    serve();
    kit_expect_status(ask_range(range), 200, 400, 416);
    kit_because(because);
}

START_TEST(range_that_ends_before_it_begins_is_no_part)
{
    expect_no_part("9-3", "RFC 9110 14.1.2: a range whose last byte is before the first is "
                          "invalid; the lesson: it is as if it were not there");
}
END_TEST

START_TEST(number_alone_is_no_range)
{
    expect_no_part(kit_format("%zu", (size_t)kit_number(1, 99)),
                   "RFC 9110 14.1.2: a range has a - in it; the lesson: what is not understood is "
                   "as if it were not there");
}
END_TEST

START_TEST(range_with_more_behind_it_is_no_part)
{
    expect_no_part("3-9x", "RFC 9110 14.1.1: a range ends behind its last number; the lesson: what "
                           "you do not understand is as if it were not there");
}
END_TEST

START_TEST(two_ranges_are_not_one)
{
    long_document();
    serve();
    struct kit_reply *reply = ask_range("3-9,100-109");
    const char *type = kit_field(reply, "Content-Type");
    bool several = type != NULL && strncasecmp(type, "multipart/byteranges", 20) == 0;
    if (reply->status == 206 && several)
        return;
    expect_page(reply, content,
                "the lesson, ranges: where more than one range is asked for, send the whole");
}
END_TEST

START_TEST(condition_comes_before_the_range)
{
    long_document();
    serve();
    see("-r 3-9 -H \"If-None-Match: $t\"");
    const char *tag = own_tag();
    expect_304(get(kit_format("%s%s", range("3-9"), none_match(tag))),
               "RFC 9110 13.2.2: ranges come last, when the answer would be 200");
}
END_TEST

START_TEST(head_is_never_a_part)
{
    document(kit_text(kit_random_letters(PART)));
    serve();
    see_head("-r 0-1");
    kit_suspect("Range: ", "bytes=0-9", "a range");
    kit_expect_status(head("Range: bytes=0-9\r\n"), 200);
    kit_because("RFC 9110 14.2: a range is ignored for any method but GET");
}
END_TEST

// ---------------------------------------------------------------- if-range

static const char *if_range(const char *validator)
{
    return kit_format("%sIf-Range: %s\r\n", range("3-9"), validator);
}

START_TEST(own_tag_gives_the_part)
{
    long_document();
    serve();
    see("-r 1-2 -H \"If-Range: $t\"");
    expect_part(get(if_range(own_tag())), 3, 9,
                "RFC 9110 13.1.5: it is the file of which the client has the other part");
}
END_TEST

START_TEST(tag_of_an_old_version_gives_the_whole)
{
    long_document();
    serve();
    see("-r 1-2 -H 'If-Range: \"other\"'");
    const char *tag = own_tag();
    content = kit_text(kit_random_letters(PART / 2)); // another size, too
    change(content);
    kit_suspect("If-Range: ", tag, "the tag of the version before");
    expect_page(get(if_range(tag)), content,
                "RFC 9110 13.1.5: parts of two versions make no file, so the new one comes whole");
}
END_TEST

START_TEST(weak_tag_gives_the_whole)
{
    long_document();
    serve();
    see("-r 1-2 -H \"If-Range: W/$t\"");
    const char *tag = own_tag();
    kit_suspect("If-Range: ", "W/", "W/ makes it a weak tag");
    expect_page(
        get(if_range(kit_format("W/%s", tag))), content,
        "RFC 9110 13.1.5: a weak tag does not promise the same bytes, so it never matches here");
}
END_TEST

START_TEST(another_date_gives_the_whole)
{
    content = kit_text(kit_random_letters(PART));
    time_t time = old_document(content);
    serve();
    see("-r 1-2 -H 'If-Range: Fri, 01 Jan 2100 00:00:00 GMT'");
    kit_suspect("If-Range: ", date(time + DAY), "another date than the file's");
    expect_page(
        get(if_range(date(time + DAY))), content,
        "RFC 9110 13.1.5: a date has to be exactly that of the file, a later one is another");
}
END_TEST

START_TEST(date_of_a_new_file_gives_the_whole)
{
    long_document();
    serve();
    kit_reproduce("echo mango >.lab/files/%s; u=http://127.0.0.1:8080%s; d=$(curl -so /dev/null -w "
                  "'%%header{last-modified}' $u); curl -i -r 1-2 -H \"If-Range: $d\" $u",
                  name, path);
    time_t now = time(NULL);
    kit_set_file_time(name, now, 0);
    kit_suspect("If-Range: ", date(now), "the file's date, of this very second");
    expect_page(get(if_range(date(now))), content,
                "RFC 9110 13.1.5: a file may change twice in a second, so its date is no strong "
                "validator (8.8.2.2)");
}
END_TEST

// ---------------------------------------------------------------- put

static void see_put(const char *arguments)
{
    kit_reproduce("curl -i -X PUT -d mango %s%shttp://127.0.0.1:8080%s", arguments,
                  *arguments == '\0' ? "" : " ", path);
}

static void see_write(const char *arguments)
{
    const char *tag = "";
    if (strstr(arguments, "$t") != NULL)
        tag = "t=$(curl -so /dev/null -w '%header{etag}' $u); ";
    kit_reproduce("echo fig >.lab/files/%s; u=http://127.0.0.1:8080%s; %scurl -i -X PUT -d mango "
                  "%s $u",
                  name, path, tag, arguments);
}

static void see_write_twice(const char *arguments)
{
    kit_reproduce("rm -f .lab/files/%s; for i in 1 2; do curl -i -X PUT -d mango %s%s"
                  "http://127.0.0.1:8080%s; done",
                  name, arguments, *arguments == '\0' ? "" : " ", path);
}

static void new_document(void)
{
    name = kit_word();
    path = kit_format("/docs/%s", name);
    see_put("");
}

static void expect_written(struct kit_reply *reply, struct kit_bytes sent, const char *because)
{
    kit_expect_status(reply, 200, 201, 204);
    kit_because(because);
    kit_expect_file(name, sent);
    kit_because(because);
}

static void expect_refused(struct kit_reply *reply, struct kit_bytes there, const char *because)
{
    kit_expect_status(reply, 412);
    kit_because(because);
    kit_expect_file(name, there);
    kit_because(because);
}

START_TEST(new_document_is_stored)
{
    struct kit_bytes sent = kit_random_bytes(kit_number(30, 60));
    new_document();
    serve();
    struct kit_reply *reply = put("", sent);
    kit_expect_status(reply, 201);
    kit_because("RFC 9110 9.3.4: 201 says that there was none before");
    kit_expect_file(name, sent);
    kit_because("the lesson, put: PUT /docs/NAME writes the file NAME");
    expect_page(get(""), sent, "the lesson, put: and GET gives it back");
}
END_TEST

START_TEST(old_document_is_replaced)
{
    struct kit_bytes sent = line_of_text();
    document(kit_random_text(200));
    serve();
    see_write_twice("");
    struct kit_reply *reply = put("", sent);
    kit_expect_status(reply, 200, 204);
    kit_because("RFC 9110 9.3.4: 200 or 204 where there was one before");
    kit_expect_file(name, sent);
    kit_because("the lesson, put: PUT /docs/NAME writes the file NAME");
}
END_TEST

START_TEST(answer_has_the_new_tag)
{
    new_document();
    serve();
    kit_reproduce("u=http://127.0.0.1:8080%s; curl -i -X PUT -d mango $u; curl -i $u", path);
    struct kit_reply *reply = put("", line_of_text());
    kit_expect_status(reply, 201);
    const char *tag = kit_field(reply, "ETag");
    const char *own = own_tag();
    kit_expect_value(reply, "ETag", tag != NULL && strcmp(tag, own) == 0,
                     "ETag is another one than GET has then");
    kit_because(
        "the lesson, put: with the tag of what it wrote, a client can go on editing (RFC 9110 "
        "9.3.4)");
}
END_TEST

START_TEST(create_and_never_overwrite)
{
    struct kit_bytes first = line_of_text();
    new_document();
    serve();
    see_write_twice("-H 'If-None-Match: *'");
    kit_suspect("If-None-Match: ", "*", "only where there is none");
    kit_expect_status(put(none_match("*"), first), 201);
    kit_because("RFC 9110 13.1.2: there is none yet, so the condition holds");
    expect_refused(put(none_match("*"), line_of_text()), first,
                   "RFC 9110 13.1.2: somebody else was first; for PUT the answer is 412, not 304");
}
END_TEST

START_TEST(date_for_readers_means_nothing)
{
    struct kit_bytes sent = line_of_text();
    time_t time = old_document(line_of_text());
    serve();
    see_put("-H 'If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT'");
    kit_suspect("", "If-Modified-Since", "a condition for GET and HEAD");
    expect_written(put(since(date(time)), sent), sent,
                   "RFC 9110 13.1.3: If-Modified-Since is ignored for any method but GET and HEAD");
}
END_TEST

START_TEST(page_that_has_no_such_method)
{
    struct kit_bytes there = line_of_text();
    name = kit_word();
    path = kit_format("/assets/%s.css", name);
    kit_write_file(kit_format("%s.css", name), there);
    serve();
    kit_reproduce("echo fig >.lab/files/%s.css; curl -i -X PUT -d mango http://127.0.0.1:8080%s",
                  name, path);
    struct kit_reply *reply = put("", line_of_text());
    kit_expect_status(reply, 405);
    kit_because("RFC 9110 15.5.6: there is such a page, and no such method for it");
    kit_expect_file(kit_format("%s.css", name), there);
    kit_because("the lesson: only documents are written by PUT");
    kit_expect_field_lists(reply, "Allow", "GET");
    kit_because("RFC 9110 15.5.6: a 405 says which methods there are: Allow: GET, HEAD");
}
END_TEST

// ---------------------------------------------------------------- if-match

static const char *match(const char *list)
{
    return kit_format("If-Match: %s\r\n", list);
}

START_TEST(own_version_is_written)
{
    struct kit_bytes sent = line_of_text();
    document(line_of_text());
    serve();
    see_write("-H \"If-Match: $t\"");
    expect_written(put(match(own_tag()), sent), sent,
                   "RFC 9110 13.1.1: nobody wrote since the client read it");
}
END_TEST

START_TEST(second_writer_loses_nothing)
{
    static const char because[] = "RFC 9110 13.1.1: the second one has not seen what the first one "
                                  "wrote, and would undo it: 412";
    struct kit_bytes first = line_of_text();
    document(line_of_text());
    serve();
    kit_reproduce(
        "echo fig >.lab/files/%s; u=http://127.0.0.1:8080%s; t=$(curl -so /dev/null -w "
        "'%%header{etag}' $u); for d in ada bob; do curl -i -X PUT -d $d -H \"If-Match: $t\" "
        "$u; done; curl $u",
        name, path);
    const char *of_ada = own_tag(), *of_bob = own_tag();
    expect_written(put(match(of_ada), first), first,
                   "RFC 9110 13.1.1: nobody wrote since the client read it");
    kit_suspect("If-Match: ", of_bob, "the version that was there before the first one wrote");
    expect_refused(put(match(of_bob), line_of_text()), first, because);
}
END_TEST

START_TEST(tag_of_the_answer_is_good_for_the_next)
{
    struct kit_bytes second = line_of_text();
    new_document();
    serve();
    kit_reproduce("u=http://127.0.0.1:8080%s; t=$(curl -so /dev/null -X PUT -d fig -w "
                  "'%%header{etag}' $u); curl -i -X PUT -d mango -H \"If-Match: $t\" $u",
                  path);
    struct kit_reply *reply = put("", line_of_text());
    kit_expect_status(reply, 201);
    const char *tag = kit_field(reply, "ETag");
    kit_expect_value(reply, "ETag", is_tag(tag), "ETag is no tag with its quotes");
    kit_because("the lesson, put: the answer has the tag of what was written");
    end_where_that_failed();
    expect_written(put(match(tag), second), second,
                   "RFC 9110 13.1.1: nobody wrote since the client wrote it");
}
END_TEST

START_TEST(weak_tag_never_matches)
{
    struct kit_bytes there = line_of_text();
    document(there);
    serve();
    see_write("-H \"If-Match: W/$t\"");
    const char *tag = own_tag();
    kit_suspect("If-Match: ", "W/", "W/ makes it a weak tag");
    expect_refused(
        put(match(kit_format("W/%s", tag)), line_of_text()), there,
        "RFC 9110 13.1.1: If-Match asks for the same bytes, and a weak tag does not promise them");
}
END_TEST

START_TEST(own_tag_in_a_list)
{
    struct kit_bytes sent = line_of_text();
    document(line_of_text());
    serve();
    see_write("-H \"If-Match: \\\"x\\\", $t\"");
    const char *tag = own_tag();
    kit_suspect("", tag, "the tag of the document, in the list");
    expect_written(put(match(kit_format("\"%s\", %s", kit_word(), tag)), sent), sent,
                   "RFC 9110 13.1.1: the field is a list, and one of its tags is enough");
}
END_TEST

START_TEST(star_needs_a_document)
{
    struct kit_bytes sent = line_of_text();
    new_document();
    serve();
    see_put("-H 'If-Match: *'");
    kit_suspect("If-Match: ", "*", "any version, but there has to be one");
    kit_expect_status(put(match("*"), line_of_text()), 412);
    kit_because("RFC 9110 13.1.1: * is any version that there is, and there is none");
    kit_expect(!kit_file_exists(name), "the file is there after a PUT that was refused");
    kit_because("RFC 9110 13.1.1: what a condition forbids is not done");
    kit_write_file(name, line_of_text());
    expect_written(put(match("*"), sent), sent, "RFC 9110 13.1.1: * is any version that there is");
}
END_TEST

START_TEST(deleted_document_is_not_made_again)
{
    new_document();
    serve();
    see_put("-H 'If-Match: \"x\"'");
    kit_expect_status(put(match(kit_format("\"%s\"", kit_word())), line_of_text()), 412);
    kit_because("RFC 9110 13.1.1: the version that the client read is no longer there");
    kit_expect(!kit_file_exists(name), "the file is there after a PUT that was refused");
    kit_because("RFC 9110 13.1.1: what a condition forbids is not done");
}
END_TEST

START_TEST(unmodified_since_a_date)
{
    struct kit_bytes there = line_of_text(), sent = line_of_text();
    time_t time = old_document(there);
    serve();
    kit_reproduce("touch -d 2018-01-02T03:04:05Z .lab/files/%s; curl -i -X PUT -d mango -H "
                  "'If-Unmodified-Since: Mon, 01 Jan 2018 03:04:05 GMT' http://127.0.0.1:8080%s",
                  name, path);
    kit_suspect("", "If-Unmodified-Since", "a date before the file's");
    expect_refused(put(kit_format("If-Unmodified-Since: %s\r\n", date(time - DAY)), line_of_text()),
                   there, "RFC 9110 13.1.4: it was modified after that date");
    kit_suspect("", "If-Unmodified-Since", "the file's own date");
    expect_written(put(kit_format("If-Unmodified-Since: %s\r\n", date(time)), sent), sent,
                   "RFC 9110 13.1.4: it was not modified after that date");
}
END_TEST

START_TEST(tag_comes_before_the_date_here_too)
{
    struct kit_bytes sent = line_of_text();
    time_t time = old_document(line_of_text());
    serve();
    kit_reproduce(
        "touch -d 2018-01-02T03:04:05Z .lab/files/%s; curl -i -X PUT -d mango -H 'If-Match: "
        "*' -H 'If-Unmodified-Since: Mon, 01 Jan 2018 03:04:05 GMT' "
        "http://127.0.0.1:8080%s",
        name, path);
    const char *tag = own_tag();
    kit_suspect("", "If-Unmodified-Since", "ignored beside If-Match");
    expect_written(
        put(kit_format("If-Unmodified-Since: %s\r\n%s", date(time - DAY), match(tag)), sent), sent,
        "RFC 9110 13.1.4: If-Unmodified-Since is ignored where If-Match is there");
}
END_TEST

START_TEST(readers_may_ask_it_too)
{
    document(line_of_text());
    serve();
    see("-H 'If-Match: \"other\"'");
    const char *other = kit_format("\"%s\"", kit_word());
    kit_suspect("If-Match: ", other, "another version");
    struct kit_reply *reply = get(match(other));
    kit_expect_status(reply, 412);
    kit_because("RFC 9110 13.1.1: the client asked for that version alone");
    expect_not_kept(reply);
}
END_TEST

START_TEST(readers_may_ask_with_a_date_too)
{
    struct kit_bytes there = line_of_text();
    time_t time = old_document(there);
    serve();
    see_old("-H 'If-Unmodified-Since: Mon, 01 Jan 2018 03:04:05 GMT'");
    kit_suspect("", "If-Unmodified-Since", "a date before the file's");
    kit_expect_status(get(kit_format("If-Unmodified-Since: %s\r\n", date(time - DAY))), 412);
    kit_because("RFC 9110 13.1.4: it was modified after that date");
    see_old("-H 'If-Unmodified-Since: Tue, 02 Jan 2018 03:04:05 GMT'");
    kit_suspect("", "If-Unmodified-Since", "the file's own date");
    expect_page(get(kit_format("If-Unmodified-Since: %s\r\n", date(time))), there,
                "RFC 9110 13.1.4: it was not modified after that date");
}
END_TEST

START_TEST(what_is_no_date_stops_no_writer)
{
    struct kit_bytes sent = line_of_text();
    document(line_of_text());
    serve();
    see_write("-H 'If-Unmodified-Since: yesterday'");
    kit_suspect("If-Unmodified-Since: ", "yesterday", "no date");
    expect_written(put("If-Unmodified-Since: yesterday\r\n", sent), sent,
                   "RFC 9110 13.1.4: a value that is no date is as if it were not there");
}
END_TEST

START_TEST(version_that_a_writer_rules_out)
{
    struct kit_bytes there = line_of_text(), sent = line_of_text();
    document(there);
    serve();
    see_write("-H \"If-None-Match: $t\"");
    const char *tag = own_tag();
    kit_suspect("If-None-Match: ", tag, "the version that is there");
    expect_refused(put(none_match(tag), line_of_text()), there,
                   "RFC 9110 13.1.2: a tag that matches is 412 for PUT, as * is");
    const char *other = kit_format("\"%s\"", kit_word());
    see_write("-H 'If-None-Match: \"other\"'");
    kit_suspect("If-None-Match: ", other, "another version than the one that is there");
    expect_written(put(none_match(other), sent), sent,
                   "RFC 9110 13.1.2: none of the tags is that of the file, so it is written");
}
END_TEST

START_TEST(if_match_comes_first)
{
    static const char because[] =
        "RFC 9110 13.2.2: If-Match is looked at first, If-None-Match only when it holds";
    document(line_of_text());
    serve();
    see("-H 'If-Match: \"other\"' -H \"If-None-Match: $t\"");
    const char *tag = own_tag(), *other = kit_format("\"%s\"", kit_word());
    kit_expect_status(get(kit_format("%s%s", none_match(tag), match(other))), 412);
    kit_because(because);
    see("-H \"If-Match: $t\" -H \"If-None-Match: $t\"");
    expect_304(get(kit_format("%s%s", none_match(tag), match(tag))), because);
}
END_TEST

// ---------------------------------------------------------------- assets

static void asset(const char *file, struct kit_bytes bytes)
{
    name = file;
    path = kit_format("/assets/%s", name);
    kit_write_file(name, bytes);
    see("");
}

static const char *with_hash(void)
{
    return kit_format("%s.%08llx%04llx.css", kit_word(),
                      (unsigned long long)kit_number(0x10000000, 0xffffffff),
                      (unsigned long long)kit_number(0x1000, 0xffff));
}

START_TEST(name_with_a_hash_is_kept_for_ever)
{
    struct kit_bytes bytes = line_of_text();
    asset(with_hash(), bytes);
    serve();
    struct kit_reply *reply = get("");
    expect_page(reply, bytes, "the lesson, assets: GET /assets/NAME is the file NAME");
    expect_seconds(reply, "max-age", 31536000,
                   "the lesson, assets: the name is for this content alone, so a year is right");
    kit_expect_field_lists(reply, "Cache-Control", "immutable");
    kit_because("RFC 8246: immutable says that asking again is never worth it");
}
END_TEST

START_TEST(eight_digits_are_a_hash)
{
    asset(kit_format("%s.%08llx.css", kit_word(),
                     (unsigned long long)kit_number(0x10000000, 0xffffffff)),
          line_of_text());
    serve();
    struct kit_reply *reply = get("");
    kit_expect_status(reply, 200);
    kit_expect_field_lists(reply, "Cache-Control", "immutable");
    kit_because("the lesson, assets: at least 8 hexadecimal digits, so 8 are enough");
}
END_TEST

START_TEST(other_names_are_asked_for_again)
{
    static const char *const forms[] = {"%s.css",         "%s.min.css",       "%s.ab12cd3.css",
                                        "%s.deadbeef",    "%s.deadbeefs.css", "%s.deadbeef.",
                                        "deadbeef.%s.css"};
    serve();
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        asset(kit_format(forms[i], kit_word()), line_of_text());
        struct kit_reply *reply = get("");
        kit_expect_status(reply, 200);
        kit_expect_field_lists(reply, "Cache-Control", "no-cache");
        kit_because(
            "the lesson, assets: without a hash of 8 digits between two dots the content may "
            "change, so a cache has to ask each time (RFC 9111 5.2.2.4)");
        kit_expect_field_lacks(reply, "Cache-Control", "immutable");
        kit_because("RFC 8246: immutable is a promise that this name does not keep");
    }
}
END_TEST

START_TEST(assets_have_tags_too)
{
    asset(kit_format("%s.css", kit_word()), line_of_text());
    serve();
    see("-H \"If-None-Match: $t\"");
    expect_304(get(none_match(any_tag(get("")))),
               "the lesson, assets: no-cache is cheap where the answer is a 304");
}
END_TEST

START_TEST(asset_is_a_hit)
{
    static const char because[] = "RFC 9111 4.2: it is fresh for a year";
    struct kit_bytes bytes = line_of_text();
    asset(with_hash(), bytes);
    serve();
    see_cached_twice();
    expect_page(cached(""), bytes, because);
    struct kit_reply *reply = cached("");
    expect_page(reply, bytes, because);
    expect_hit(reply, because);
}
END_TEST

START_TEST(missing_asset_is_not_kept)
{
    static const char because[] =
        "the lesson, assets: a release puts its files there one after the "
        "other; a 404 of that moment must not be kept for a year";
    struct kit_bytes bytes = line_of_text();
    name = with_hash();
    path = kit_format("/assets/%s", name);
    serve();
    see_cached(
        kit_format("rm -f .lab/files/%s; curl -i $u%s; echo mango >.lab/files/%s; curl -i $u%s",
                   name, path, name, path));
    kit_expect_status(cached(""), 404);
    kit_write_file(name, bytes);
    expect_there_now(cached(""), bytes, because);
}
END_TEST

// ---------------------------------------------------------------- private

static const char *cookie(const char *user)
{
    return kit_format("Cookie: theme=dark; user=%s\r\n", user);
}

static void expect_greeting(struct kit_reply *reply, const char *user, const char *because)
{
    expect_page(reply, kit_text(kit_format("hello %s\n", user)), because);
}

START_TEST(page_is_for_the_one_whom_the_cookie_names)
{
    const char *user = kit_word();
    serve();
    kit_reproduce("curl -i -H 'Cookie: theme=dark; user=ada' http://127.0.0.1:8080/me");
    struct kit_reply *reply = get_page("/me", cookie(user));
    expect_greeting(reply, user, "the lesson, private: GET /me greets the user of the cookie");
    kit_expect_field_lists(reply, "Cache-Control", "private");
    kit_because("RFC 9111 5.2.2.7: private says that the page is for one person's browser");
}
END_TEST

START_TEST(cookie_is_found_by_its_whole_name)
{
    static const char because[] =
        "the lesson, private: the cookies are a list, and user=NAME is an entry of it";
    const char *user = kit_word(), *other = kit_word();
    serve();
    kit_reproduce("curl -i -H 'Cookie: superuser=eve; user=ada; theme=dark' "
                  "http://127.0.0.1:8080/me");
    kit_suspect("", "superuser", "another cookie");
    expect_greeting(
        get_page("/me", kit_format("Cookie: superuser=%s; user=%s; theme=dark\r\n", other, user)),
        user, because);
    kit_reproduce("curl -i -H 'Cookie: superuser=eve' http://127.0.0.1:8080/me");
    expect_greeting(get_page("/me", kit_format("Cookie: superuser=%s\r\n", other)), "stranger",
                    because);
}
END_TEST

START_TEST(page_of_a_stranger_is_private_too)
{
    kit_fixed_input("without a cookie there is one request for /me");
    serve();
    kit_reproduce("curl -i http://127.0.0.1:8080/me");
    struct kit_reply *reply = get_page("/me", "");
    expect_greeting(reply, "stranger", "the lesson, private: without a user it is a stranger");
    kit_expect_field_lists(reply, "Cache-Control", "private");
    kit_because("the lesson, private: a cache knows the path alone, and would greet everybody so");
}
END_TEST

START_TEST(cache_greets_nobody_by_anothers_name)
{
    static const char because[] =
        "RFC 9111 5.2.2.7: a shared cache stores no private page, and asks each time";
    const char *ada = kit_word(), *bob = kit_word();
    serve();
    see_cached("for n in ada bob; do curl -i -H \"Cookie: user=$n\" $u/me; done; curl -i $u/me");
    expect_greeting(cached_page("/me", ""), "stranger", because);
    expect_greeting(cached_page("/me", cookie(ada)), ada, because);
    expect_greeting(cached_page("/me", cookie(bob)), bob, because);
    expect_greeting(cached_page("/me", ""), "stranger", because);
}
END_TEST

START_TEST(code_is_never_stored)
{
    kit_fixed_input("a code is asked for without any words");
    serve();
    kit_reproduce("curl -i http://127.0.0.1:8080/code");
    struct kit_reply *reply = get_page("/code", "");
    kit_expect_status(reply, 200);
    kit_expect_field_lists(reply, "Cache-Control", "no-store");
    kit_because("RFC 9111 5.2.2.5: no-store forbids everybody to keep it, the browser too");
}
END_TEST

START_TEST(each_client_gets_a_code_of_its_own)
{
    static const char because[] = "the lesson, private: a code is good for one time";
    kit_fixed_input("a code is asked for without any words");
    serve();
    see_cached("curl -i $u/code; curl -i $u/code");
    struct kit_reply *first = cached_page("/code", "");
    kit_expect_status(first, 200);
    kit_expect(first->body.length >= 8, "a code of %zu bytes is guessed, expected at least 8",
               first->body.length);
    kit_because("the lesson, private: a code has at least 8 characters, drawn by chance");
    struct kit_reply *second = cached_page("/code", "");
    kit_expect_status(second, 200);
    const char *state = kit_field(second, "X-Cache-Status");
    kit_expect(first->body.length != second->body.length ||
                   memcmp(first->body.data, second->body.data, first->body.length) != 0,
               "%s gave the same code to two clients",
               state != NULL && strcmp(state, "HIT") == 0 ? "the cache" : "the program");
    kit_because(because);
}
END_TEST

// The program's first code.
static struct kit_bytes first_code(void)
{
    serve();
    struct kit_reply *reply = get_page("/code", "");
    kit_expect_status(reply, 200);
    return reply->body;
}

START_TEST(code_is_another_after_a_restart)
{
    kit_fixed_input("a code is asked for without any words");
    kit_reproduce("curl -i http://127.0.0.1:8080/code");
    struct kit_bytes before = first_code();
    kit_terminate(server);
    kit_wait_for_exit(server);
    struct kit_bytes after = first_code();
    kit_expect(before.length != after.length || memcmp(before.data, after.data, before.length) != 0,
               "the first code is the same after a restart");
    kit_because("the lesson, private: rand() begins with the same numbers at each start, so that "
                "everybody can guess them; getrandom() does not");
}
END_TEST

static const char *token;

static const char *authorization(const char *value)
{
    return kit_format("Authorization: Bearer %s\r\n", value);
}

static void members_page(struct kit_bytes bytes)
{
    token = kit_word();
    kit_environment("MEMBER_TOKEN", token);
    name = kit_word();
    path = kit_format("/members/%s", name);
    kit_write_file(name, bytes);
    see("");
}

START_TEST(member_page_needs_the_token)
{
    struct kit_bytes bytes = line_of_text();
    members_page(bytes);
    serve();
    struct kit_reply *reply = get("");
    kit_expect_status(reply, 401);
    kit_because("RFC 9110 15.5.2: without the token the answer is 401");
    kit_expect_value(reply, "WWW-Authenticate", true, "%s", "");
    kit_because("RFC 9110 15.5.2: a 401 says how to do better: WWW-Authenticate: Bearer");
    kit_expect_status(get(authorization(kit_word())), 401);
    kit_because("the lesson, private: another token is none");
    see(kit_format("-H 'Authorization: Bearer %s'", token));
    expect_page(get(authorization(token)), bytes,
                "the lesson, private: with $MEMBER_TOKEN it is the file");
}
END_TEST

START_TEST(without_a_token_nobody_is_a_member)
{
    static const char *const sent[] = {"(null)", ""};
    name = kit_word();
    path = kit_format("/members/%s", name);
    kit_write_file(name, line_of_text());
    serve();
    for (size_t i = 0; i < 2; i++) {
        see(kit_format("-H 'Authorization: Bearer %s'", sent[i]));
        kit_expect_status(get(authorization(sent[i])), 401);
        kit_because("the lesson: where MEMBER_TOKEN is not set, nobody knows it");
    }
}
END_TEST

START_TEST(member_page_is_nothing_for_shared_caches)
{
    static const char *const against[] = {"public", "must-revalidate"};
    members_page(line_of_text());
    serve();
    see(kit_format("-H 'Authorization: Bearer %s'", token));
    struct kit_reply *reply = get(authorization(token));
    kit_expect_status(reply, 200);
    for (size_t i = 0; i < 2; i++) {
        kit_expect_field_lacks(reply, "Cache-Control", against[i]);
        kit_because("RFC 9111 3.5: this lets a shared cache keep the answer to Authorization");
    }
}
END_TEST

START_TEST(tag_opens_no_door)
{
    members_page(line_of_text());
    serve();
    see("-H 'If-None-Match: *'");
    const char *tag = any_tag(get(authorization(token)));
    kit_expect_status(get(none_match(tag)), 401);
    kit_because("RFC 9110 13.2.1: conditions come behind the question who asks; a 304 would tell a "
                "stranger what members see");
}
END_TEST

START_TEST(cache_shows_members_pages_to_members_alone)
{
    static const char because[] =
        "RFC 9111 3.5: public, s-maxage and must-revalidate let a shared cache "
        "keep the answer to Authorization, for everybody";
    struct kit_bytes bytes = line_of_text();
    set("SHARED_MAX_AGE", AGE);
    members_page(bytes);
    serve();
    see_cached(
        kit_format("echo mango >.lab/files/%s; curl -i -H 'Authorization: Bearer %s' $u%s; curl "
                   "-i $u%s",
                   name, token, path, path));
    expect_page(cached(authorization(token)), bytes,
                "the lesson, private: with $MEMBER_TOKEN it is the file");
    kit_expect_status(cached(""), 401);
    kit_because(because);
}
END_TEST

START_TEST(refusal_is_not_kept)
{
    struct kit_bytes bytes = line_of_text();
    members_page(bytes);
    serve();
    struct kit_reply *reply = get("");
    kit_expect_status(reply, 401);
    const char *list = kit_field_list(reply, "Cache-Control");
    kit_expect_value(
        reply, "Cache-Control",
        list != NULL &&
            (strcasestr(list, "no-store") != NULL || strcasestr(list, "no-cache") != NULL ||
             strcasestr(list, "private") != NULL || seconds_of(list, "max-age") == 0),
        "Cache-Control is \"%s\", which lets a cache keep a refusal", list == NULL ? "" : list);
    kit_because("the lesson, cache-control: nobody keeps an error");
}
END_TEST

// ---------------------------------------------------------------- revalidate

static void see_aged(const char *between)
{
    see_cached(kit_format("echo mango >.lab/files/%s; curl -i $u%s; %ssleep 2; curl -i $u%s", name,
                          path, between, path));
}

static void short_lived(void)
{
    set("PAGE_MAX_AGE", SHORT);
}

// What the program said when the cache asked again.
static void expect_origin(struct kit_reply *reply, const char *status, const char *because)
{
    const char *is = kit_field(reply, "X-Origin-Status");
    kit_expect_value(reply, "X-Origin-Status", is != NULL && strcmp(is, status) == 0,
                     "asked again by the cache the program said %s, expected %s",
                     is == NULL ? "nothing" : is, status);
    kit_because(because);
}

START_TEST(unchanged_page_is_confirmed)
{
    static const char because[] =
        "RFC 9111 4.3: a stale page is asked for with its tag, and a 304 makes it fresh again";
    struct kit_bytes bytes = line_of_text();
    short_lived();
    document(bytes);
    serve();
    see_aged("");
    expect_page(cached(""), bytes, because);
    kit_let_pass(GROWN_OLD);
    struct kit_reply *reply = cached("");
    expect_page(reply, bytes, because);
    expect_origin(reply, "304", because);
    expect_cache(reply, "REVALIDATED", "the cache did not confirm what it had", because);
}
END_TEST

START_TEST(changed_page_is_fetched)
{
    static const char because[] =
        "RFC 9111 4.3.3: a 200 in place of the 304 replaces what is stored";
    struct kit_bytes old = kit_text(kit_random_letters(12)), new = kit_text(kit_random_letters(12));
    time_t time = (time_t)kit_number(800000000, 1570000000);
    short_lived();
    document(old);
    kit_set_file_time(name, time, 0);
    serve();
    see_aged(kit_format("echo melon >.lab/files/%s; ", name));
    expect_page(cached(""), old, because);
    change(new);
    kit_set_file_time(name, time, 0);
    kit_let_pass(GROWN_OLD);
    struct kit_reply *reply = cached("");
    expect_page(reply, new, because);
    expect_origin(reply, "200", because);
}
END_TEST

START_TEST(each_language_is_confirmed_by_its_own_tag)
{
    static const char because[] = "RFC 9111 4.3.1: each stored page is asked for with its own tag "
                                  "and its own Accept-Language";
    short_lived();
    usual_page();
    serve();
    see_cached(
        kit_format("for l in en de; do echo $l >.lab/files/%s.$l; done; for l in en de; do curl "
                   "-i -H \"Accept-Language: $l\" $u%s; done; sleep 2; for l in en de; do curl "
                   "-i -H \"Accept-Language: $l\" $u%s; done",
                   name, path, path));
    expect_page(cached(ENGLISH), english, because);
    expect_page(cached(GERMAN), german, because);
    kit_let_pass(GROWN_OLD);
    struct kit_reply *reply = cached(GERMAN);
    expect_page(reply, german, because);
    expect_origin(reply, "304", because);
    reply = cached(ENGLISH);
    expect_page(reply, english, because);
    expect_origin(reply, "304", because);
}
END_TEST

START_TEST(written_page_is_seen_when_the_old_one_is_stale)
{
    static const char because[] =
        "the lesson, revalidate: what was written is seen by everybody when max-age is over";
    struct kit_bytes new = longer_line_of_text();
    short_lived();
    document(line_of_text());
    serve();
    see_cached(kit_format("echo fig >.lab/files/%s; curl -i $u%s; curl -X PUT -d mango "
                          "http://127.0.0.1:8080%s; sleep 2; curl -i $u%s",
                          name, path, path, path));
    kit_expect_status(cached(""), 200);
    kit_expect_status(put("", new), 200, 204);
    kit_let_pass(GROWN_OLD);
    expect_page(cached(""), new, because);
}
END_TEST

// ---------------------------------------------------------------- all

void kit_checks(void)
{
    KIT_CHECK("documents", document_comes_back);
    KIT_CHECK("documents", any_bytes_come_back);
    KIT_CHECK("documents", missing_document_is_404);
    KIT_CHECK("documents", changed_document_comes_back_changed);

    KIT_CHECK("etag", document_has_a_tag);
    KIT_CHECK("etag", same_bytes_keep_their_tag);
    KIT_CHECK("etag", other_bytes_have_another_tag);
    KIT_CHECK("etag", same_size_in_the_same_second);
    KIT_CHECK("etag", same_size_and_the_same_time);
    KIT_CHECK("etag", bytes_behind_a_nul_count);

    KIT_CHECK("if-none-match", own_tag_is_304);
    KIT_CHECK("if-none-match", tag_of_an_old_version_is_200);
    KIT_CHECK("if-none-match", not_modified_has_its_tag);
    KIT_CHECK("if-none-match", tag_is_found_in_a_list);
    KIT_CHECK("if-none-match", weak_form_matches);
    KIT_CHECK("if-none-match", star_matches_what_is_there);
    KIT_CHECK("if-none-match", star_and_nothing_there_is_404);
    KIT_CHECK("if-none-match", longer_tag_is_another);
    KIT_CHECK("if-none-match", shorter_tag_is_another);
    KIT_CHECK("if-none-match", comma_may_stand_in_a_tag);
    KIT_CHECK("if-none-match", star_in_quotes_is_a_tag);
    KIT_CHECK("if-none-match", letter_case_counts);

    KIT_CHECK("last-modified", date_is_that_of_the_file);
    KIT_CHECK("last-modified", date_is_never_in_the_future);
    KIT_CHECK("last-modified", own_date_is_304);
    KIT_CHECK("last-modified", zone_of_the_machine_means_nothing);
    KIT_CHECK("last-modified", later_date_is_304);
    KIT_CHECK("last-modified", earlier_date_is_200);
    KIT_CHECK("last-modified", date_with_a_short_year_is_read);
    KIT_CHECK("last-modified", date_of_asctime_is_read);
    KIT_CHECK("last-modified", what_is_no_date_is_ignored);
    KIT_CHECK("last-modified", tag_comes_before_the_date);
    KIT_CHECK("last-modified", not_modified_by_date_has_its_tag);

    KIT_CHECK("cache-control", age_is_as_set);
    KIT_CHECK("cache-control", age_is_a_minute_where_nothing_is_set);
    KIT_CHECK("cache-control", shared_caches_have_an_age_of_their_own);
    KIT_CHECK("cache-control", not_modified_says_the_age_too);
    KIT_CHECK("cache-control", second_request_is_a_hit, .services = "nginx");
    KIT_CHECK("cache-control", shared_age_is_what_the_cache_goes_by, .services = "nginx");
    KIT_CHECK("cache-control", cache_answers_conditions_by_your_tag, .services = "nginx");
    KIT_CHECK("cache-control", error_is_not_kept, .services = "nginx");

    KIT_CHECK("head", fields_are_those_of_get);
    KIT_CHECK("head", missing_document_is_404_for_head);
    KIT_CHECK("head", conditions_hold_for_head);

    KIT_CHECK("vary", german_for_who_wants_it_first);
    KIT_CHECK("vary", english_for_all_others);
    KIT_CHECK("vary", answer_says_what_it_depends_on);
    KIT_CHECK("vary", languages_have_tags_of_their_own);
    KIT_CHECK("vary", tag_of_the_other_language_is_200);
    KIT_CHECK("vary", not_modified_says_it_too);
    KIT_CHECK("vary", cache_keeps_the_languages_apart, .services = "nginx");

    KIT_CHECK("ranges", part_from_the_middle);
    KIT_CHECK("ranges", first_byte_alone);
    KIT_CHECK("ranges", part_up_to_the_end);
    KIT_CHECK("ranges", last_bytes);
    KIT_CHECK("ranges", more_last_bytes_than_there_are_mean_all);
    KIT_CHECK("ranges", last_byte_may_lie_behind_the_end);
    KIT_CHECK("ranges", part_has_the_tag_of_the_whole);
    KIT_CHECK("ranges", range_behind_the_end_is_416);
    KIT_CHECK("ranges", unknown_unit_is_ignored);
    KIT_CHECK("ranges", range_that_ends_before_it_begins_is_no_part);
    KIT_CHECK("ranges", number_alone_is_no_range);
    KIT_CHECK("ranges", range_with_more_behind_it_is_no_part);
    KIT_CHECK("ranges", two_ranges_are_not_one);
    KIT_CHECK("ranges", condition_comes_before_the_range);
    KIT_CHECK("ranges", head_is_never_a_part);

    KIT_CHECK("if-range", own_tag_gives_the_part);
    KIT_CHECK("if-range", tag_of_an_old_version_gives_the_whole);
    KIT_CHECK("if-range", weak_tag_gives_the_whole);
    KIT_CHECK("if-range", another_date_gives_the_whole);
    KIT_CHECK("if-range", date_of_a_new_file_gives_the_whole);

    KIT_CHECK("put", new_document_is_stored);
    KIT_CHECK("put", old_document_is_replaced);
    KIT_CHECK("put", answer_has_the_new_tag);
    KIT_CHECK("put", create_and_never_overwrite);
    KIT_CHECK("put", date_for_readers_means_nothing);
    KIT_CHECK("put", page_that_has_no_such_method);

    KIT_CHECK("if-match", own_version_is_written);
    KIT_CHECK("if-match", second_writer_loses_nothing);
    KIT_CHECK("if-match", tag_of_the_answer_is_good_for_the_next);
    KIT_CHECK("if-match", weak_tag_never_matches);
    KIT_CHECK("if-match", own_tag_in_a_list);
    KIT_CHECK("if-match", star_needs_a_document);
    KIT_CHECK("if-match", deleted_document_is_not_made_again);
    KIT_CHECK("if-match", unmodified_since_a_date);
    KIT_CHECK("if-match", tag_comes_before_the_date_here_too);
    KIT_CHECK("if-match", what_is_no_date_stops_no_writer);
    KIT_CHECK("if-match", version_that_a_writer_rules_out);
    KIT_CHECK("if-match", readers_may_ask_it_too);
    KIT_CHECK("if-match", readers_may_ask_with_a_date_too);
    KIT_CHECK("if-match", if_match_comes_first);

    KIT_CHECK("assets", name_with_a_hash_is_kept_for_ever);
    KIT_CHECK("assets", eight_digits_are_a_hash);
    KIT_CHECK("assets", other_names_are_asked_for_again);
    KIT_CHECK("assets", assets_have_tags_too);
    KIT_CHECK("assets", asset_is_a_hit, .services = "nginx");
    KIT_CHECK("assets", missing_asset_is_not_kept, .services = "nginx");

    KIT_CHECK("private", page_is_for_the_one_whom_the_cookie_names);
    KIT_CHECK("private", cookie_is_found_by_its_whole_name);
    KIT_CHECK("private", page_of_a_stranger_is_private_too);
    KIT_CHECK("private", cache_greets_nobody_by_anothers_name, .services = "nginx");
    KIT_CHECK("private", code_is_never_stored);
    KIT_CHECK("private", each_client_gets_a_code_of_its_own, .services = "nginx");
    KIT_CHECK("private", code_is_another_after_a_restart);
    KIT_CHECK("private", member_page_needs_the_token);
    KIT_CHECK("private", without_a_token_nobody_is_a_member);
    KIT_CHECK("private", member_page_is_nothing_for_shared_caches);
    KIT_CHECK("private", tag_opens_no_door);
    KIT_CHECK("private", cache_shows_members_pages_to_members_alone, .services = "nginx");
    KIT_CHECK("private", refusal_is_not_kept);

    KIT_CHECK("revalidate", unchanged_page_is_confirmed, .services = "nginx", .waits = true);
    KIT_CHECK("revalidate", changed_page_is_fetched, .services = "nginx", .waits = true);
    KIT_CHECK("revalidate", each_language_is_confirmed_by_its_own_tag, .services = "nginx",
              .waits = true);
    KIT_CHECK("revalidate", written_page_is_seen_when_the_old_one_is_stale, .services = "nginx",
              .waits = true);
}
