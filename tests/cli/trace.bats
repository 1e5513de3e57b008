# SPDX-License-Identifier: MIT
# lab trace: one check call by call.
load helpers

# The greeting lacks its line feed, so that greet fails.
spoil() {
  solve
  sed -i 's/answer, length, 0/answer, length - 1, 0/' server.c
}

# It waits for more than the client sends.
hang() {
  solve
  sed -i "s/!= '.n'/!= '!'/" server.c
}

@test "trace shows each call with its line, and times of one clock" {
  workspace hello
  solve
  try 0 "$lab" trace greet/greets_by_name
  silent
  fits 80
  prints "time client 1"
  grep -qE '^  [0-9.]+ .*accept( client 1)? +server\.c:45$' <<<"$out"
  grep -qE '^  [0-9.]+ .*recv( client 1)? +server\.c:19 +[0-9]+ bytes$' <<<"$out"
  grep -qE '^  [0-9.]+ +◄─ hello [a-z0-9-]+\\n ─+ send +server\.c:24 +[0-9]+ bytes$' <<<"$out"
  prints "ok greet/greets_by_name next: ./lab check greet"
}

@test "without a word it is the check that failed last, with the inputs that it had" {
  workspace hello
  spoil
  try 1 "$lab" check --seed 4711
  try 1 "$lab" trace
  fits 80
  prints "FAIL greet/greets_by_name error:"
  sent=$(grep -oE '[a-z]+-[0-9]+' "$T/results/out" | head -n 1)
  grep -rq "$sent" .lab/last/greet.greets_by_name.txt
  try 1 "$lab" trace --seed 4712
  prints_not "$sent"
}

@test "a call that waits, and that nothing can happen any more" {
  workspace hello
  hang
  try 1 "$lab" trace greet/greets_by_name
  fits 80
  grep -qE '^  [0-9.]+ +recv client 1 +server\.c:19 +waiting$' <<<"$out"
  prints "stuck: nothing can happen any more"
  prints "next: edit server.c:19, then"
}

@test "a step means its first check that failed" {
  workspace hello
  solve
  try 0 "$lab" trace 2
  prints "ok greet/greets_by_name"
  try 0 "$lab" trace hello quit
  prints "ok quit/ends_when_told"
  try 2 "$lab" trace great
  says "lab:"
}

@test "trace --json has an event for each line" {
  workspace hello
  spoil
  try 1 "$lab" trace greet/greets_by_name --seed 5 --json
  json '.version == 1 and .check == "greet/greets_by_name" and .seed == 5'
  json '.status == "failed"'
  json '[.events[] | select(.call == "send" and .from == "program")][0] |
    .file == "server.c" and .line == 24 and .function == "greet" and .connection == 1'
  json '[.events[].at] | . == sort'
}

@test "narrow terminals get lines instead of columns" {
  workspace hello
  solve
  COLUMNS=40 try 0 "$lab" trace greet/greets_by_name
  fits 40
  prints "what happened"
  prints "client 1 ─► connect"
}

@test "what does not compile is not traced" {
  workspace hello
  echo 'int main(void) { return 0 }' >server.c
  try 1 "$lab" trace
  fits 80
  prints "error: expected ';' before '}' token"
  prints "help: each statement ends with a ; and the one before this place has none"
  prints "next: edit server.c:1"
}

@test "where nothing can be traced the exchange is still shown" {
  workspace hello
  solve
  LAB_TRACE=off try 0 "$lab" trace greet/greets_by_name
  fits 80
  prints "connect"
  prints "note: no calls of the program are known: LAB_TRACE is off"
}
