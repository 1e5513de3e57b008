// SPDX-License-Identifier: MIT
// Two FILEs around the socket, an alarm for each wait, and stdout in a large buffer.
#include "common/client.h"
#include <sys/time.h>

static struct {
    FILE *in, *out;
    char *authority;
} kept;

static void on_alarm(int number)
{
    static const char line[] = "too late\n";
    (void)number;
    if (write(STDERR_FILENO, line, sizeof line - 1) >= 0)
        _exit(LATE);
}

static void set_alarm(int milliseconds)
{
    struct itimerval timer = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void hang_up(void)
{
    if (kept.in) {
        fclose(kept.in);
        fclose(kept.out);
        free(kept.authority);
    }
    memset(&kept, 0, sizeof kept);
}

static void dial(const struct url *url)
{
    struct addrinfo *list = addresses_of(url);
    int fd = -1;
    set_alarm(setting("CONNECT_TIMEOUT_MS"));
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM, 0);
        if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    if (fd < 0)
        die(REFUSED, "nobody there");
    kept.in = fdopen(fd, "r");
    kept.out = fdopen(dup(fd), "w");
    kept.authority = strdup(url->authority);
}

static bool talk(const char *request, struct parser *parser)
{
    char piece[4096];
    fputs(request, kept.out);
    fflush(kept.out);
    while (parser->state != DONE) {
        fflush(stdout); // what came is shown before we wait
        set_alarm(setting("REQUEST_TIMEOUT_MS"));
        int byte = getc(kept.in);
        if (byte == EOF && !parser->began)
            return false;
        if (byte == EOF) {
            parser_end(parser, ferror(kept.in));
            break;
        }
        ungetc(byte, kept.in);
        // All that a line or stdio's own buffer has, and not a byte more.
        size_t length = 0;
        do
            piece[length++] = (char)getc_unlocked(kept.in);
        while (length < sizeof piece && kept.in->_IO_read_ptr < kept.in->_IO_read_end);
        size_t used = parser_feed(parser, piece, length);
        if (used < length)
            parser->keeps = false; // more than an answer
    }
    set_alarm(0);
    return true;
}

static bool is_quiet_now(void)
{
    char byte;
    return kept.in->_IO_read_ptr == kept.in->_IO_read_end &&
           recv(fileno(kept.in), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

static void ask(const struct url *url, const char *request, struct parser *parser)
{
    bool known = kept.in && strcmp(kept.authority, url->authority) == 0 && is_quiet_now();
    if (!known || !talk(request, parser)) {
        hang_up();
        dial(url);
        if (!talk(request, parser))
            die(CUT, "not a word");
    }
    if (!parser->keeps)
        hang_up();
}

int main(int count, char **arguments)
{
    char *buffer = malloc(1 << 20);
    setvbuf(stdout, buffer, _IOFBF, 1 << 20);
    signal(SIGALRM, on_alarm);
    for (char **url = urls_of(count, arguments); *url; url++)
        if (get(*url) >= 400)
            die(ERROR, "the server says no");
    hang_up();
    fflush(stdout);
    setvbuf(stdout, NULL, _IONBF, 0);
    free(buffer);
    return 0;
}
