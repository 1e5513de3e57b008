# SPDX-License-Identifier: MIT
# lab build and lab run: what a learner does beside checking.
load helpers

@test "build says what the compiler says" {
  workspace hello
  try 0 "$lab" build
  silent
  prints "ok compile"
  sed -i 's/return 0;/return 0/' server.c
  try 1 "$lab" build
  fits 80
  prints "FAIL compile"
  prints "server.c:6:13: error: expected ';' before '}' token"
  prints "next: edit server.c:6, then \`./lab check\`"
}

@test "build -v prints a command that can be pasted" {
  workspace hello
  solve
  try 0 "$lab" build -v
  head -n 1 "$T/results/out" | grep '^cc -std=gnu17 -g -O0 .*fsanitize=address,undefined.* server.c'
  try 0 sh -c "$(head -n 1 "$T/results/out")"
  [ -x program ]
}

@test "build from outside means the last workspace" {
  workspace hello
  cd /
  try 0 "$lab" build hello
}

@test "run serves on 8080 with the environment of a check" {
  workspace hello
  solve
  cat >client <<'EOS'
#!/bin/bash
env --default-signal=INT "$1" run >"$2" 2>&1 &
until exec 3<>/dev/tcp/127.0.0.1/8080; do kill -0 $! || exit 1; done 2>/dev/null
echo mango >&3
cat <&3
tr '\0' '\n' </proc/$!/environ | grep -E '^(PORT|FILES_DIR|REQUEST_TIMEOUT_MS)='
kill -INT $!
wait $!
EOS
  alone 130 bash client "$lab" "$T/served"
  prints "hello mango"
  prints "PORT=8080"
  prints "FILES_DIR=$T/home/hello/.lab/files"
  prints "REQUEST_TIMEOUT_MS=30000"
  grep -q "^PORT=8080 " "$T/served"
  grep -q "(Ctrl-C ends it)" "$T/served"
}

@test "run takes another port, and says when one is in use" {
  workspace hello
  solve 'return 0;'
  cat >client <<'EOS'
#!/bin/bash
nc -l 127.0.0.1 8080 & until ss -Hltn 'sport = 8080' | grep -q .; do kill -0 $! || exit 1; done
"$1" run
echo "status $?"
"$1" run --port 8081
echo "status $?"
kill $!
EOS
  alone 0 bash client "$lab"
  says "port 8080 cannot be used: Address already in use"
  says "./lab run --port N takes another one"
  prints "status 4"
  prints "PORT=8081"
  prints "status 0"
}

@test "run of what does not compile, and of what crashes" {
  workspace hello
  echo 'int main(void) { return 0 }' >server.c
  try 1 "$lab" run --port 45678
  prints "server.c:1:26: error"
  echo 'int main(void) { int a[1]; volatile int i = 1; return a[i]; }' >server.c
  try 1 "$lab" run --port 45678
  says "runtime error: index 1 out of bounds"
}
