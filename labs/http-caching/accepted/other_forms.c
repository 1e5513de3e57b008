// SPDX-License-Identifier: MIT
// Right in other words: tags of text with commas in it, weak ones where no part and no write asks
// for a strong one, capitals and further directives, several fields where no cache minds, 204 for a
// write, parts as multipart/byteranges, dates in If-Range where they promise something.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#include "files.h"
#include "http.h"

enum { PARTS_MOST = 8 };

// What is asked for, taken apart once.
struct view {
    const char *range, *if_range;
    bool get, put;
    const struct request *request;
};

static void fail(struct page *page, int status)
{
    page_free(page);
    page->status = status;
    page_field(page, "cache-control: Max-Age=0");
    page_field(page, "CACHE-CONTROL: no-STORE");
    page_field(page, "Content-Type: text/html");
    page->length = 8;
    page->body = strdup("<p>no.\n");
}

static char *tag_make(const struct file *file, bool strong)
{
    char *tag;
    if (asprintf(&tag, "%s\"W/,%zu,%jx!\"", strong ? "" : "W/", file->length,
                 (uintmax_t)hash_bytes(file->bytes, file->length)) < 0)
        abort();
    return tag;
}

// Takes the next tag off the list, with its W/; NULL at the end.
static char *tag_next(const char **list)
{
    const char *at = *list + strspn(*list, ", \t");
    const char *quote = strncmp(at, "W/", 2) == 0 ? at + 2 : at;
    const char *end = *quote == '"' ? strchr(quote + 1, '"') : NULL;
    if (end == NULL)
        return NULL;
    *list = end + 1;
    return strndup(at, (size_t)(end + 1 - at));
}

static bool match_weak(const char *a, const char *b)
{
    return strcmp(strncmp(a, "W/", 2) == 0 ? a + 2 : a, strncmp(b, "W/", 2) == 0 ? b + 2 : b) == 0;
}

static bool match_strong(const char *a, const char *b)
{
    return *a == '"' && strcmp(a, b) == 0;
}

static bool any_matches(const char *list, const char *tag,
                        bool (*match)(const char *, const char *))
{
    bool found = false;
    if (tag == NULL)
        return false;
    if (*list == '*')
        return true;
    for (char *other; !found && (other = tag_next(&list)) != NULL; free(other))
        found = match(other, tag);
    return found;
}

static int month_of(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (strncmp(names + 3 * i, name, 3) == 0)
            return i;
    return -1;
}

// By sscanf, in all three forms; -1: no date.
static time_t date_parse(const char *text)
{
    struct tm tm = {0};
    char month[4] = "";
    if (sscanf(text, "%*3s, %d %3s %d %d:%d:%d GMT", &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec) == 6)
        tm.tm_year -= 1900;
    else if (sscanf(text, "%*[A-Za-z], %d-%3s-%d %d:%d:%d GMT", &tm.tm_mday, month, &tm.tm_year,
                    &tm.tm_hour, &tm.tm_min, &tm.tm_sec) == 6)
        tm.tm_year += tm.tm_year < 70 ? 100 : 0;
    else if (sscanf(text, "%*3s %3s %d %d:%d:%d %d", month, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
                    &tm.tm_sec, &tm.tm_year) == 6)
        tm.tm_year -= 1900;
    else
        return -1;
    tm.tm_mon = month_of(month);
    return tm.tm_mon < 0 ? -1 : timegm(&tm);
}

static void date_print(time_t time, char out[40])
{
    strftime(out, 40, "%a, %d %b %Y %T GMT", gmtime(&time));
}

// 0: go on.
static int judge(const struct view *view, const char *tag, time_t modified)
{
    const struct request *request = view->request;
    const char *field;
    time_t date;
    if ((field = request_header(request, "if-match")) != NULL) {
        if (!any_matches(field, tag, match_strong))
            return 412;
    } else if ((field = request_header(request, "if-unmodified-since")) != NULL) {
        if ((date = date_parse(field)) != -1 && (tag == NULL || modified > date))
            return 412;
    }
    if ((field = request_header(request, "if-none-match")) != NULL)
        return !any_matches(field, tag, match_weak) ? 0 : view->put ? 412 : 304;
    if (!view->put && (field = request_header(request, "if-modified-since")) != NULL &&
        (date = date_parse(field)) != -1 && date >= modified)
        return 304;
    return 0;
}

struct part {
    size_t first, last;
};

