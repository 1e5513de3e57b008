// SPDX-License-Identifier: MIT
// A block that another thread has freed.
#include <pthread.h>
#include <stdlib.h>

static void *worker(void *block)
{
    free(block); // freed
    return 0;
}

int main(void)
{
    char *block = malloc(10); // allocated
    pthread_t thread;
    pthread_create(&thread, 0, worker, block);
    pthread_join(thread, 0);
    block[3] = 'x'; // crash
}
