// SPDX-License-Identifier: MIT
/*
 * A site that caches understand: the solution of the lab http-caching.
 *
 * app_answer() finds out which kind of page is asked for. Pages that are files go through
 * answer_file(): it gives them their validators (ETag, Last-Modified), looks at the request's
 * conditions, and cuts the range out. RFC 9110 13 has conditions, 14 ranges; RFC 9111 caching.
 */
#define _GNU_SOURCE // for strptime()
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#include "files.h"
#include "http.h"

// ---------------------------------------------------------------- errors

// In place of whatever the page held. Nobody is to keep an error: what is missing now may be there
// in a second.
static void answer_error(struct page *answer, int status, const char *text)
{
    page_free(answer);
    page_text(answer, status, text);
    page_field(answer, "Cache-Control: no-store");
}

// ---------------------------------------------------------------- entity tags

enum { TAG_MOST = 24 };

// A strong tag: it changes whenever a byte does.
static void tag_of(const struct file *file, char tag[TAG_MOST])
{
    snprintf(tag, TAG_MOST, "\"%016llx\"",
             (unsigned long long)hash_bytes(file->bytes, file->length));
}

// True when the list has the tag, or is "*". Weak comparison takes W/"x" for "x", strong comparison
// does not (RFC 9110 8.8.3.2).
static bool list_has(const char *list, const char *tag, bool weak)
{
    size_t length = strlen(tag);
    const char *at = list + strspn(list, " \t,");
    if (strcmp(at, "*") == 0)
        return true;
    while (*at != '\0') {
        bool is_weak = strncmp(at, "W/", 2) == 0;
        at += is_weak ? 2 : 0;
        if (*at != '"')
            return false;                      // no list of tags
        const char *end = strchr(at + 1, '"'); // there is no quote inside of a tag
        if (end == NULL)
            return false;
        size_t whole = (size_t)(end + 1 - at);
        if (whole == length && memcmp(at, tag, length) == 0 && (weak || !is_weak))
            return true;
        at = end + 1;
        at += strspn(at, " \t,");
    }
    return false;
}

// ---------------------------------------------------------------- dates

enum { DATE_MOST = 32 };

static void date_of(time_t time, char date[DATE_MOST])
{
    struct tm parts;
    strftime(date, DATE_MOST, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&time, &parts));
}

// The form of today and the two old ones (RFC 9110 5.6.7). False: it is no date.
static bool date_read(const char *text, time_t *out)
{
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT", // Sun, 06 Nov 1994 08:49:37 GMT
        "%A, %d-%b-%y %H:%M:%S GMT", // Sunday, 06-Nov-94 08:49:37 GMT
        "%a %b %d %H:%M:%S %Y",      // Sun Nov  6 08:49:37 1994
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm parts = {0};
        const char *end = strptime(text, forms[i], &parts);
        if (end != NULL && *end == '\0') {
            *out = timegm(&parts);
            return true;
        }
    }
    return false;
}

// ---------------------------------------------------------------- conditions

// What the request's conditions make of an answer that would be 200: 200 (go on), 304 or 412. `tag`
// NULL: there is no file yet. In the order of RFC 9110 13.2.2.
static int conditions(const struct request *request, const char *tag, time_t modified)
{
    const char *match = request_header(request, "If-Match");
    const char *unmodified = request_header(request, "If-Unmodified-Since");
    const char *none_match = request_header(request, "If-None-Match");
    const char *since = request_header(request, "If-Modified-Since");
    bool is_read = strcmp(request_method(request), "PUT") != 0;
    time_t date;
    if (match != NULL) {
        if (tag == NULL || !list_has(match, tag, false))
            return 412;
    } else if (unmodified != NULL && date_read(unmodified, &date)) {
        if (tag == NULL || modified > date)
            return 412;
    }
    if (none_match != NULL) {
        if (tag != NULL && list_has(none_match, tag, true))
            return is_read ? 304 : 412;
    } else if (since != NULL && is_read && date_read(since, &date)) {
        if (modified <= date)
            return 304;
    }
    return 200;
}

// ---------------------------------------------------------------- ranges

// Whether If-Range allows a part: it is not there, or names exactly these bytes. A date never does:
// within its second the file may have changed again.
static bool range_is_wanted(const struct request *request, const char *tag)
{
    const char *condition = request_header(request, "If-Range");
    return condition == NULL || strcmp(condition, tag) == 0;
}

