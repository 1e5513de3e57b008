# SPDX-License-Identifier: MIT
# Which line did it: programs with one fault each; the line that has to be named is marked HERE.
load helpers

# A server of hello: what `serve` does with a client is the test's. Further code comes before it.
server() {
  workspace hello
  { echo '#include "headers.h"'; cat; } >server.c
  cat >>server.c <<'EOS'
static int listen_on(int port)
{
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 8) < 0)
        return -1;
    return listener;
}
int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    int listener = listen_on(atoi(getenv("PORT")));
    for (;;) {
        int client = accept(listener, NULL, NULL);
        start(client);
    }
}
EOS
  cat >headers.h <<'EOS'
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
EOS
}

# The check fails, and the first line that is named is the marked one: HOW FUNCTION STEP…
names() {
  local how=$1 function=$2 line
  shift 2
  line=$(grep -n HERE server.c | head -n 1 | cut -d : -f 1)
  try 1 "$lab" check --json "$@"
  silent
  json "[.steps[].checks[] | select(.status == \"failed\")][0].where
        | .how == \"$how\" and .file == \"server.c\" and .line == $line
          and .function == \"$function\""
}

# The same, with answer_to: it reads the name and makes an answer with one wrong byte.
answers_wrong() {
  local code
  code=$(cat)
  server <<EOS
static size_t answer_to(int client, char *answer)
{
    char name[200] = "";
    ssize_t got = recv(client, name, sizeof name - 1, 0);
    return got > 0 ? (size_t)sprintf(answer, "hello-%s", name) : 0;
}
$code
EOS
}

