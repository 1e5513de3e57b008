// SPDX-License-Identifier: MIT
/*
 * Tries: message queues of the kernel's
 * Held by: user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

#include <mqueue.h>

static void attack(void)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MSGQUEUE, &limit);
    struct mq_attr attributes = {.mq_maxmsg = 10, .mq_msgsize = 8192};
    int count = 0;
    for (; count < 16; count++) {
        char name[32];
        snprintf(name, sizeof name, "/hostile-%d", count);
        if (mq_open(name, O_RDWR | O_CREAT, 0600, &attributes) < 0)
            break;
    }
    tried("1.3 MB of messages", count == 16 ? 0 : -1);
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "/hostile-%d", i);
        mq_unlink(name);
    }
}
