// SPDX-License-Identifier: MIT
// A pool of threads, four from the start, that take clients from a queue. When a client comes and
// none is free the pool grows, so idle clients block nobody; threads that are too many end.

#include "common/server.h"

enum { POOL_START = 4, POOL_LIMIT = SERVER_CLIENTS, QUEUE_ROOM = 64 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int clients[QUEUE_ROOM]; /* a ring */
    size_t first, waiting;
    size_t threads, idle;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* The next client for a thread; -1 when the thread is not needed any more. */
static int take_client(void)
{
    int client = -1;
    pthread_mutex_lock(&pool.lock);
    pool.idle++;
    while (!pool.waiting && pool.idle <= POOL_START)
        pthread_cond_wait(&pool.changed, &pool.lock);
    pool.idle--;
    if (pool.waiting) {
        client = pool.clients[pool.first];
        pool.first = (pool.first + 1) % QUEUE_ROOM;
        pool.waiting--;
        pthread_cond_broadcast(&pool.changed); /* there is room again */
    } else {
        pool.threads--;
    }
    pthread_mutex_unlock(&pool.lock);
    return client;
}

static void *work(void *unused)
{
    int client;
    while ((client = take_client()) >= 0)
        server_talk(client, &server_wire);
    return unused;
}

/* Call with the lock held. */
static void add_thread(void)
{
    pthread_t thread;
    if (pool.threads < POOL_LIMIT && !pthread_create(&thread, NULL, work, NULL)) {
        pthread_detach(thread);
        pool.threads++;
    }
}

static void give_client(int client)
{
    pthread_mutex_lock(&pool.lock);
    while (pool.waiting == QUEUE_ROOM)
        pthread_cond_wait(&pool.changed, &pool.lock);
    pool.clients[(pool.first + pool.waiting) % QUEUE_ROOM] = client;
    pool.waiting++;
    if (pool.idle < pool.waiting)
        add_thread();
    pthread_cond_broadcast(&pool.changed);
    pthread_mutex_unlock(&pool.lock);
}

int main(void)
{
    http_configure();
    int listener = server_listen_ipv4(INADDR_LOOPBACK);
    pthread_mutex_lock(&pool.lock);
    for (int i = 0; i < POOL_START; i++)
        add_thread();
    pthread_mutex_unlock(&pool.lock);
    for (;;)
        give_client(server_accept(listener));
}
