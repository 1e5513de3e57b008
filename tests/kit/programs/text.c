// SPDX-License-Identifier: MIT
/*
 * A server of lines, a thread for each client. `say X` is answered with the line X, or by MODE with
 *   lf      a line that ends in \n alone      half   a line that has no end
 *   other   another line                      close  the end of the connection
 * `bye` ends the program with status 3. Of memcached's protocol it knows a little: set stores
 * nothing, and every key holds `red` (MODE wrong: `rex`); MODE burn: each answer costs CPU time.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int is_mode(const char *name)
{
    const char *mode = getenv("MODE");
    return mode != NULL && strcmp(mode, name) == 0;
}

static void say(FILE *out, const char *text)
{
    if (is_mode("other"))
        text = "something";
    fprintf(out, "%s%s", text, is_mode("lf") ? "\n" : is_mode("half") ? "" : "\r\n");
}

static void value(FILE *out, const char *key, int with_unique)
{
    volatile unsigned burnt = 0;
    if (is_mode("burn"))
        for (int i = 0; i < 20000; i++)
            burnt += (unsigned)i;
    fprintf(out, "VALUE %s 7 3%s\r\n%s\r\nEND\r\n", key, with_unique ? " 42" : "",
            is_mode("wrong") ? "rex" : "red");
}

static void *serve(void *argument)
{
    int client = (int)(long)argument;
    FILE *in = fdopen(client, "r"), *out = fdopen(dup(client), "w");
    char line[1000], word[300];
    while (fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (strcmp(line, "bye") == 0)
            exit(3);
        if (strncmp(line, "say ", 4) == 0 && is_mode("close"))
            break;
        if (strncmp(line, "say ", 4) == 0)
            say(out, line + 4);
        else if (sscanf(line, "gets %299s", word) == 1)
            value(out, word, 1);
        else if (sscanf(line, "get %299s", word) == 1)
            value(out, word, 0);
        else if (strncmp(line, "set ", 4) == 0 && fgets(line, sizeof line, in) != NULL)
            fputs("STORED\r\n", out);
        else
            fputs("NOT_FOUND\r\n", out);
        fflush(out);
    }
    fclose(in);
    fclose(out);
    return NULL;
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((in_port_t)atoi(getenv("PORT"))),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 64) != 0)
        return 1;
    for (;;) {
        pthread_t thread;
        long client = accept(listener, NULL, NULL);
        if (client >= 0 && pthread_create(&thread, NULL, serve, (void *)client) == 0)
            pthread_detach(thread);
    }
}
