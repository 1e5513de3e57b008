// SPDX-License-Identifier: MIT
// The rows of a ladder: what one line says, which clients get a column, what is told in one line.
#include "render/ladder_rows.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.h"
#include "render/ladder_fold.h"

enum { LONGEST_PATH = 22 };

struct maker {
    const struct check_result *check;
    const struct trace_record *record;
    const struct ladder_items *items;
    struct ladder_rows *rows;
};

static struct ladder_row *add(struct maker *maker, double at)
{
    struct ladder_rows *rows = maker->rows;
    rows->items = mem_resize(rows->items, (rows->count + 1) * sizeof *rows->items);
    struct ladder_row *row = &rows->items[rows->count++];
    *row = (struct ladder_row){.at = at};
    return row;
}

// ---- the server's side

static char *bytes_note(long long count)
{
    return str_format("%lld byte%s", count, count == 1 ? "" : "s");
}

static char *error_note(long long result)
{
    const char *name = result > -4096 ? strerrorname_np((int)-result) : NULL;
    return name != NULL ? mem_copy_string(name) : str_format("error %lld", -result);
}

static bool takes_bytes(const char *call)
{
    return strstr(call, "recv") != NULL || strstr(call, "read") != NULL;
}

static void note_result(struct ladder_row *row, const struct trace_event *event)
{
    if (event->result < 0) {
        row->note = error_note(event->result);
    } else if (event->length > 0) {
        row->note = bytes_note((long long)event->length);
        row->counts = true;
    } else if (event->connection > 0 && event->result == 0 && takes_bytes(row->name)) {
        row->note = mem_copy_string("end of input");
    }
}

static void note_state(struct ladder_row *row, const struct trace_event *event)
{
    const char *word = event->state == 'R'   ? "running"
                       : event->state == 'T' ? "stopped"
                       : event->state == 'D' ? "in the kernel"
                                             : "waiting";
    row->note = mem_copy_string(word);
    row->bad = true;
}

static void set_place(struct ladder_row *row, const struct trace_event *event)
{
    if (event->frame_count > 0 && event->frames[0].file != NULL)
        row->place = str_format("%s:%d", event->frames[0].file, event->frames[0].line);
}

// "open notes.txt"; of a long path the end, which says more.
static char *path_call(const char *name, const char *path)
{
    size_t length = strlen(path);
    if (length <= LONGEST_PATH)
        return str_format("%s %s", name, path);
    const char *end = path + length - LONGEST_PATH + 1;
    while ((*end & 0xc0) == 0x80) // not in the middle of a character
        end++;
    return str_format("%s …%s", name, end);
}

// "recv client 1", "open notes.txt"
static void set_call(struct ladder_row *row, const struct trace_event *event, bool alone)
{
    row->name =
        mem_copy_string(event->call != NULL && event->call[0] != '\0' ? event->call : "no call");
    if (alone && event->connection > 0)
        row->call = str_format("%s %s %d", row->name, event->outgoing ? "server" : "client",
                               event->connection);
    else if (event->path != NULL && event->connection == 0)
        row->call = path_call(row->name, event->path);
    else
        row->call = mem_copy_string(row->name);
    set_place(row, event);
}

static void set_end(struct ladder_row *row, const struct trace_event *event)
{
    int status = (int)event->result;
    if (event->kind == TRACE_SIGNAL)
        row->remark = str_format("ended by %s", event->call != NULL ? event->call : "a signal");
    else if (WIFSIGNALED(status))
        row->remark = str_format("ended by signal %d", WTERMSIG(status));
    else
        row->remark = str_format("exits with status %d", WEXITSTATUS(status));
    set_place(row, event);
    if (row->place != NULL) {
        char *remark = str_format("%s, %s", row->remark, row->place);
        free(row->remark);
        row->remark = remark;
    }
    row->bad = event->kind == TRACE_SIGNAL || WIFSIGNALED(status);
}

static bool is_close(const struct trace_event *event)
{
    return event->connection > 0 && event->result >= 0 && event->call != NULL &&
           (strcmp(event->call, "close") == 0 || strcmp(event->call, "shutdown") == 0);
}

static bool is_connect(const struct trace_event *event)
{
    return event->connection > 0 && event->outgoing && str_equal(event->call, "connect");
}

static void add_call(struct maker *maker, const struct trace_event *event, double at)
{
    struct ladder_row *row = add(maker, at);
    row->connection = event->connection;
    row->outgoing = event->outgoing;
    bool sends = event->from_program && event->length > 0 && event->connection > 0;
    if (sends) {
        row->client = CLIENT_RECEIVES;
        row->text =
            ladder_text(maker->check, event->connection, true, event->offset, event->length);
    } else if (is_close(event)) {
        row->client = CLIENT_IS_LEFT;
    } else if (is_connect(event)) {
        row->client = CLIENT_IS_REACHED;
    }
    set_call(row, event, row->client == CLIENT_NOTHING);
    note_result(row, event);
}

