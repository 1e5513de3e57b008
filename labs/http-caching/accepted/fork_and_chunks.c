// SPDX-License-Identifier: MIT
// A server of its own: a process for each connection, which it closes after one answer; bodies in
// chunks; HEAD without a length; conditions as small functions in a table, in the order in which
// they are looked at; one field name in capitals, the next one in small letters.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "http.h" // for its declarations alone

enum { HEAD_MOST = 64 * 1024, BODY_MOST = 1 << 20 };

static char in[HEAD_MOST + BODY_MOST + 1]; // the request, as it came
static char *method, *target, *lines, *body;
static size_t body_length;
static FILE *out;

struct version {
    bool is_there;
    char *bytes;
    size_t length;
    time_t modified;
    char tag[40];
};

// ---------------------------------------------------------------- the request

static const char *field(const char *name)
{
    static char values[16][4096];
    static int used;
    char *value = values[used++ % 16];
    size_t length = strlen(name);
    bool found = false;
    *value = '\0';
    for (char *line = lines; *line != '\0' && *line != '\r'; line = strstr(line, "\r\n") + 2) {
        if (strncasecmp(line, name, length) != 0 || line[length] != ':')
            continue;
        char *begin = line + length + 1 + strspn(line + length + 1, " \t");
        size_t old = strlen(value);
        snprintf(value + old, 4096 - old, "%s%.*s", found ? "," : "", (int)strcspn(begin, "\r"),
                 begin);
        found = true;
    }
    return found ? value : NULL;
}

static bool request_receive(int client)
{
    size_t length = 0;
    char *end = NULL;
    while (end == NULL || length < (size_t)(end + 4 - in) + body_length) {
        ssize_t got = recv(client, in + length, sizeof in - 1 - length, 0);
        if (got <= 0)
            return false;
        length += (size_t)got;
        if (end == NULL && (end = memmem(in, length, "\r\n\r\n", 4)) != NULL) {
            end[2] = '\0';
            method = in;
            lines = strstr(in, "\r\n") + 2;
            target = strchr(in, ' ');
            *target++ = '\0';
            *strchr(target, ' ') = '\0';
            const char *announced = field("content-length");
            body_length = announced != NULL ? strtoul(announced, NULL, 10) : 0;
            body = end + 4;
        }
    }
    return true;
}

// ---------------------------------------------------------------- the answer

static void begin(int status, const char *rules)
{
    char date[64];
    time_t now = time(NULL);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    fprintf(out, "HTTP/1.1 %d \r\nDATE:%s\r\nconnection: close\r\nCACHE-CONTROL:%s\r\n", status,
            date, rules);
}

static void end_with(const char *bytes, size_t length)
{
    bool is_head = strcmp(method, "HEAD") == 0;
    fprintf(out, "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0; !is_head && at < length; at += 7) {
        size_t some = length - at < 7 ? length - at : 7;
        fprintf(out, "%zx\r\n", some);
        fwrite(bytes + at, 1, some, out);
        fputs("\r\n", out);
    }
    if (!is_head)
        fputs("0\r\n\r\n", out);
}

static void fail(int status, const char *more)
{
    begin(status, "no-store");
    fputs(more, out);
    end_with("sorry\n", 6);
}

// ---------------------------------------------------------------- files

static bool file_open(const char *name, int flags, int *file)
{
    const char *folder = getenv("FILES_DIR");
    int at = open(folder != NULL ? folder : ".", O_PATH | O_DIRECTORY);
    *file = *name == '\0' || *name == '.' || strchr(name, '/') != NULL
                ? -1
                : openat(at, name, flags | O_CLOEXEC, 0644);
    close(at);
    return *file >= 0;
}

// Two sums that depend on the order: as good as never the same for two files.
static void tag_put(struct version *version)
{
    uint64_t a = 1, b = version->length;
    for (size_t i = 0; i < version->length; i++) {
        a = a * 6364136223846793005u + (unsigned char)version->bytes[i] + 1442695040888963407u;
        b = (b << 7 | b >> 57) ^ a;
    }
    snprintf(version->tag, sizeof version->tag, "\"v~%jX-%jX\"", (uintmax_t)a, (uintmax_t)b);
}

static struct version version_of(const char *name)
{
    struct version version = {0};
    struct stat facts;
    int file;
    if (!file_open(name, O_RDONLY, &file))
        return version;
    fstat(file, &facts);
    version.is_there = true;
    version.modified = facts.st_mtime;
    version.length = (size_t)facts.st_size;
    version.bytes = malloc(version.length + 1);
    if (read(file, version.bytes, version.length) != (ssize_t)version.length)
        abort();
    close(file);
    tag_put(&version);
    return version;
}

// ---------------------------------------------------------------- conditions