// "bytes=2-5", "bytes=2-" or "bytes=-5" for so many bytes. False: it is something else, and the
// answer is the whole. An answer with *first >= length is 416.
static bool range_read(const char *text, size_t length, size_t *first, size_t *last)
{
    if (strncasecmp(text, "bytes=", 6) != 0)
        return false;
    const char *at = text + 6;
    char *end;
    if (*at == '-' && isdigit((unsigned char)at[1])) {
        unsigned long long count = strtoull(at + 1, &end, 10);
        *first = count == 0 ? length : count < length ? length - count : 0;
        *last = length - 1;
        return *end == '\0';
    }
    if (!isdigit((unsigned char)*at))
        return false;
    *first = strtoull(at, &end, 10);
    *last = length - 1;
    if (*end++ != '-')
        return false;
    if (isdigit((unsigned char)*end)) {
        unsigned long long number = strtoull(end, &end, 10);
        if (number < *first)
            return false;
        *last = number < length ? number : length - 1;
    }
    return *end == '\0';
}

// Makes a 206 or a 416 of a page that is whole, where a range is asked for.
static void cut_range(const struct request *request, struct page *answer, const char *tag)
{
    const char *range = request_header(request, "Range");
    size_t first, last, whole = answer->length;
    if (range == NULL || strcmp(request_method(request), "GET") != 0 ||
        !range_is_wanted(request, tag) || !range_read(range, whole, &first, &last))
        return;
    if (first >= whole) {
        answer_error(answer, 416, "the file ends before that");
        page_field(answer, "Content-Range: bytes */%zu", whole);
        return;
    }
    answer->status = 206;
    page_field(answer, "Content-Range: bytes %zu-%zu/%zu", first, last, whole);
    answer->length = last + 1 - first;
    memmove(answer->body, answer->body + first, answer->length);
}

// ---------------------------------------------------------------- pages that are files

static const char *type_of(const char *name)
{
    const char *ending = strrchr(name, '.');
    if (ending != NULL && strcmp(ending, ".css") == 0)
        return "text/css";
    if (ending != NULL && strcmp(ending, ".js") == 0)
        return "text/javascript";
    return "text/plain";
}

// Answers with the file. `rules`: the fields for caches, a line each.
static void answer_file(const struct request *request, struct page *answer, const char *name,
                        const char *rules)
{
    struct file file;
    char tag[TAG_MOST], date[DATE_MOST];
    if (!file_read(name, &file)) {
        answer_error(answer, 404, "there is nothing here");
        return;
    }
    time_t now = time(NULL);
    if (file.modified > now)
        file.modified = now; // Last-Modified is never later than Date (RFC 9110 8.8.2.1)
    tag_of(&file, tag);
    date_of(file.modified, date);
    answer->body = file.bytes;
    answer->length = file.length;
    page_field(answer, "ETag: %s", tag);
    page_field(answer, "Last-Modified: %s", date);
    page_field(answer, "%s", rules);
    answer->status = conditions(request, tag, file.modified);
    if (answer->status == 412) {
        answer_error(answer, 412, "it is another version");
        return;
    }
    if (answer->status == 304)
        return;
    page_field(answer, "Content-Type: %s", type_of(name));
    page_field(answer, "Accept-Ranges: bytes");
    cut_range(request, answer, tag);
}

// ---------------------------------------------------------------- rules

enum { RULES_MOST = 128 };

// How long a page may be kept: by everybody, and, where that is another time, by shared caches.
static void rules_of_page(char rules[RULES_MOST])
{
    const char *age = getenv("PAGE_MAX_AGE"), *shared = getenv("SHARED_MAX_AGE");
    if (shared != NULL)
        snprintf(rules, RULES_MOST, "Cache-Control: max-age=%s, s-maxage=%s",
                 age != NULL ? age : "60", shared);
    else
        snprintf(rules, RULES_MOST, "Cache-Control: max-age=%s", age != NULL ? age : "60");
}

// NAME.HASH.EXT, the hash of at least 8 hexadecimal digits: other content has another name.
static bool has_hash(const char *name)
{
    for (const char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        size_t digits = strspn(dot + 1, "0123456789abcdef");
        if (digits >= 8 && dot > name && dot[1 + digits] == '.' && dot[2 + digits] != '\0')
            return true;
    }
    return false;
}

// ---------------------------------------------------------------- the kinds of pages

static void put_document(const struct request *request, struct page *answer, const char *name)
{
    struct file file = {0};
    char tag[TAG_MOST];
    bool is_there = file_read(name, &file);
    if (is_there)
        tag_of(&file, tag);
    int status = conditions(request, is_there ? tag : NULL, file.modified);
    free(file.bytes);
    if (status == 412) {
        answer_error(answer, 412, "it is another version");
        return;
    }
    struct file sent;
    const char *body = request_body(request, &sent.length);
    if (!file_write(name, body, sent.length)) {
        answer_error(answer, 400, "it cannot be written");
        return;
    }
    sent.bytes = (char *)body;
    tag_of(&sent, tag);
    page_text(answer, is_there ? 200 : 201, "written");
    page_field(answer, "ETag: %s", tag);
    page_field(answer, "Cache-Control: no-store");
}

