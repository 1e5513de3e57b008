# SPDX-License-Identifier: MIT
# A lab whose program is a client: from its start to the feedback, and to seeing it oneself.
load helpers

# The course of clients/ in the place of the usual one.
clients() {
  rm -rf "$T/course/labs"
  cp -r "$here/clients/labs" "$T/course/labs"
  workspace fetch
}

# The solution with a bug.
bug() {
  cp "$T/course/labs/fetch/solution/client.c" .
  patch -s -p1 <"$T/course/labs/fetch/wrong/$1.patch"
}

# The command that "see it" shows, as it is pasted.
see_it() {
  sed -n '/^see it:/,/^again:/p' "$T/results/out" | sed -e 's/^see it: *//' -e '/^again:/d'
}

@test "a right client passes, the stub does not" {
  clients
  try 1 "$lab" check
  prints "FAIL 1 ask sends a request for the URL 0/40"
  prints "ran the program http://127.0.0.1:"
  cp "$T/course/labs/fetch/solution/client.c" .
  try 0 "$lab" check
  prints "PASS fetch 100/100"
}

@test "what a client asked is shown with the byte and the line" {
  clients
  bug no-port
  try 1 "$lab" check
  fits 80
  prints "error: Host is 127.0.0.1, expected 127.0.0.1:"
  prints "asked GET /"
  grep -A1 '^            Host: 127.0.0.1\\r\\n$' "$T/results/out" | tail -n 1 | grep -q '^ *^^$'
  prints "answered HTTP/1.1 200 OK"
  prints "made by client.c:34 in ask()"
  prints "sent by client.c:35 in ask()"
}

@test "what a client printed is shown where it differs" {
  clients
  bug line-feed
  try 1 "$lab" check body/prints_the_body
  prints "error: stdout differs from byte 0 on"
  prints "expected "
  grep -q '^  printed   \\n$' "$T/results/out"
  prints "made by client.c:"
}

@test "a client that is started twice is told of its second run" {
  clients
  bug status-0
  try 1 "$lab" check errors
  prints "error: the program exited with status 0, expected 1"
  prints "made by client.c:15 in fail()"
}

@test "a client that waits is told where, and its server's script does it again" {
  clients
  bug waits
  try 1 "$lab" check body/prints_the_body
  prints "error: the program does not end: it waits for more than the server sends"
  prints "stuck in recv() on connection 1, client.c:62"
  head -n 3 .lab/last/body.prints_the_body.origin | grep -q '^server 127.0.0.1:'
}

@test "see it is one command, and shows both sides" {
  clients
  bug one-recv
  try 1 "$lab" check body/body_comes_in_pieces
  see_it >"$T/see"
  grep -q 'run --origin .lab/last/body.body_comes_in_pieces.origin --' "$T/see"
  try 0 sh "$T/see"
  says "server 1 < GET /"
  says "server 1 > H"
  says "server 1 = the program resets the connection"
  first=$out
  cp "$T/course/labs/fetch/solution/client.c" .
  try 0 sh "$T/see"
  [ "${#out}" = 40 ] && [ "${#first}" -lt 40 ]
}

@test "run takes arguments behind --, and its status is the program's" {
  clients
  cp "$T/course/labs/fetch/solution/client.c" .
  try 1 "$lab" run
  says "fetch: usage: fetch URL"
  try 1 "$lab" run -- --origin
  says "fetch: usage: fetch URL"
  [ -z "$out" ]
  try 2 "$lab" run --port 8081
  says "this lab's program serves on no port"
  try 2 "$lab" run http://127.0.0.1/
  try 4 "$lab" run --origin nowhere -- http://127.0.0.1:1/
  says "nowhere: No such file or directory"
  echo 'server 127.0.0.1:x' >script
  try 2 "$lab" run --origin script -- http://127.0.0.1:1/
  says "line 1 of the script says nothing known"
}

@test "trace draws the ladder of a client" {
  clients
  bug waits
  try 1 "$lab" check body
  try 1 "$lab" trace body/prints_the_body
  fits 80
  prints "time server 1 program"
  prints "connect client.c:"
  prints "stuck: nothing can happen any more"
}

@test "debug runs the check of a client" {
  command -v gdb >/dev/null || skip "no gdb"
  clients
  cp "$T/course/labs/fetch/solution/client.c" .
  printf 'print argv[1]\ncontinue\n' >"$T/commands"
  try 0 sh -c '"$@" <"$0"' "$T/commands" "$lab" debug body/prints_the_body
  prints '"http://127.0.0.1:'
  prints "ok check body/prints_the_body"
}

@test "json has arguments, output and ends" {
  clients
  bug waits
  try 1 "$lab" check --json body/prints_the_body
  json '.steps[1].checks[0] | .arguments[0] | startswith("http://127.0.0.1:")'
  json '.steps[1].checks[0] | .stdout == "" and .program.state == "stuck"'
  json '.steps[1].checks[0].transcript[0] | .from == "program" and .text == ""'
  bug no-port
  try 1 "$lab" check --json ask
  json '[.steps[0].checks[0].transcript[] | select(.end == "closed")] | length > 0'
}

@test "a lab of a client is validated" {
  clients
  try 0 "$lab" validate --runs 1 fetch
  prints "fetch: 4 checks, 6 of 6 wrong programs caught, 1 accepted program, 0 faults"
}

@test "without namespaces a client is judged too" {
  clients
  bug waits
  try 1 env LAB_SANDBOX=container "$lab" check
  prints "stuck in recv() on connection 1, client.c:62"
  cp "$T/course/labs/fetch/solution/client.c" .
  try 0 env LAB_SANDBOX=container "$lab" check
  prints "PASS fetch 100/100"
}
