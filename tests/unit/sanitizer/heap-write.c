// SPDX-License-Identifier: MIT
// A body of n bytes and a final NUL in a block of n bytes.
#include <stdlib.h>
#include <string.h>

static char *read_body(const char *from, size_t length)
{
    char *body = malloc(length); // allocated
    memcpy(body, from, length);
    body[length] = '\0'; // crash
    return body;
}

static void serve(const char *request)
{
    free(read_body(request, strlen(request))); // caller
}

int main(void)
{
    serve("POST /files/kiwi-88 twenty"); // caller
}