static void document(const struct request *request, struct page *answer, const char *name)
{
    char rules[RULES_MOST];
    if (strcmp(request_method(request), "PUT") == 0) {
        put_document(request, answer, name);
        return;
    }
    rules_of_page(rules);
    answer_file(request, answer, name, rules);
}

// The file NAME.de for whoever wants German first, NAME.en for all others.
static void translated(const struct request *request, struct page *answer, const char *name)
{
    const char *wanted = request_header(request, "Accept-Language");
    bool german = wanted != NULL && strncasecmp(wanted, "de", 2) == 0;
    char file[256], rules[RULES_MOST], all[2 * RULES_MOST];
    snprintf(file, sizeof file, "%s.%s", name, german ? "de" : "en");
    rules_of_page(rules);
    snprintf(all, sizeof all, "%s\nVary: Accept-Language", rules);
    answer_file(request, answer, file, all);
}

static void asset(const struct request *request, struct page *answer, const char *name)
{
    answer_file(request, answer, name,
                has_hash(name) ? "Cache-Control: public, max-age=31536000, immutable"
                               : "Cache-Control: no-cache");
}

// The value of "user" among the cookies, "theme=dark; user=ada". False: there is none.
static bool cookie_user(const char *cookies, char *user, size_t size)
{
    while (cookies != NULL && *cookies != '\0') {
        cookies += strspn(cookies, "; ");
        if (strncmp(cookies, "user=", 5) == 0) {
            snprintf(user, size, "%.*s", (int)strcspn(cookies + 5, ";"), cookies + 5);
            return true;
        }
        cookies += strcspn(cookies, ";");
    }
    return false;
}

// A page for one person: the one whom the cookie names.
static void me(const struct request *request, struct page *answer, const char *unused)
{
    char user[64] = "stranger", text[sizeof user + sizeof "hello "];
    (void)unused;
    cookie_user(request_header(request, "Cookie"), user, sizeof user);
    snprintf(text, sizeof text, "hello %s", user);
    page_text(answer, 200, text);
    page_field(answer, "Cache-Control: private, max-age=60");
}

// A code that is good for one time.
static void code(const struct request *request, struct page *answer, const char *unused)
{
    unsigned char random[8];
    char text[2 * sizeof random + 1];
    (void)request, (void)unused;
    if (getrandom(random, sizeof random, 0) != sizeof random) {
        answer_error(answer, 500, "no code");
        return;
    }
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(text + 2 * i, 3, "%02x", random[i]);
    page_text(answer, 200, text);
    page_field(answer, "Cache-Control: no-store");
}

// A file for those who know the token.
static void members(const struct request *request, struct page *answer, const char *name)
{
    const char *sent = request_header(request, "Authorization");
    const char *token = getenv("MEMBER_TOKEN");
    if (token == NULL || sent == NULL || strncasecmp(sent, "Bearer ", 7) != 0 ||
        strcmp(sent + 7, token) != 0) {
        answer_error(answer, 401, "for members");
        page_field(answer, "WWW-Authenticate: Bearer");
        return;
    }
    answer_file(request, answer, name, "Cache-Control: private, no-cache");
}

// ---------------------------------------------------------------- what http.c calls

bool app_start(void)
{
    return true;
}

void app_answer(const struct request *request, struct page *answer)
{
    static const struct kind {
        const char *path;
        void (*answer)(const struct request *, struct page *, const char *name);
        bool is_written;
    } kinds[] = {
        {"/docs/", document, true}, {"/pages/", translated, false}, {"/assets/", asset, false},
        {"/me", me, false},         {"/code", code, false},         {"/members/", members, false},
    };
    const char *method = request_method(request), *target = request_target(request);
    bool is_read = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct kind *kind = &kinds[i];
        size_t length = strlen(kind->path);
        bool is_folder = kind->path[length - 1] == '/';
        if (strncmp(target, kind->path, length) != 0 || (!is_folder && target[length] != '\0'))
            continue;
        if (is_read || (kind->is_written && strcmp(method, "PUT") == 0)) {
            kind->answer(request, answer, target + length);
        } else {
            answer_error(answer, 405, "not with this method");
            page_field(answer, "Allow: %s", kind->is_written ? "GET, HEAD, PUT" : "GET, HEAD");
        }
        return;
    }
    answer_error(answer, 404, "there is nothing here");
}

void app_stop(void)
{
}