// How many parts; 0: none that can be read; -1: none that is there.
static int parts_read(const char *text, size_t length, struct part parts[PARTS_MOST])
{
    int count = 0, absent = 0;
    if (strncmp(text, "bytes=", 6) != 0)
        return 0;
    text += 6;
    for (;;) {
        size_t first = 0, last = length - 1;
        int used = 0;
        if (sscanf(text, "-%zu%n", &last, &used) == 1) {
            first = last < length ? length - last : 0;
            last = length - 1;
        } else if (sscanf(text, "%zu-%zu%n", &first, &last, &used) == 2) {
            if (last < first)
                return 0;
            last = last < length ? last : length - 1;
        } else if (sscanf(text, "%zu-%n", &first, &used) == 1 && used > 0) {
            last = length - 1;
        } else {
            return 0;
        }
        if (first >= length)
            absent++;
        else if (count == PARTS_MOST)
            return 0;
        else
            parts[count++] = (struct part){first, last};
        text += used;
        if (*text == '\0')
            return count > 0 ? count : absent > 0 ? -1 : 0;
        if (*text++ != ',')
            return 0;
        text += strspn(text, " ");
    }
}

static void cut(struct page *page, const char *type, size_t whole, const struct part *parts,
                int count)
{
    char *body = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&body, &length);
    page->status = 206;
    for (int i = 0; i < count; i++) {
        const struct part *part = &parts[i];
        if (count > 1)
            fprintf(out,
                    "\r\n--cut\r\nContent-Type: %s\r\nContent-Range: bytes %zu-%zu/%zu\r\n\r\n",
                    type, part->first, part->last, whole);
        fwrite(page->body + part->first, 1, part->last + 1 - part->first, out);
    }
    if (count > 1)
        fprintf(out, "\r\n--cut--\r\n");
    fclose(out);
    free(page->body);
    page->body = body;
    page->length = length;
    if (count > 1) {
        page_field(page, "content-type: multipart/byteranges; boundary=cut");
    } else {
        page_field(page, "content-range: bytes %zu-%zu/%zu", parts->first, parts->last, whole);
        page_field(page, "content-type: %s", type);
    }
}

// The tag, strongly; or a date that was over a minute old when it was sent.
static bool still_that(const char *condition, const char *tag, time_t modified)
{
    if (strchr(condition, '"') != NULL)
        return match_strong(condition, tag);
    return date_parse(condition) == modified && modified < time(NULL) - 60;
}

static void send_file(const struct view *view, struct page *page, const char *name, bool strong,
                      const char *rules)
{
    static const char type[] = "application/octet-stream";
    struct file file;
    char date[40];
    struct part parts[PARTS_MOST];
    if (!file_read(name, &file)) {
        fail(page, 404);
        return;
    }
    char *tag = tag_make(&file, strong);
    int verdict = judge(view, tag, file.modified);
    if (verdict == 412) {
        free(file.bytes);
        free(tag);
        fail(page, 412);
        return;
    }
    page->status = verdict == 0 ? 200 : verdict;
    page->body = file.bytes;
    page->length = file.length;
    page_field(page, "etag: %s", tag);
    page_field(page, "%s", rules);
    if (file.modified <= time(NULL)) {
        date_print(file.modified, date);
        page_field(page, "last-modified: %s", date);
    }
    int count = 0;
    if (verdict == 0 && view->get && view->range != NULL && strong &&
        (view->if_range == NULL || still_that(view->if_range, tag, file.modified)))
        count = parts_read(view->range, file.length, parts);
    free(tag);
    if (count > 0) {
        cut(page, type, file.length, parts, count);
    } else if (count < 0) {
        fail(page, 416);
        page_field(page, "content-range: bytes */%zu", file.length);
    } else if (verdict == 0) {
        page_field(page, "content-type: %s", type);
    }
}

static void receive_file(const struct view *view, struct page *page, const char *name)
{
    struct file old = {0}, new = {0};
    char *tag = file_read(name, &old) ? tag_make(&old, true) : NULL;
    bool there = tag != NULL;
    int verdict = judge(view, tag, old.modified);
    free(tag);
    free(old.bytes);
    new.bytes = (char *)request_body(view->request, &new.length);
    if (verdict == 412) {
        fail(page, 412);
    } else if (!file_write(name, new.bytes, new.length)) {
        fail(page, 500);
    } else {
        tag = tag_make(&new, true);
        page->status = there ? 204 : 201;
        page_field(page, "etag: %s", tag);
        free(tag);
    }
}

static const char *setting(const char *name, const char *usual)
{
    const char *value = getenv(name);
    return value != NULL ? value : usual;
}

