// SPDX-License-Identifier: MIT
/*
 * What one thread did when its program was found stuck. Locks, conditions and the end of a thread
 * are one system call (futex); which it is, the library's function that called it tells.
 */
#include "trace/stuck_thread.h"

#include <stdlib.h>
#include <string.h>

#include "trace/rules.h"

static const struct {
    const char *part; // of a function's name
    enum thread_doing doing;
    const char *words;
} waits[] = {
    {"mutex_lock", THREAD_LOCK, "a lock"},
    {"mutex_timedlock", THREAD_LOCK, "a lock"},
    {"mtx_lock", THREAD_LOCK, "a lock"},
    {"rwlock", THREAD_LOCK, "a lock"},
    {"spin_lock", THREAD_LOCK, "a lock"},
    {"cond_wait", THREAD_CONDITION, "a condition"},
    {"cond_timedwait", THREAD_CONDITION, "a condition"},
    {"cnd_wait", THREAD_CONDITION, "a condition"},
    {"sem_wait", THREAD_CONDITION, "a semaphore"},
    {"barrier_wait", THREAD_CONDITION, "a barrier"},
    {"pthread_once", THREAD_CONDITION, "pthread_once()"},
    {"join", THREAD_JOIN, "the end of a thread"},
    {"thrd_join", THREAD_JOIN, "the end of a thread"},
};
enum { WAIT_COUNT = sizeof waits / sizeof *waits };

// The first of the library's functions above the learner's own that is one of the table's.
static int futex_wait_kind(const struct event *event)
{
    for (size_t i = 0; i < event->frame_count && event->frames[i].file == NULL; i++)
        for (int kind = 0; event->frames[i].function != NULL && kind < WAIT_COUNT; kind++)
            if (strstr(event->frames[i].function, waits[kind].part) != NULL)
                return kind;
    return -1;
}

static bool has_mutex(const struct event *event)
{
    for (size_t i = 0; i < event->frame_count && event->frames[i].file == NULL; i++)
        if (event->frames[i].function != NULL &&
            (strstr(event->frames[i].function, "mutex_") != NULL ||
             strstr(event->frames[i].function, "mtx_") != NULL))
            return true;
    return false;
}

// pthread_mutex_t of glibc: an int that is waited for, a count, and the owner's number.
static int mutex_owner(const struct event *event)
{
    int32_t words[3];
    if (!has_mutex(event) || event->data.length < sizeof words)
        return 0;
    memcpy(words, event->data.data, sizeof words);
    return words[2];
}

static enum thread_doing doing_of(const struct event *event)
{
    switch (event->call->kind) {
    case CALL_LOCK: {
        int kind = futex_wait_kind(event);
        return kind >= 0 ? waits[kind].doing : THREAD_CONDITION;
    }
    case CALL_ACCEPT:
        return THREAD_LISTENER;
    case CALL_POLL:
        return THREAD_POLL;
    case CALL_SLEEP:
        return THREAD_SLEEP;
    case CALL_SEND:
    case CALL_RECEIVE:
        return event->shown.connection > 0 ? THREAD_CONNECTION : THREAD_OTHER;
    default:
        return THREAD_OTHER;
    }
}

struct stuck_thread stuck_thread_of(const struct event *event)
{
    struct stuck_thread thread = {.event = event};
    const char state = event->shown.state;
    if (state == 'T' || state == 't')
        thread.doing = THREAD_STOPPED;
    else if (state == 'R')
        thread.doing = THREAD_RUNS;
    else
        thread.doing = doing_of(event);
    if (thread.doing == THREAD_LOCK) {
        thread.lock = event->arguments[0];
        thread.owner = mutex_owner(event);
    }
    return thread;
}

// ---------------------------------------------------------------- in words

static char *polled_clients(const struct event *event)
{
    int clients[8];
    size_t count = 0;
    bool outgoing = false;
    for (size_t i = 0; i < event->socket_count && count < sizeof clients / sizeof *clients; i++) {
        if (event->sockets[i].connection == 0)
            continue;
        clients[count++] = event->sockets[i].connection;
        outgoing |= event->sockets[i].outgoing;
    }
    struct str text = STR_INIT;
    for (size_t i = 0; i < count; i++) {
        const char *first = outgoing ? " on connection " : " on client ";
        const char *join = i == 0 ? first : i + 1 == count ? " and " : ", ";
        str_append_format(&text, "%s%d", join, clients[i]);
    }
    return str_take(&text);
}

char *stuck_thread_call(const struct stuck_thread *thread, const char *line)
{
    const struct event *event = thread->event;
    if (event->number < 0)
        return NULL;
    int kind = event->call->kind == CALL_LOCK ? futex_wait_kind(event) : -1;
    if (event->call->kind == CALL_LOCK)
        return mem_copy_string(kind >= 0 ? waits[kind].words : "a lock or a condition");
    auto_free char *name = call_name(event, line);
    if (name == NULL || strchr(name, ' ') != NULL)
        return take(name);
    if (event->shown.connection > 0)
        return str_format("%s() on %s %d", name, event->shown.outgoing ? "connection" : "client",
                          event->shown.connection);
    auto_free char *clients = polled_clients(event);
    return str_format("%s()%s", name, clients);
}
