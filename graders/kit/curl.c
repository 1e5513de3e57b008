// SPDX-License-Identifier: MIT
/*
 * libcurl beside the strict reader: a client that learners know. It speaks over a connection of
 * the kit's, so that connecting, waiting and recording are the same as everywhere. The strict
 * reader reads the bytes too, because libcurl forgives much.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core.h"
#include "net.h"

struct transfer {
    struct kit_connection *connection;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *fields;
    struct str body;
    short events; // that curl waits for on the connection
    double due;   // kit_clock() of curl's own timer; negative: it has none
    CURLcode result;
    char error[CURL_ERROR_SIZE];
};

// ---------------------------------------------------------------- what curl calls

static curl_socket_t give_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    (void)address;
    const struct transfer *transfer = context;
    return transfer->connection->descriptor;
}

static int is_connected(void *context, curl_socket_t descriptor, curlsocktype purpose)
{
    (void)context;
    (void)descriptor;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static int keep_socket(void *context, curl_socket_t descriptor)
{
    (void)context;
    (void)descriptor;
    return 0; // the kit closes it
}

static int note_events(CURL *easy, curl_socket_t descriptor, int what, void *context, void *socket)
{
    (void)easy;
    (void)descriptor;
    (void)socket;
    struct transfer *transfer = context;
    bool in = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    bool out = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    transfer->events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
    return 0;
}

static int note_timer(CURLM *multi, long milliseconds, void *context)
{
    (void)multi;
    struct transfer *transfer = context;
    transfer->due = milliseconds < 0 ? -1 : kit_clock() + (double)milliseconds / 1000;
    return 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    str_append_bytes(&transfer->body, bytes, size * count);
    return size * count;
}

static int record(CURL *easy, curl_infotype type, char *bytes, size_t length, void *context)
{
    (void)easy;
    struct transfer *transfer = context;
    struct kit_connection *connection = transfer->connection;
    bool sent = type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT;
    bool received = type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN;
    if (!sent && !received)
        return 0;
    struct str *all = sent ? &connection->sent : &connection->received;
    kit_record_io(connection, received, all->length, bytes, length);
    str_append_bytes(all, bytes, length);
    return 0;
}

// ---------------------------------------------------------------- the transfer

static void set_up_callbacks(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, is_connected);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, keep_socket);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, record);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_multi_setopt(transfer->multi, CURLMOPT_SOCKETFUNCTION, note_events);
    curl_multi_setopt(transfer->multi, CURLMOPT_SOCKETDATA, transfer);
    curl_multi_setopt(transfer->multi, CURLMOPT_TIMERFUNCTION, note_timer);
    curl_multi_setopt(transfer->multi, CURLMOPT_TIMERDATA, transfer);
}

// Hands the field lines to curl; Accept-Encoding goes by an option of its own, which also makes
// curl take the coding off.
static void set_up_fields(struct transfer *transfer, const char *fields)
{
    static const char coding[] = "Accept-Encoding:";
    for (const char *line = fields; *line != '\0';) {
        size_t length = strcspn(line, "\r\n");
        const char *copy = kit_keep_bytes(line, length);
        if (strncasecmp(copy, coding, sizeof coding - 1) == 0)
            curl_easy_setopt(transfer->easy, CURLOPT_ACCEPT_ENCODING,
                             copy + sizeof coding - 1 + strspn(copy + sizeof coding - 1, " \t"));
        else if (length > 0)
            transfer->fields = curl_slist_append(transfer->fields, copy);
        line += length;
        line += strspn(line, "\r\n");
    }
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->fields);
}

static void set_up(struct transfer *transfer, const char *path, const char *fields)
{
    transfer->due = -1;
    transfer->easy = curl_easy_init();
    transfer->multi = curl_multi_init();
    if (transfer->easy == NULL || transfer->multi == NULL)
        kit_break("libcurl does not start");
    set_up_callbacks(transfer);
    set_up_fields(transfer, fields);
    CURL *easy = transfer->easy;
    const char *url = kit_format("http://127.0.0.1:%d%s", transfer->connection->program_port, path);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); // whatever http_proxy says
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_multi_add_handle(transfer->multi, easy);
}

static void tear_down(struct transfer *transfer)
{
    curl_multi_remove_handle(transfer->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    curl_multi_cleanup(transfer->multi);
    curl_slist_free_all(transfer->fields);
    str_release(&transfer->body);
}

static bool timer_is_due(void *context)
{
    const struct transfer *transfer = context;
    return transfer->due >= 0 && kit_clock() >= transfer->due;
}

// Waits for what curl waits for and tells curl. Returns how many transfers still run.
static int go_on(struct transfer *transfer)
{
    struct kit_connection *connection = transfer->connection;
    struct pollfd poll = {.fd = transfer->events == 0 ? -1 : connection->descriptor,
                          .events = transfer->events};
    struct kit_wait wait = {.polls = &poll,
                            .poll_count = 1,
                            .condition = timer_is_due,
                            .context = transfer,
                            .ends_too = true};
    int running = 0;
    switch (kit_wait(&wait)) {
    case KIT_READY: {
        int mask = ((poll.revents & POLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((poll.revents & POLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((poll.revents & (POLLERR | POLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(transfer->multi, connection->descriptor, mask, &running);
        return running;
    }
    case KIT_MET:
        transfer->due = -1;
        curl_multi_socket_action(transfer->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        return running;
    case KIT_ENDED:
        kit_fail_by_end(kit_the_program(), kit_connection_doing(connection));
    case KIT_HUNG:
        break;
    }
    kit_fail_by_hang(
        kit_format("curl still waits: %s is not whole", kit_connection_doing(connection)),
        connection);
}

static void run(struct transfer *transfer)
{
    int running = 0;
    curl_multi_socket_action(transfer->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    while (running > 0)
        running = go_on(transfer);
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(transfer->multi, &left);
    transfer->result = message == NULL ? CURLE_GOT_NOTHING : message->data.result;
}

// ---------------------------------------------------------------- judging

_Noreturn static void fail_by_curl(const struct transfer *transfer)
{
    struct kit_connection *connection = transfer->connection;
    connection_look_for_crash(kit_connection_doing(connection));
    const char *why =
        transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(transfer->result);
    kit_fail_because(&(struct kit_failure){.message = kit_format("curl says: %s", why),
                                           .connection = connection},
                     kit_format("curl ends with exit status %d", (int)transfer->result));
}

// The strict reader has the first word: its sentences name the byte and the rule.
static struct kit_reply *judge(struct transfer *transfer)
{
    struct kit_connection *connection = transfer->connection;
    struct kit_bytes raw = kit_connection_received(connection);
    struct http_reader reader;
    http_reader_start(&reader, false);
    size_t start = 0;
    enum kit_http_verdict verdict;
    for (;;) { // interim answers come first
        verdict = http_reader_feed(&reader, raw.data + start, raw.length - start, true);
        if (verdict != KIT_HTTP_WHOLE || reader.out.status >= 200)
            break;
        start += reader.out.total;
        http_reader_release(&reader);
        http_reader_start(&reader, false);
    }
    if (verdict == KIT_HTTP_WRONG && (raw.length > start || transfer->result == CURLE_OK))
        reply_fail_rule(connection, &reader, start);
    if (transfer->result != CURLE_OK)
        fail_by_curl(transfer);
    struct kit_reply *reply = reply_make(connection, &reader, start);
    size_t length = transfer->body.length;
    char *body = kit_keep_bytes(transfer->body.data, length);
    reply_set_body(reply, (struct kit_bytes){(unsigned char *)body, length});
    http_reader_release(&reader);
    connection->consumed = raw.length;
    connection->answers++;
    return reply;
}

struct kit_reply *kit_curl_get(struct kit_program *program, const char *path, const char *fields)
{
    kit_settle();
    struct exchange *asked = kit_keep(sizeof *asked);
    *asked = (struct exchange){.kind = EXCHANGE_HTTP,
                               .port = kit_program_port(program),
                               .method = "GET",
                               .path = kit_format("%s", path),
                               .fields = kit_format("%s", fields == NULL ? "" : fields)};
    reproduce_note_http(asked);
    struct transfer transfer = {0};
    transfer.connection = connection_open(program, &(struct kit_connect_options){0});
    connection_set_own(transfer.connection);
    transfer.connection->asked = asked;
    set_up(&transfer, asked->path, asked->fields);
    run(&transfer);
    struct kit_reply *reply = judge(&transfer);
    tear_down(&transfer);
    return reply;
}
