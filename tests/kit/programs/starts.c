// SPDX-License-Identifier: MIT
// Starts in some way or other, and then answers each line.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "start.h"

static int listen_on_ipv6(bool only)
{
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    int flag = only;
    setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &flag, sizeof flag);
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)own_port())};
    if (bind(listener, (struct sockaddr *)&name, sizeof name) != 0 || listen(listener, 64) != 0)
        exit(1);
    return listener;
}

static int listen_in_background(void)
{
    if (fork() != 0)
        _exit(0);
    setsid();
    return listen_here();
}

static int listen_in_child(void)
{
    if (fork() == 0)
        answer_all(listen_here());
    for (;;)
        pause();
}

static int listen_late(void)
{
    static char text[200 * 1024];
    memset(text, 'x', sizeof text);
    write(1, text, sizeof text);
    usleep(600000);
    return listen_here();
}

static int flood(void)
{
    static char text[1 << 16];
    for (;;)
        write(1, text, sizeof text);
}

static int flood_errors(void)
{
    static char text[1 << 16];
    write(2, "the beginning\n", 14);
    for (int i = 0; i < 500; i++)
        write(2, text, sizeof text);
    write(2, "\nthe end\n", 9);
    exit(1);
}

static int eat_memory(void)
{
    for (;;) {
        char *block = malloc(1 << 20);
        if (block != NULL)
            memset(block, 1, 1 << 20);
    }
}

static int eat_memory_together(void)
{
    for (int i = 0; i < 8; i++)
        fork();
    for (int i = 0; i < 16; i++)
        memset(malloc(1 << 20), 1, 1 << 20);
    for (;;)
        pause();
}

static int wait_for_ever(void *unused)
{
    for (;;)
        pause();
}

// Three processes with one memory. They are there for long enough to be weighed.
static int share_memory(void)
{
    static char stacks[2][16 * 1024];
    const size_t size = (size_t)400 << 20;
    void *much = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(much, 1, size);
    for (int i = 0; i < 2; i++)
        clone(wait_for_ever, stacks[i] + sizeof stacks[i], CLONE_VM | SIGCHLD, NULL);
    usleep(300000);
    return listen_here();
}

static int close_output(void)
{
    close(0);
    close(1);
    close(2);
    return listen_here();
}

static int exit_with_3(void)
{
    fprintf(stderr, "no configuration\n");
    exit(3);
}

static int read_first(void)
{
    int ends[2];
    char byte;
    pipe(ends);
    read(ends[0], &byte, 1);
    return -1;
}

static int bind_only(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)own_port())};
    bind(listener, (struct sockaddr *)&name, sizeof name);
    accept(listener, NULL, NULL); // fails: nobody said listen
    for (;;)
        pause();
}

static int make_odd_files(void)
{
    chdir(getenv("FILES_DIR"));
    symlink("/etc/passwd", "link");
    mkfifo("fifo", 0600);
    mkdir("folder", 0700);
    return listen_here();
}

static int make_file(void)
{
    chdir(getenv("FILES_DIR"));
    int file = open("given", O_WRONLY | O_CREAT, 0600);
    write(file, "by the program", 14);
    return listen_here();
}

// A program that sees the time of the file that the check has given it.
static int tell_time(void)
{
    struct stat facts = {0};
    chdir(getenv("FILES_DIR"));
    stat("given", &facts);
    fprintf(stderr, "%lld.%09ld\n", (long long)facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
    return listen_here();
}

static int replace_folder(void)
{
    rename("/tmp/files", "/tmp/away");
    symlink("/usr/bin", "/tmp/files");
    return listen_here();
}

// A record, as the check would write it, to every descriptor that there is.
static int forge(void)
{
    static const char record[] = "{\"record\":\"end\",\"result\":\"passed\",\"longest_wait\":0}\n";
    for (int file = 0; file < 1024; file++)
        write(file, record, sizeof record - 1);
    exit(0);
}

static int print_environment(void)
{
    for (char **variable = environ; *variable != NULL; variable++)
        fprintf(stderr, "%s\n", *variable);
    return listen_here();
}

static int listen_nowhere(void)
{
    return listen_at(INADDR_ANY, 8080);
}

static int listen_everywhere(void)
{
    return listen_at(INADDR_ANY, own_port());
}

static int listen_ipv6_only(void)
{
    return listen_on_ipv6(true);
}

static int listen_both(void)
{
    return listen_on_ipv6(false);
}

static const struct {
    const char *name;
    int (*start)(void);
} ways[] = {
    {"elsewhere", listen_nowhere},
    {"everywhere", listen_everywhere},
    {"ipv6_only", listen_ipv6_only},
    {"both", listen_both},
    {"background", listen_in_background},
    {"child", listen_in_child},
    {"late", listen_late},
    {"flood", flood},
    {"flood_errors", flood_errors},
    {"memory", eat_memory},
    {"memory_together", eat_memory_together},
    {"memory_shared", share_memory},
    {"closed_output", close_output},
    {"exit", exit_with_3},
    {"read", read_first},
    {"bind_only", bind_only},
    {"odd_files", make_odd_files},
    {"file", make_file},
    {"time", tell_time},
    {"replaced_folder", replace_folder},
    {"forge", forge},
    {"environment", print_environment},
};

int main(void)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, getenv("MODE")) == 0)
            answer_all(ways[i].start());
    answer_all(listen_here());
}