static void add_event(struct maker *maker, const struct ladder_item *item)
{
    const struct trace_event *event = item->event;
    bool end = event->kind == TRACE_SIGNAL || event->kind == TRACE_EXIT;
    // What the system's own code does on the way is of no use here.
    if (event->kind == TRACE_CALL && event->frame_count == 0 && event->connection == 0)
        return;
    if (event->kind == TRACE_CALL) {
        add_call(maker, event, item->at);
        return;
    }
    struct ladder_row *row = add(maker, item->at);
    row->connection = event->connection;
    if (end) {
        set_end(row, event);
    } else {
        set_call(row, event, true);
        note_state(row, event);
    }
}

// ---- the client's side

// The call that took it in stands on the same line when nothing happened in between.
static bool add_answer(struct ladder_row *row, const struct ladder_item *io,
                       const struct ladder_item *next)
{
    if (next == NULL || next->answers != io->io)
        return false;
    set_call(row, next->event, false);
    note_result(row, next->event);
    return true;
}

static enum ladder_client client_of(const struct ladder_item *item)
{
    bool empty = item->length == 0 && item->io->omitted == 0;
    if (item->io->end != NULL)
        return item->io->from_program ? CLIENT_IS_LEFT : CLIENT_LEAVES;
    if (item->io->from_program)
        return empty ? CLIENT_IS_REACHED : CLIENT_RECEIVES;
    return empty ? CLIENT_CONNECTS : CLIENT_SENDS;
}

// Adds the row of what a client did; returns how many items it tells.
static size_t add_io(struct maker *maker, size_t index)
{
    const struct ladder_item *item = &maker->items->items[index];
    const struct ladder_item *next =
        index + 1 < maker->items->count ? &maker->items->items[index + 1] : NULL;
    struct ladder_row *row = add(maker, item->at);
    row->connection = item->io->connection;
    row->outgoing = check_connection_is_outgoing(maker->check, row->connection);
    row->client = client_of(item);
    row->text = mem_copy_string(item->io->end != NULL    ? item->io->end
                                : item->io->text != NULL ? item->io->text
                                                         : "");
    bool known = maker->record->count > 0 && maker->record->lost == 0;
    if (add_answer(row, item, next))
        return 2;
    if (known && !item->answered && !item->io->from_program && item->io->end == NULL)
        row->remark =
            mem_copy_string(row->client == CLIENT_CONNECTS ? "(in the backlog)" : "(not read)");
    return 1;
}

// ---- the end

static bool can_wait_for_time(const char *call)
{
    static const char calls[] = " nanosleep clock_nanosleep poll ppoll select pselect6 epoll_wait "
                                "epoll_pwait rt_sigtimedwait ";
    auto_free char *word = str_format(" %s ", call != NULL ? call : "");
    return strstr(calls, word) != NULL;
}

static void add_stuck(struct maker *maker)
{
    bool any = false, runs = false, stopped = false, timed = false;
    double at = 0;
    for (size_t i = 0; i < maker->record->count; i++) {
        const struct trace_event *event = &maker->record->events[i];
        if (event->kind != TRACE_STUCK)
            continue;
        any = true;
        runs |= event->state == 'R';
        stopped |= event->state == 'T';
        timed |= can_wait_for_time(event->call);
        double seen = event->until > event->at ? event->until : event->at;
        at = seen > at ? seen : at;
    }
    if (!any)
        return;
    struct ladder_row *row = add(maker, at);
    row->remark = mem_copy_string(runs      ? "stuck: it runs and runs"
                                  : stopped ? "stuck: it is stopped"
                                  : timed   ? "stuck: it slept for too long"
                                            : "stuck: nothing can happen any more");
    row->bad = true;
}

struct ladder_rows ladder_rows_of(const struct check_result *check,
                                  const struct trace_record *record, int *out_chosen,
                                  size_t columns, size_t *out_count)
{
    struct ladder_rows rows = {0};
    struct ladder_items items = ladder_items_of(check, record);
    struct maker maker = {check, record, &items, &rows};
    for (size_t i = 0; i < items.count;) {
        if (items.items[i].io != NULL) {
            i += add_io(&maker, i);
            continue;
        }
        add_event(&maker, &items.items[i++]);
    }
    free(items.items);
    add_stuck(&maker);
    *out_count = ladder_choose(check, record, columns, out_chosen);
    ladder_hide(&rows, out_chosen, *out_count);
    ladder_fold(&rows);
    ladder_show_gaps(&rows);
    return rows;
}

static void row_release(struct ladder_row *row)
{
    free(row->text);
    free(row->call);
    free(row->name);
    free(row->place);
    free(row->note);
    free(row->remark);
}

void ladder_rows_drop(struct ladder_rows *rows, size_t from, size_t count)
{
    for (size_t i = from; i < from + count; i++)
        row_release(&rows->items[i]);
    rows->count -= count;
    memmove(&rows->items[from], &rows->items[from + count],
            (rows->count - from) * sizeof *rows->items);
}

void ladder_rows_insert(struct ladder_rows *rows, size_t at, struct ladder_row row)
{
    rows->items = mem_resize(rows->items, (rows->count + 1) * sizeof *rows->items);
    memmove(&rows->items[at + 1], &rows->items[at], (rows->count - at) * sizeof *rows->items);
    rows->items[at] = row;
    rows->count++;
}

void ladder_rows_release(struct ladder_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        row_release(&rows->items[i]);
    free(rows->items);
    *rows = (struct ladder_rows){0};
}