# The line that sent is wanted, whichever made the bytes.
sent_here() {
  local line
  line=$(grep -n HERE server.c | head -n 1 | cut -d : -f 1)
  try 1 "$lab" check greet --json
  silent
  json "[.steps[].checks[] | select(.status == \"failed\")][0].lines
        | map(select(.how == \"sent_by\"))[0]
        | .file == \"server.c\" and .line == $line"
}

@test "sent by send()" {
  answers_wrong <<'EOS'
static void start(int client)
{
    char answer[256];
    size_t length = answer_to(client, answer);
    send(client, answer, length, 0); // HERE
    close(client);
}
EOS
  sent_here
}

@test "sent by a stream that is flushed late" {
  answers_wrong <<'EOS'
static void start(int client)
{
    char answer[256];
    size_t length = answer_to(client, answer);
    FILE *stream = fdopen(client, "w");
    fwrite(answer, 1, length, stream);
    fclose(stream); // HERE
}
EOS
  sent_here
}

@test "sent by a thread" {
  answers_wrong <<'EOS'
static void *work(void *given)
{
    int client = (int)(intptr_t)given;
    char answer[256];
    size_t length = answer_to(client, answer);
    write(client, answer, length); // HERE
    close(client);
    return NULL;
}
static void start(int client)
{
    pthread_t thread;
    pthread_create(&thread, NULL, work, (void *)(intptr_t)client);
    pthread_detach(thread);
}
EOS
  sent_here
}

@test "sent by a forked child" {
  answers_wrong <<'EOS'
static void start(int client)
{
    if (fork() == 0) {
        char answer[256];
        size_t length = answer_to(client, answer);
        dprintf(client, "%.*s", (int)length, answer); // HERE
        _exit(0);
    }
    close(client);
    wait(NULL);
}
EOS
  sent_here
}

@test "sent by sendfile()" {
  answers_wrong <<'EOS'
static void start(int client)
{
    char answer[256];
    size_t length = answer_to(client, answer);
    int file = open("/tmp/answer", O_RDWR | O_CREAT | O_TRUNC, 0600);
    write(file, answer, length);
    off_t from = 0;
    sendfile(client, file, &from, length); // HERE
    close(file);
    close(client);
}
EOS
  sent_here
}

@test "sent by a loop of epoll" {
  answers_wrong <<'EOS'
static void flush_answer(int client, const char *answer, size_t length)
{
    send(client, answer, length, 0); // HERE
}
static void start(int client)
{
    int set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = client};
    epoll_ctl(set, EPOLL_CTL_ADD, client, &event);
    if (epoll_wait(set, &event, 1, -1) == 1) {
        char answer[256];
        flush_answer(event.data.fd, answer, answer_to(client, answer));
    }
    close(client);
    close(set);
}
EOS
  sent_here
}

# Without calls at a function's end being made to jumps.
@test "sent by a function of the optimized build that ends in the call" {
  answers_wrong <<'EOS'
#define LONE static __attribute__((noinline, noclone))
LONE ssize_t flush_answer(int client, const char *answer, size_t length)
{
    return send(client, answer, length, 0); // HERE
}
LONE ssize_t reply(int client, const char *answer, size_t length)
{
    return flush_answer(client, answer, length);
}
static void start(int client)
{
    char answer[256];
    reply(client, answer, answer_to(client, answer));
    close(client);
}
EOS
  line=$(grep -n HERE server.c | cut -d : -f 1)
  try 1 "$lab" check greet/greets_a_second_client --json
  json "[.steps[].checks[] | select(.status == \"failed\")][0].lines
        | map(select(.how == \"sent_by\"))[0]
        | .line == $line and .function == \"flush_answer\"
          and [.called_from[].function] == [\"reply\", \"start\", \"main\"]"
}

@test "closed too early" {
  server <<'EOS'
static void finish(int client)
{
    close(client); // HERE
}
static void start(int client)
{
    char name[200];
    recv(client, name, sizeof name, 0);
    send(client, "hello ", 6, 0);
    finish(client);
}
EOS
  names closed_by finish greet
}

@test "a port that is taken" {
  server <<'EOS'
static void start(int client)
{
    close(client);
}
EOS
  # Twice the same address.
  sed -i 's|    if (bind(.*|    bind(listener, (struct sockaddr *)\&address, sizeof address);\
    listener = socket(AF_INET, SOCK_STREAM, 0);\
    int bound = bind(listener, (struct sockaddr *)\&address, sizeof address); // HERE\
    if (bound < 0)|' server.c
  sed -i 's|        return -1;|        exit(1);|' server.c
  names failed_in listen_on listen
  json '.steps[0].checks[0].lines[0].note | test("EADDRINUSE")'
}

@test "exit in a function" {
  server <<'EOS'
static void give_up(void)
{
    exit(1); // HERE
}
static void start(int client)
{
    char name[200];
    recv(client, name, sizeof name, 0);
    give_up();
}
EOS
  names ended_by give_up greet
}

@test "a client that is waited for" {
  server <<'EOS'
static void start(int client)
{
    char name[8];
    for (;;)
        recv(client, name, sizeof name, 0); // HERE
}
EOS
  names stuck_in start greet/greets_by_name
  json '.steps[1].checks[0].lines[0].call == "recv() on client 1"'
}

# Where it waits is told too.
waits() {
  json ".steps[1].checks[0].lines | map(select(.how == \"stuck_in\"))[0] | .call == \"$1\""
}

@test "a poll that nothing ends" {
  server <<'EOS'
#include <poll.h>
static void start(int client)
{
    struct pollfd ready[2] = {{client, POLLPRI, 0}, {client, POLLPRI, 0}}; // HERE
    poll(ready, 1, -1);
}
EOS
  names made_by start greet/greets_by_name
  waits "poll() on client 1"
}

@test "a select and an epoll that nothing ends" {
  server <<'EOS'
static void start(int client)
{
    int set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLPRI}; // HERE
    epoll_ctl(set, EPOLL_CTL_ADD, client, &event);
    epoll_wait(set, &event, 1, -1);
}
EOS
  names made_by start greet/greets_by_name
  waits "epoll_wait() on client 1"
  sed -i 's| // HERE||' server.c
  sed -i 's|    epoll_wait(.*|    fd_set waits;\
    FD_ZERO(\&waits);\
    FD_SET(client, \&waits);\
    select(client + 1, NULL, NULL, \&waits, NULL); // HERE|' server.c
  names stuck_in start greet/greets_by_name
  json '.steps[1].checks[0].lines[0].call == "select() on client 1"'
}

@test "a loop that never ends" {
  server <<'EOS'
static volatile unsigned int turns;
static void start(int client)
{
    for (;;) turns += (unsigned int)client; // HERE
}
EOS
  names stuck_in start greet/greets_by_name
}

@test "two threads that wait for each other" {
  server <<'EOS'
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;
static void *other(void *unused)
{
    pthread_mutex_lock(&second);
    pthread_barrier_wait(&both);
    pthread_mutex_lock(&first);
    return unused;
}
static void start(int client)
{
    pthread_t thread;
    pthread_barrier_init(&both, NULL, 2);
    pthread_create(&thread, NULL, other, NULL);
    pthread_mutex_lock(&first);
    pthread_barrier_wait(&both);
    pthread_mutex_lock(&second); // HERE
    close(client);
}
EOS
  try 1 "$lab" check greet/greets_by_name --json
  line=$(grep -n HERE server.c | cut -d : -f 1)
  json ".steps[1].checks[0].lines | map(select(.how == \"stuck_in\" and .call == \"a lock\"))
        | length == 2 and any(.line == $line)
          and all(.note | test(\"waits there for one that this thread holds\"))"
}

# It knows by the options of the sanitizer that it runs once more: a stand-in for chance.
second_time() {
  server <<EOS
static void start(int client)
{
    char name[200] = "", answer[256];
    ssize_t got = recv(client, name, sizeof name - 1, 0);
    int again = strstr(getenv("ASAN_OPTIONS"), "detect_leaks=0") != NULL;
    int length = sprintf(answer, again ? "$1" : "hello-%.*s", (int)got, name);
    send(client, answer, (size_t)length, 0);
    close(client);
}
EOS
  try 1 "$lab" check greet/greets_by_name --json
  silent
}

@test "a second run that ends in another way is told in one sentence" {
  second_time 'hello %.*s'
  json '.steps[1].checks[0] | .message | test("hello-")|not'
  json '.steps[1].checks[0] | (has("where") | not) and (.lines // [] | length) == 0'
  json '.steps[1].checks[0].trace_notes == ["the check passed when it was run again to find the line: the same input gives different results"]'
  second_time '%.*s'
  json '.steps[1].checks[0] | (has("where") | not) and (.lines // [] | length) == 0'
  json '.steps[1].checks[0].trace_notes | length == 1 and
    (.[0] | startswith("the check ended in another way when it was run again to find the line: "))'
}

@test "LAB_TRACE=off looks for no lines" {
  answers_wrong <<'EOS'
static void start(int client)
{
    char answer[256];
    send(client, answer, answer_to(client, answer), 0);
    close(client);
}
EOS
  LAB_TRACE=off try 1 "$lab" check --json
  json '[.steps[].checks[] | select(has("where") or has("trace_notes"))] == []'
}

@test "somebody who is not root sees the same" {
  be_ordinary
  "${ordinary[@]}" "$lab" start hello "$T/home/mine" >/dev/null
  cd "$T/home/mine"
  sed 's/send(client, answer, length, 0);/send(client, answer, length - 1, 0); \/\/ HERE/' \
    "$here/course/labs/hello/solution/server.c" >"$T/home/new.c"
  cp "$T/home/new.c" server.c
  line=$(grep -n HERE server.c | cut -d : -f 1)
  try 1 "${ordinary[@]}" "$lab" check greet --json
  json ".steps[1].checks[0].lines | map(select(.line == $line)) | length > 0"
}

@test "without namespaces the lines are the same" {
  server <<'EOS'
static void start(int client)
{
    char name[8];
    for (;;)
        recv(client, name, sizeof name, 0); // HERE
}
EOS
  for level in container none; do
    names stuck_in start greet/greets_by_name --sandbox "$level"
    json '.steps[1].checks[0].lines[0].call == "recv() on client 1"'
  done
}

@test "without namespaces the line that sent is found" {
  answers_wrong <<'EOS'
static void start(int client)
{
    char answer[256];
    size_t length = answer_to(client, answer);
    send(client, answer, length, 0); // HERE
    close(client);
}
EOS
  for level in container none; do
    export LAB_SANDBOX=$level
    sent_here
  done
}

@test "without a tracer the sentence says so" {
  be_ordinary
  rm "$T/in stalled/libexec/lab/tracer"
  "${ordinary[@]}" "$lab" start hello "$T/home/mine" >/dev/null
  cd "$T/home/mine"
  try 1 "${ordinary[@]}" "$lab" check --json
  json '[.steps[].checks[] | select(.status == "failed")][0].trace_notes[0] | test("tracer is neither")'
}

# ---------------------------------------------------------------- answers of a library

# libmicrohttpd sends what it was given long before, from a thread and a buffer of its own.
site_with() {
  export LAB_HOME=$LAB_SOURCE
  "$lab" start http-caching "$T/site" >"$T/started"
  cd "$T/site"
  cp "$LAB_SOURCE/labs/http-caching/solution/site.c" .
  patch -s -p1 <"$LAB_SOURCE/labs/http-caching/wrong/$1.patch"
}

@test "a field that libmicrohttpd sent is told by the line that printed it" {
  site_with no-quotes
  try 1 "$lab" check etag/document_has_a_tag
  prints "made by site.c:$(sed -n '/hash_bytes(file->bytes/=' site.c) in tag_of()"
}

@test "a status that libmicrohttpd sent is told by the line that returned it" {
  site_with no-star
  try 1 "$lab" check if-none-match/star_matches_what_is_there
  prints "made by site.c:$(sed -n '/^static int conditions/,/^}/{/return 200;/=}' site.c) in conditions()"
}
