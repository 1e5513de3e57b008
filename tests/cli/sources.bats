# SPDX-License-Identifier: MIT
# Source that does not compile, or should not: said with file and line, exit 1, nothing lost.
load helpers

# server.c is what stdin says; check must refuse it, and leave it as it is.
refused() {
  cat >server.c
  cp server.c "$T/mine.c"
  try "${status:-1}" "$lab" check
  silent
  fits 80
  prints "FAIL compile"
  same server.c "$T/mine.c"
}

@test "the compiler's first error, unaltered, with what is left" {
  workspace hello
  refused <<'EOS'
int main(void)
{
    int unused;
    return "hello"
}
int more(void) { return missing; }
EOS
  prints "server.c:4:19: error: expected ';' before '}' token"
  prints "4 | return \"hello\""
  prints "note: 1 more error"
  prints "(./lab check -v)"
  prints "next: edit server.c:4, then \`./lab check\`"
  prints_not "missing"
  try 1 "$lab" check -v
  prints "server.c:6:25: error: 'missing' undeclared"
}

@test "an error in another file" {
  workspace hello
  mkdir parts
  echo 'int broken(void) { return 1 }' >parts/broken.c
  refused <<<'int main(void) { return 0; }'
  prints "parts/broken.c:1:28: error"
  prints "next: edit parts/broken.c:1"
}

@test "empty source" {
  workspace hello
  refused </dev/null
  prints "undefined reference to \`main'"
  prints "help: a program begins in int main(void); no .c file here has one"
}

@test "no main" {
  workspace hello
  refused <<<'int helper(void) { return 0; }'
  prints "undefined reference to \`main'"
}

@test "two mains" {
  workspace hello
  echo 'int main(void) { return 0; }' >again.c
  refused <<<'int main(void) { return 0; }'
  prints "multiple definition of \`main'"
}

@test "no source at all" {
  workspace hello
  rm server.c
  try 1 "$lab" check
  prints "there is no source file: no name ends in .c"
}

@test "10 MB of source are compiled, and more is refused" {
  workspace hello
  solve
  head -c 9900000 /dev/zero | tr '\0' '\n' >>server.c
  try 0 "$lab" check
  head -c 900000 /dev/zero | tr '\0' '\n' >>server.c
  try 4 "$lab" check
  says "server.c: is larger than 10 MB"
  says "help: make the source file smaller"
  [ "$(wc -c <server.c)" -gt 10000000 ]
}

@test "includes from outside see nothing of the lab, the home folder or other workspaces" {
  workspace hello
  echo 'secret' >"$T/home/secret.h"
  for path in "$T/home/secret.h" "$LAB_HOME/labs/hello/solution/server.c" /etc/hostname ../secret.h \
    "$T/course/graders/hello"; do
    refused <<<"#include \"$path\""
    prints "$path: No such file or directory"
    prints "server.c:1:"
    prints_not secret$
  done
  refused <<<"#include \"/proc/1/root$T/home/secret.h\""
  prints "Permission denied"
  refused <<<"__asm__(\".incbin \\\"$LAB_HOME/labs/hello/lab.json\\\"\"); int main(void) { return 0; }"
  prints "file not found"
}

@test "a source that is a link, a folder, a pipe, or cannot be read" {
  workspace hello
  ln -sf /etc/passwd more.c
  try 4 "$lab" check
  says "more.c: is a symbolic link, and lab does not follow links in sources"
  rm more.c
  mkfifo more.c
  try 4 "$lab" check
  says "more.c"
  rm more.c
  mkdir more.c
  try 1 "$lab" check
  echo text >more.c/more.c
  try 1 "$lab" check
  prints "more.c/more.c:1:"
}

@test "names with blanks, quotes, UTF-8 and line feeds" {
  workspace hello
  solve 'int a(void), b(void), c(void), d(void); if (a() + b() + c() + d() != 4) return 1;'
  echo 'int a(void) { return 1; }' >'a b.c'
  echo 'int b(void) { return 1; }' >"it's \"b\".c"
  echo 'int c(void) { return 1; }' >'größe.c'
  echo 'int d(void) { return 1; }' >$'line\nfeed.c'
  echo 'int e(void) { return 1; }' >'-o.c'
  try 0 "$lab" check
  try 0 make
  echo 'int c(void) { return 1 }' >'größe.c'
  try 1 "$lab" check
  prints "größe.c:1:23: error"
  echo 'int d(void) { return 1 }' >$'line\nfeed.c'
  echo 'int c(void) { return 1; }' >'größe.c'
  try 1 "$lab" check
  prints 'line?feed.c:1:23: error'
}

@test "bytes that are no text, and escape sequences, do not reach the terminal" {
  workspace hello
  printf 'int main(void) { return \033[31m\377\200red; }\n' >server.c
  try 1 "$lab" check -v
  [[ "$out" != *$'\033'* ]]
  try 1 "$lab" check --json
  json '.build.diagnostics[0].file == "server.c"'
}

@test "a thousand errors fit the screen" {
  workspace hello
  for i in $(seq 1000); do echo "int f$i(void) { return missing$i; }"; done >server.c
  try 1 "$lab" check
  fits 80
  [ "$(wc -l <"$T/results/out")" -lt 12 ]
  prints "98 more errors"
}
