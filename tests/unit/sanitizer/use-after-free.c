// SPDX-License-Identifier: MIT
// A list whose next link is read from a freed element.
#include <stdlib.h>

struct item {
    struct item *next;
    long value[3];
};

static void drop(struct item *list)
{
    while (list != 0) {
        free(list);        // freed
        list = list->next; // crash
    }
}

int main(void)
{
    struct item *list = calloc(1, sizeof *list); // allocated
    drop(list);                                  // caller
}
