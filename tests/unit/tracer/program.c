// SPDX-License-Identifier: MIT
/*
 * What the tracer looks at in its tests: PROGRAM MODE connects to 127.0.0.1:$PORT and does one
 * thing, always below a function of the mode's name, so that a test can look for that frame.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char text[] = "a text of some length\n";
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int peer; // the connection

#define MODE __attribute__((noinline)) void

static int join(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&to, sizeof to) != 0)
        exit(99);
    return connection;
}

// ---------------------------------------------------------------- sending

MODE by_write(void)
{
    write(peer, text, strlen(text));
}

MODE by_send(void)
{
    send(peer, text, strlen(text), 0);
}

MODE by_writev(void)
{
    struct iovec parts[] = {{(void *)text, 6}, {(void *)(text + 6), strlen(text) - 6}};
    writev(peer, parts, 2);
}

MODE by_sendmsg(void)
{
    struct iovec parts[] = {{(void *)text, 2}, {(void *)(text + 2), strlen(text) - 2}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    sendmsg(peer, &message, 0);
}

MODE by_sendmmsg(void)
{
    struct iovec parts[] = {{(void *)text, 2}, {(void *)(text + 2), strlen(text) - 2}};
    struct mmsghdr messages[] = {{.msg_hdr = {.msg_iov = &parts[0], .msg_iovlen = 1}},
                                 {.msg_hdr = {.msg_iov = &parts[1], .msg_iovlen = 1}}};
    sendmmsg(peer, messages, 2, 0);
}

MODE by_sendfile(void)
{
    int file = open("/proc/self/exe", O_RDONLY);
    sendfile(peer, file, NULL, 22);
}

static FILE *stream;

MODE by_stdio(void)
{
    fflush(stream);
}

static void stdio_late(void)
{
    stream = fdopen(peer, "w");
    fputs(text, stream);
    by_stdio();
}

MODE by_dprintf(void)
{
    dprintf(peer, "%s", text);
}

// Its frame lies beyond the bytes that are kept.
MODE below_a_large_array(void)
{
    volatile char large[200 << 10];
    large[0] = large[sizeof large - 1] = 1;
    by_write();
    large[1] = 1;
}

static void *thread_main(void *unused)
{
    by_write();
    return unused;
}

static void *thread_later(void *unused)
{
    char path[64], state[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", getpid());
    while (strstr(state, ") Z ") == NULL) { // the main thread is gone
        int file = open(path, O_RDONLY);
        read(file, state, sizeof state - 1);
        close(file);
    }
    int other = dup(peer); // a descriptor that nobody has looked at
    peer = other;
    by_write();
    return unused;
}

static void in_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, thread_main, NULL);
    pthread_join(thread, NULL);
}

static void without_main_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, thread_later, NULL);
    pthread_exit(NULL);
}

static void in_many_threads(void)
{
    enum { COUNT = 200 };
    pthread_t threads[COUNT];
    for (int i = 0; i < COUNT; i++)
        pthread_create(&threads[i], NULL, thread_main, NULL);
    for (int i = 0; i < COUNT; i++)
        pthread_join(threads[i], NULL);
}

static void in_child(void)
{
    if (fork() == 0) {
        by_write();
        _exit(0);
    }
    wait(NULL);
}

static void in_epoll(void)
{
    struct epoll_event event = {.events = EPOLLOUT};
    int loop = epoll_create1(0);
    epoll_ctl(loop, EPOLL_CTL_ADD, peer, &event);
    if (epoll_wait(loop, &event, 1, -1) == 1)
        by_write();
}

MODE after_reset(void)
{
    char bytes[8];
    write(peer, "x", 1);
    read(peer, bytes, sizeof bytes); // the other side resets
    signal(SIGPIPE, SIG_IGN);
    write(peer, text, strlen(text));
}

// ---------------------------------------------------------------- other calls

MODE receives(void)
{
    char bytes[64];
    write(peer, "x", 1);
    recv(peer, bytes, sizeof bytes, 0);
}

MODE closes(void)
{
    shutdown(peer, SHUT_WR);
    close(peer);
    close(peer);
}

MODE fails_to_bind(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    getpeername(peer, (struct sockaddr *)&address, &size);
    bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}

MODE accepts(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 1);
    getsockname(listener, (struct sockaddr *)&address, &size);
    int other = join(ntohs(address.sin_port));
    int client = accept(listener, NULL, NULL);
    write(client, text, strlen(text));
    close(other);
}

MODE fails_to_open(void)
{
    open("no-such-file", O_RDONLY);
    rename("no-such-file", "other");
}

MODE asks_again_and_again(void)
{
    char bytes[8];
    fcntl(peer, F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 500; i++)
        recv(peer, bytes, sizeof bytes, 0);
}

MODE floods(void)
{
    for (int i = 0; i < 30000; i++)
        write(1, i % 2 ? "ab" : "c", i % 2 + 1);
    by_write();
}

// ---------------------------------------------------------------- ends

MODE aborts(void)
{
    abort();
}

MODE exits(void)
{
    exit(3);
}

MODE dereferences(void)
{
    *(volatile int *)(uintptr_t)0x10 = 1;
}

static void nothing(int number)
{
    (void)number;
}

static void survives_signals(void)
{
    signal(SIGUSR1, nothing);
    signal(SIGUSR2, SIG_IGN);
    raise(SIGUSR1);
    raise(SIGUSR2);
    raise(SIGCHLD);
    by_write();
}

static void executes(void)
{
    execl("/proc/self/exe", "program", "by_write", NULL);
}

// What LeakSanitizer does: a child of one's own is traced. It fails under a tracer, and must not
// hang.
static void traces_itself(void)
{
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        pause();
    }
    ptrace(PTRACE_ATTACH, child, NULL, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    by_write();
}

static void stops_itself(void)
{
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        by_write();
        _exit(0);
    }
    waitpid(child, NULL, WUNTRACED);
    kill(child, SIGCONT);
    waitpid(child, NULL, 0);
}

// ---------------------------------------------------------------- hanging; the test waits for "x"

MODE stuck_in_read(void)
{
    char bytes[8];
    write(peer, "x", 1);
    read(peer, bytes, sizeof bytes);
}

MODE stuck_in_poll(void)
{
    int ends[2];
    if (pipe(ends) != 0)
        return;
    struct pollfd ready[] = {{-1, POLLIN, 0}, {ends[0], POLLIN, 0}, {peer, POLLIN, 0}};
    write(peer, "x", 1);
    poll(ready, 3, -1);
}

// With a pipe among them, which is no socket.
MODE stuck_in_select(void)
{
    int ends[2];
    fd_set ready;
    if (pipe(ends) != 0)
        return;
    FD_ZERO(&ready);
    FD_SET(peer, &ready);
    FD_SET(ends[0], &ready);
    write(peer, "x", 1);
    select(ends[0] + 1, &ready, NULL, NULL, NULL);
}

MODE stuck_in_epoll(void)
{
    int loop = epoll_create1(0), ends[2];
    struct epoll_event event = {.events = EPOLLIN};
    if (pipe(ends) != 0)
        return;
    epoll_ctl(loop, EPOLL_CTL_ADD, ends[0], &event);
    epoll_ctl(loop, EPOLL_CTL_ADD, peer, &event);
    write(peer, "x", 1);
    while (epoll_wait(loop, &event, 1, -1) < 0) // EINTR when it is looked at
        continue;
}

MODE stuck_in_lock(void)
{
    pthread_mutex_lock(&lock);
    write(peer, "x", 1);
    pthread_mutex_lock(&lock);
}

MODE stuck_in_loop(void)
{
    write(peer, "x", 1);
    for (volatile int i = 0;; i = 1)
        continue;
}

static void stuck_in_child(void)
{
    if (fork() == 0)
        stuck_in_read();
    wait(NULL);
}

static void *reader_main(void *unused)
{
    stuck_in_read();
    return unused;
}

static void stuck_in_threads(void)
{
    enum { COUNT = 100 };
    pthread_t threads[COUNT];
    for (int i = 0; i < COUNT; i++)
        pthread_create(&threads[i], NULL, reader_main, NULL);
    pthread_join(threads[0], NULL);
}

MODE stuck_in_stop(void)
{
    write(peer, "x", 1);
    raise(SIGSTOP);
}

// The parent cannot be interrupted.
static void stuck_in_vfork(void)
{
    if (vfork() == 0) {
        write(peer, "x", 1);
        pause();
        _exit(0);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} modes[] = {
#define NAME(mode)                                                                                 \
    {                                                                                              \
#mode, mode                                                                                \
    }
    NAME(by_write),
    NAME(without_main_thread),
    NAME(by_send),
    NAME(by_writev),
    NAME(by_sendmsg),
    NAME(by_sendmmsg),
    NAME(by_sendfile),
    NAME(stdio_late),
    NAME(by_dprintf),
    NAME(in_thread),
    NAME(in_child),
    NAME(in_epoll),
    NAME(in_many_threads),
    NAME(after_reset),
    NAME(receives),
    NAME(closes),
    NAME(fails_to_bind),
    NAME(accepts),
    NAME(fails_to_open),
    NAME(floods),
    NAME(asks_again_and_again),
    NAME(aborts),
    NAME(exits),
    NAME(dereferences),
    NAME(survives_signals),
    NAME(executes),
    NAME(traces_itself),
    NAME(stops_itself),
    NAME(stuck_in_read),
    NAME(stuck_in_poll),
    NAME(stuck_in_select),
    NAME(stuck_in_epoll),
    NAME(stuck_in_lock),
    NAME(stuck_in_loop),
    NAME(stuck_in_child),
    NAME(stuck_in_stop),
    NAME(stuck_in_vfork),
    NAME(stuck_in_threads),
    NAME(below_a_large_array),
};

int main(int count, char **arguments)
{
    peer = join(atoi(getenv("PORT")));
    for (size_t i = 0; count == 2 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(modes[i].name, arguments[1]) == 0)
            modes[i].run();
    return 0;
}