static char *page_rules(const char *more)
{
    char *rules, shared[80] = "";
    const char *age = setting("PAGE_MAX_AGE", "60"), *own = getenv("SHARED_MAX_AGE");
    if (own != NULL)
        snprintf(shared, sizeof shared, ",S-Maxage=%s", own);
    if (asprintf(&rules, "Cache-Control: no-transform, Max-Age=%s , stale-if-error=0%s%s", age,
                 shared, more) < 0)
        abort();
    return rules;
}

static bool is_release(const char *name)
{
    char *copy = strdup(name), *rest = copy, *part = strsep(&rest, ".");
    bool found = false, begun = *part != '\0';
    while (rest != NULL && (part = strsep(&rest, ".")) != NULL)
        found |= begun && rest != NULL && *rest != '\0' && strlen(part) >= 8 &&
                 strspn(part, "abcdef0123456789") == strlen(part);
    free(copy);
    return found;
}

static void send_hello(const struct view *view, struct page *page)
{
    const char *cookies = request_header(view->request, "cookie");
    const char *at = cookies;
    while (at != NULL && (at = strstr(at, "user=")) != NULL && at > cookies && at[-1] != ' ' &&
           at[-1] != ';')
        at++;
    page->status = 200;
    page_field(page, "Cache-Control: no-cache");
    page_field(page, "Cache-Control: PRIVATE");
    page_field(page, "Vary: Cookie");
    page_field(page, "Content-Type: text/plain; charset=utf-8");
    int length = asprintf(&page->body, "hello %.*s\n", at != NULL ? (int)strcspn(at + 5, ";") : 8,
                          at != NULL ? at + 5 : "stranger");
    page->length = (size_t)length;
}

static void send_code(struct page *page)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    unsigned char bytes[20];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        abort();
    page->status = 200;
    page->body = calloc(1, sizeof bytes + 1);
    page->length = sizeof bytes;
    for (size_t i = 0; i < sizeof bytes; i++)
        page->body[i] = letters[bytes[i] % (sizeof letters - 1)];
    page_field(page, "Cache-Control: private, no-store, max-age=0");
}

bool app_start(void)
{
    return true;
}

void app_answer(const struct request *request, struct page *page)
{
    const char *target = request_target(request), *method = request_method(request);
    struct view view = {.range = request_header(request, "range"),
                        .if_range = request_header(request, "if-range"),
                        .get = strcmp(method, "GET") == 0,
                        .put = strcmp(method, "PUT") == 0,
                        .request = request};
    char name[300], *rules = NULL;
    if (view.put && strncmp(target, "/docs/", 6) == 0) {
        receive_file(&view, page, target + 6);
    } else if (!view.get && strcmp(method, "HEAD") != 0) {
        fail(page, 405);
        page_field(page, "allow: HEAD,GET");
    } else if (sscanf(target, "/docs/%299s", name) == 1) {
        send_file(&view, page, name, true, rules = page_rules(""));
    } else if (sscanf(target, "/pages/%290s", name) == 1) {
        const char *wanted = request_header(request, "accept-language");
        bool german = wanted != NULL && strncasecmp(wanted, "de", 2) == 0;
        strcat(name, german ? ".de" : ".en");
        rules = page_rules(german ? "\nVary: X-Nothing, accept-language\nContent-Language: de"
                                  : "\nVary: X-Nothing, accept-language");
        send_file(&view, page, name, false, rules);
    } else if (sscanf(target, "/assets/%299s", name) == 1) {
        if (asprintf(&rules, "Cache-Control: %s",
                     is_release(name) ? "Immutable, max-age=31536000" : "max-age=0, No-Cache") < 0)
            abort();
        send_file(&view, page, name, false, rules);
    } else if (sscanf(target, "/members/%299s", name) == 1) {
        const char *sent = request_header(request, "authorization");
        const char *token = setting("MEMBER_TOKEN", "");
        if (*token != '\0' && sent != NULL && strncasecmp(sent, "bearer ", 7) == 0 &&
            strcmp(sent + 7 + strspn(sent + 7, " "), token) == 0) {
            send_file(&view, page, name, true, "Cache-Control: max-age=5");
        } else {
            fail(page, 401);
            page_field(page, "www-authenticate: Bearer realm=\"members\"");
        }
    } else if (strcmp(target, "/me") == 0) {
        send_hello(&view, page);
    } else if (strcmp(target, "/code") == 0) {
        send_code(page);
    } else {
        fail(page, 404);
    }
    free(rules);
}

void app_stop(void)
{
}