static bool tag_among(const char *list, const struct version *version, bool weakly)
{
    if (*list == '*' || !version->is_there)
        return version->is_there;
    bool inside = false, is_weak = false;
    for (const char *c = list; *c != '\0'; c++) {
        if (!inside && *c == '"') {
            is_weak = c > list && c[-1] == '/';
            size_t length = strlen(version->tag);
            if (strncmp(c, version->tag, length) == 0 && (weakly || !is_weak))
                return true;
        }
        inside ^= *c == '"';
    }
    return false;
}

static bool moment(const char *text, time_t *moment)
{
    static const char *const forms[] = {"%n%a, %d %b %Y %T GMT", "%n%a, %d-%b-%y %T GMT",
                                        "%n%a %b %d %T %Y"};
    for (int i = 0; i < 3; i++) {
        struct tm parts = {0};
        const char *end = strptime(text, forms[i], &parts);
        if (end != NULL && *end == '\0') {
            *moment = timegm(&parts);
            return true;
        }
    }
    return false;
}

static bool is_write(void)
{
    return strcmp(method, "PUT") == 0;
}

static int if_match(const char *value, const struct version *version)
{
    return tag_among(value, version, false) ? 0 : 412;
}

static int if_unmodified_since(const char *value, const struct version *version)
{
    time_t date;
    return moment(value, &date) && (!version->is_there || version->modified > date) ? 412 : 0;
}

static int if_none_match(const char *value, const struct version *version)
{
    return !tag_among(value, version, true) ? 0 : is_write() ? 412 : 304;
}

static int if_modified_since(const char *value, const struct version *version)
{
    time_t date;
    return !is_write() && moment(value, &date) && date >= version->modified ? 304 : 0;
}

// What comes second of two is looked at only where the first is not there.
static int conditions(const struct version *version)
{
    static const struct condition {
        const char *name, *instead;
        int (*judge)(const char *value, const struct version *version);
    } all[] = {
        {"if-match", NULL, if_match},
        {"if-unmodified-since", "if-match", if_unmodified_since},
        {"if-none-match", NULL, if_none_match},
        {"if-modified-since", "if-none-match", if_modified_since},
    };
    int status = 0;
    for (size_t i = 0; status == 0 && i < 4; i++) {
        const char *value = field(all[i].name);
        if (value != NULL && (all[i].instead == NULL || field(all[i].instead) == NULL))
            status = all[i].judge(value, version);
    }
    return status;
}

// ---------------------------------------------------------------- pages

// 206: first and last are filled. 416; or 200: there is nothing to be cut.
static int range_of(const struct version *version, size_t *first, size_t *last)
{
    const char *range = field("range"), *condition = field("if-range");
    char rest;
    if (range == NULL || strcmp(method, "GET") != 0 ||
        (condition != NULL && strcmp(condition, version->tag) != 0))
        return 200;
    if (sscanf(range, "bytes=-%zu%c", first, &rest) == 1) {
        *first = *first < version->length ? version->length - *first : 0;
        *last = version->length - 1;
    } else if (sscanf(range, "bytes=%zu-%zu%c", first, last, &rest) == 2) {
        if (*last < *first)
            return 200;
    } else if (sscanf(range, "bytes=%zu-%c", first, &rest) == 1 &&
               range[strlen(range) - 1] == '-') {
        *last = version->length - 1;
    } else {
        return 200;
    }
    if (*last >= version->length)
        *last = version->length - 1;
    return *first >= version->length ? 416 : 206;
}

static void page(const char *name, const char *rules, const char *more)
{
    struct version version = version_of(name);
    char date[64], length[64];
    size_t first = 0, last = version.length - 1;
    if (!version.is_there) {
        fail(404, more);
        return;
    }
    int status = conditions(&version);
    if (status == 0 && (status = range_of(&version, &first, &last)) == 200) {
        first = 0;
        last = version.length - 1;
    }
    if (status == 412 || status == 416) {
        snprintf(length, sizeof length, "content-RANGE: bytes */%zu\r\n", version.length);
        fail(status, status == 416 ? length : "");
        return;
    }
    time_t now = time(NULL), modified = version.modified < now ? version.modified : now;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&modified));
    begin(status, rules);
    fprintf(out, "LAST-MODIFIED:%s\r\netag:  %s \r\n%s", date, version.tag, more);
    if (status == 304) {
        fputs("\r\n", out);
        return;
    }
    if (status == 206)
        fprintf(out, "CONTENT-range: bytes %zu-%zu/%zu\r\n", first, last, version.length);
    end_with(version.bytes + first, version.length == 0 ? 0 : last + 1 - first);
}

