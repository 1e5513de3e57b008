# SPDX-License-Identifier: MIT
# Programs that misbehave: each gets a message that says what it did, and leaves nothing behind.
load helpers

# The program of hello with some code at the start of main(): the first step fails.
failing() {
  workspace hello
  solve "$*"
  sed -i '1i #include <fcntl.h>\n#include <sys/stat.h>\n#include <sys/prctl.h>' server.c
  cp server.c "$T/mine.c"
  try 1 "$lab" check
  silent
  fits 80
  prints "FAIL 1 listen"
  prints "again: ./lab check listen --seed"
  same server.c "$T/mine.c"
}

@test "exits at once" {
  failing 'fprintf(stderr, "no port\\n"); return 3;'
  prints "error: the program ended with status 3"
  prints "no port"
  try 1 "$lab" check listen --json
  json '.steps[0].checks[0].program | .state == "exited" and .status == 3 and (.stderr | test("no port"))'
}

@test "crashes" {
  failing 'char *nowhere = NULL; *nowhere = 1;'
  prints "error: "
  prints "null pointer"
  try 1 "$lab" check listen --json
  json '.steps[0].checks[0].message | test("null pointer")'
  try 0 "$lab" hint
}

@test "is ended by a signal" {
  failing 'raise(SIGKILL);'
  prints "error: the program was ended by SIGKILL"
  try 1 "$lab" check listen --json
  json '.steps[0].checks[0].program | .state == "signalled" and .status == 9'
}

@test "leaks at its end" {
  workspace hello
  solve 'void handle(int); signal(SIGTERM, handle);'
  cat >>server.c <<'EOS'
void handle(int number)
{
    volatile char *lost = malloc(77);
    lost = NULL;
    (void)lost, (void)number;
    exit(0);
}
EOS
  try 1 "$lab" check
  prints "FAIL 3 quit"
  prints "77 byte"
}

@test "prints 1 GB" {
  failing 'static char line[65536]; for (int i = 0; i < 16384; i++) fwrite(line, 1, sizeof line, stdout); return 0;'
  [ "$(wc -c <"$T/results/out")" -lt 10000 ]
  [ "$(du -sk "$T/home/hello" | cut -f1)" -lt 4000 ]
}

@test "prints 1 GB to stderr, and its head and tail are kept" {
  failing 'static char line[1024]; memset(line, 46, 1023); line[1023] = 10; fprintf(stderr, "begin\\n"); for (int i = 0; i < 1048576; i++) fwrite(line, 1, 1024, stderr); fprintf(stderr, "finish\\n"); return 0;'
  [ "$(wc -c <"$T/results/out")" -lt 10000 ]
  try 1 "$lab" check listen --json
  json '.steps[0].checks[0].program.stderr | length < 200000'
}

@test "closes its stdout and stderr" {
  workspace hello
  solve 'close(0); close(1); close(2); open("/dev/null", O_RDWR);'
  sed -i '1i #include <fcntl.h>' server.c
  try 0 "$lab" check
}

@test "ignores SIGTERM" {
  workspace hello
  solve 'signal(SIGTERM, SIG_IGN);'
  try 1 "$lab" check
  prints "FAIL 3 quit"
  prints "error: "
  prints "SIGTERM"
  prints "hello 70/100 points"
}

@test "goes to the background" {
  failing 'if (fork() > 0) _exit(0); setsid();'
  prints "background"
}

@test "starts children that outlive it" {
  failing 'for (int i = 0; i < 5; i++) if (fork() == 0) { setsid(); if (fork() == 0) for (;;) pause(); _exit(0); } return 0;'
}

@test "listens on another port" {
  failing 'setenv("PORT", "8099", 1);'
  prints "8099"
}

@test "listens on another port by itself, and says nothing" {
  failing 'setenv("PORT", "0", 1);'
  prints "error: the program listens on 127.0.0.1:"
}

@test "listens on IPv6 alone, or on a unix socket" {
  failing 'int on = 1, six = socket(AF_INET6, SOCK_STREAM, 0); setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, \&on, sizeof on); struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(getenv("PORT"))), .sin6_addr = IN6ADDR_LOOPBACK_INIT}; bind(six, (struct sockaddr *)\&any, sizeof any); listen(six, 8); for (;;) pause();'
  prints "error: "
  prints "::1"
}

@test "never listens: it says what the program is doing" {
  failing 'for (;;) pause();'
  prints "pause()"
}

@test "never listens and computes" {
  failing 'volatile unsigned i = 0; for (;;) i++;'
  prints "note: it is at work here and waits for nothing"
}

@test "accepts and never answers" {
  workspace hello
  solve 'int deaf = listen_on(atoi(getenv("PORT"))); accept(deaf, NULL, NULL); for (;;) pause();'
  try 1 "$lab" check
  prints "FAIL 2 greet"
  prints "pause()"
  fits 80
}

@test "answers with escape sequences: they do not reach the terminal" {
  workspace hello
  solve
  sed -i 's/GREETING;/"\\033[31mhello\\a ";/' server.c
  try 1 "$lab" check
  [[ "$out" != *$'\033'* ]]
  prints '\x1b[31mhello'
}
