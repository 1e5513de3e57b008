// SPDX-License-Identifier: MIT
// A thread that writes past its block.
#include <pthread.h>
#include <stdlib.h>

static void *worker(void *block)
{
    ((char *)block)[12] = 'x'; // crash
    return 0;
}

int main(void)
{
    char *block = malloc(10); // allocated
    pthread_t thread;
    pthread_create(&thread, 0, worker, block); // thread
    pthread_join(thread, 0);
    free(block);
}