static void write_page(const char *name)
{
    struct version old = version_of(name), new = {true, body, body_length, 0, ""};
    int status = conditions(&old), file;
    char fresh[300];
    snprintf(fresh, sizeof fresh, "%s~%d", name, (int)getpid());
    if (status == 412 || !file_open(fresh, O_WRONLY | O_CREAT | O_TRUNC, &file)) {
        fail(status == 412 ? 412 : 500, "");
        return;
    }
    const char *folder = getenv("FILES_DIR");
    int at = open(folder != NULL ? folder : ".", O_PATH | O_DIRECTORY);
    if (write(file, body, body_length) != (ssize_t)body_length ||
        renameat(at, fresh, at, name) != 0)
        abort();
    tag_put(&new);
    begin(old.is_there ? 200 : 201, "no-store");
    fprintf(out, "ETAG: %s\r\n", new.tag);
    end_with("", 0);
}

static const char *setting(const char *name, const char *usual)
{
    return getenv(name) != NULL ? getenv(name) : usual;
}

static const char *page_rules(void)
{
    static char rules[200];
    const char *shared = getenv("SHARED_MAX_AGE");
    snprintf(rules, sizeof rules, "%s%s%smust-revalidate,MAX-AGE=%s",
             shared != NULL ? "s-maxage=" : "", shared != NULL ? shared : "",
             shared != NULL ? "," : "", setting("PAGE_MAX_AGE", "60"));
    return rules;
}

static bool is_hashed(const char *name)
{
    for (const char *at = name; (at = strchr(at, '.')) != NULL; at++) {
        size_t digits = strspn(at + 1, "0123456789abcdef");
        if (at > name && digits > 7 && at[digits + 1] == '.' && at[digits + 2] != '\0')
            return true;
    }
    return false;
}

static void answer(void)
{
    char text[300];
    if (strncmp(target, "/docs/", 6) == 0 && is_write()) {
        write_page(target + 6);
    } else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        fail(405, "Allow: GET,HEAD\r\n");
    } else if (strncmp(target, "/docs/", 6) == 0) {
        page(target + 6, page_rules(), "");
    } else if (strncmp(target, "/pages/", 7) == 0) {
        const char *wanted = field("accept-language");
        bool german = wanted != NULL && strncasecmp(wanted, "de", 2) == 0;
        snprintf(text, sizeof text, "%s.%s", target + 7, german ? "de" : "en");
        page(text, page_rules(), "vary: ACCEPT-LANGUAGE\r\n");
    } else if (strncmp(target, "/assets/", 8) == 0) {
        page(target + 8,
             is_hashed(target + 8) ? "immutable , max-age=31536000" : "no-cache,must-revalidate",
             "");
    } else if (strncmp(target, "/members/", 9) == 0) {
        const char *sent = field("authorization");
        snprintf(text, sizeof text, "Bearer %s", setting("MEMBER_TOKEN", ""));
        if (sent != NULL && strlen(text) > 7 && strcmp(sent, text) == 0)
            page(target + 9, "no-store", "");
        else
            fail(401, "WWW-Authenticate: Bearer\r\n");
    } else if (strcmp(target, "/me") == 0) {
        const char *cookie = field("cookie");
        char user[100] = "stranger";
        for (; cookie != NULL && *cookie != '\0';
             cookie += strcspn(cookie, " "), cookie += *cookie == ' ')
            if (sscanf(cookie, "user=%99[^;]", user) == 1)
                break;
        snprintf(text, sizeof text, "hello %s\n", user);
        begin(200, "max-age=10,private");
        end_with(text, strlen(text));
    } else if (strcmp(target, "/code") == 0) {
        unsigned char bytes[9];
        int random = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
        if (read(random, bytes, sizeof bytes) != sizeof bytes)
            abort();
        for (size_t i = 0; i < sizeof bytes; i++)
            snprintf(text + 3 * i, 4, "%03d", bytes[i]);
        begin(200, "no-cache,no-store");
        end_with(text, strlen(text));
    } else {
        fail(404, "");
    }
}

static void serve(int client)
{
    char *bytes;
    size_t length;
    if (!request_receive(client))
        return;
    out = open_memstream(&bytes, &length);
    answer();
    fclose(out);
    for (size_t at = 0; at < length;) {
        ssize_t sent = send(client, bytes + at, length - at, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += (size_t)sent;
    }
    shutdown(client, SHUT_WR);
    while (recv(client, in, sizeof in, 0) > 0)
        continue;
}

// main() is http.c's, and comes no further than this.
bool app_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((in_port_t)atoi(setting("PORT", "8080"))),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_UNBLOCK, &ends, NULL);
    signal(SIGCHLD, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 64) != 0)
        return false;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            continue;
        if (fork() == 0) {
            serve(client);
            _exit(0);
        }
        close(client);
    }
}

void app_answer(const struct request *request, struct page *answer)
{
    (void)request, (void)answer;
}

void app_stop(void)
{
}
