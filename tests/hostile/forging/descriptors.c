// SPDX-License-Identifier: MIT
/*
 * Tries: to find a descriptor of the grader's, or the status socket
 * Held by: init-close
 * Told: nothing
 */
#define OWN_MAIN
#include "hostile.h"

static void attack(void)
{
    for (int file = 3; file < 4096; file++) {
        char what[32];
        snprintf(what, sizeof what, "descriptor %d", file);
        if (fcntl(file, F_GETFD) >= 0)
            through(what);
    }
}

int main(void)
{
    attack();
    serve(listen_on(atoi(getenv("PORT"))));
}
