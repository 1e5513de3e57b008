# SPDX-License-Identifier: MIT
# lab check: the report, the steps, the seed, JSON, what is kept of an attempt.
load helpers

# A workspace whose program says another word.
wrong_program() {
  workspace hello
  solve
  sed -i 's/GREETING;/"hallo ";/' server.c
}

@test "a wrong program: what was sent, what came back, what comes next" {
  wrong_program
  try 1 "$lab" check --seed 7
  silent
  fits 80
  prints "ok 1 listen accepts a connection on \$PORT 20/20"
  prints "FAIL 2 greet says hello and the name 0/50"
  prints "ok 3 quit ends when it is told to 30/30"
  prints "greet/greets_by_name"
  prints "error: "
  prints "sent"
  prints "received hallo"
  prints "note: the lesson: a client that sends a name gets hello and the name"
  prints "again: ./lab check greet --seed 7"
  prints "hint: ./lab hint greet (1 of 3)"
  prints "note: 1 more check of this step fails"
  prints "hello 50/100 points 2 of 3 steps"
  [[ "$(tail -n 1 "$T/results/out")" =~ ^"next: edit server.c:"[0-9]+", then \`./lab check\`"$ ]]
}

@test "all passes" {
  workspace hello
  solve
  try 0 "$lab" check
  silent
  fits 80
  prints "ok compile + 3 steps, 4 checks, no warnings"
  prints "PASS hello 100/100"
  prints "compare: ./lab solution"
  [ "$(tail -n 1 "$T/results/out")" = "next: ./lab next" ]
}

@test "--all shows every failing check" {
  wrong_program
  try 1 "$lab" check --all
  fits 80
  prints "greet/greets_by_name"
  prints "greet/greets_a_second_client"
  prints "ok 3 quit"
}

@test "a seed repeats the inputs, and another has others" {
  wrong_program
  try 1 "$lab" check greet --seed 7 --json
  first=$(jq -r '.steps[].checks[] | .actual, .seed?' "$T/results/out")
  try 1 "$lab" check greet --seed 7 --json
  [ "$(jq -r '.steps[].checks[] | .actual, .seed?' "$T/results/out")" = "$first" ]
  json '.seed == 7'
  try 1 "$lab" check greet --seed 8 --json
  [ "$(jq -r '.steps[].checks[] | .actual, .seed?' "$T/results/out")" != "$first" ]
}

@test "a step is named by id, number, range or check" {
  workspace hello
  solve
  for words in greet 2 greets 2-2 greet-greet; do
    [ "$words" != greets ] || continue
    try 0 "$lab" check "$words" --json
    json '[.steps[] | select(.status == "passed") | .id] == ["greet"]'
  done
  try 0 "$lab" check greet/greets_by_name --json
  json '[.steps[].checks[] | select(.status == "passed") | .id] == ["greet/greets_by_name"]'
  try 0 "$lab" check 1 quit --json
  json '[.steps[] | select(.status == "passed") | .id] == ["listen", "quit"]'
  try 0 "$lab" check listen-greet --json
  json '[.steps[] | select(.status == "passed") | .id] == ["listen", "greet"]'
  try 0 "$lab" check hello 3
  prints "ok 3 quit"
  prints_not "listen"
}

@test "--json has every step, every check and no null" {
  wrong_program
  try 1 "$lab" check --json
  silent
  json '.version == 1 and .lab == "hello" and (.sandbox == "namespaces" or .sandbox == "full")'
  json '(.lab_version | length) > 8 and (.program_version | length) > 2'
  json '.seed | type == "number"'
  json '.passed == 2 and .failed == 2 and .points == 50 and .max_points == 100'
  json '.seconds | type == "number"'
  json '.build.ok == true and (.build.cached | type == "boolean") and .build.diagnostics == []'
  json '[.steps[] | [.id, .status, .points, .max_points]] == [["listen","passed",20,20],["greet","failed",0,50],["quit","passed",30,30]]'
  json '[.steps[].checks[].id] == ["listen/accepts_a_connection","greet/greets_by_name","greet/greets_a_second_client","quit/ends_when_told"]'
  json 'all(.steps[].checks[]; .title and .status and (.seconds | type == "number"))'
  json '.steps[1].checks[0] | .message and .expected and .because and .program.state'
  json '.steps[1].checks[0].transcript | length >= 2 and all(.at != null and .from and .connection and (.text | type == "string"))'
  json '[.. | select(. == null)] == []'
}

@test "--json of what was not run, and of what did not compile" {
  workspace hello
  solve
  try 0 "$lab" check quit --json
  json '[.steps[] | .status] == ["not_run","not_run","passed"]'
  echo 'int main(void) { return 0 }' >server.c
  try 1 "$lab" check --json
  json '.build.ok == false and .points == 0 and .passed == 0'
  json '.build.diagnostics[0] | .file == "server.c" and .line == 1 and .severity == "error" and .column > 1'
  json '[.steps[] | .status] == ["not_run","not_run","not_run"]'
}

@test "what an attempt saw lies in .lab/last" {
  wrong_program
  try 1 "$lab" check
  jq -e '.lab == "hello"' .lab/last/*.json
  grep -rq 'accept' .lab/last
  grep -rq 'cc -std=gnu17' .lab/last
  solve
  try 0 "$lab" check
  jq -e '.points == 100' .lab/last/*.json
}

@test "warnings fail nothing, and -v shows them" {
  workspace hello
  solve 'int unused;'
  try 0 "$lab" check
  prints "ok compile + 3 steps, 4 checks, 1 warning"
  try 0 "$lab" check -v
  prints "warning: unused variable"
  prints "server.c:"
}

@test "what has not changed is not compiled again, but for --no-cache" {
  wrong_program
  XDG_CACHE_HOME=$T/cache try 1 "$lab" check --json
  json '.build.cached == false'
  XDG_CACHE_HOME=$T/cache try 1 "$lab" check --json
  json '.build.cached == true'
  XDG_CACHE_HOME=$T/cache try 1 "$lab" check --json --no-cache
  json '.build.cached == false'
}

@test "a given file is put back, and the learner's version is kept" {
  workspace hello
  solve
  echo '#define GREETING "good morning "' >greeting.h
  try 0 "$lab" check
  says "greeting.h belongs to the lab and is as it was; your version:"
  same greeting.h "$LAB_HOME/labs/hello/stub/greeting.h"
  grep -rq "good morning" .lab/backup
  rm greeting.h
  try 0 "$lab" check
  same greeting.h "$LAB_HOME/labs/hello/stub/greeting.h"
}

@test "a lab that changed: a note, new given files, the learner's own untouched" {
  workspace hello
  solve
  cp server.c mine.txt
  sed -i 's/hello /moin /' "$LAB_HOME/labs/hello/stub/greeting.h"
  echo '// better' >>"$LAB_HOME/labs/hello/stub/server.c"
  try 1 "$lab" check
  says "hello has changed since you last checked"
  grep -q moin greeting.h
  same server.c mine.txt
  try 1 "$lab" check
  silent
}

@test "every C file of the workspace is compiled, but those in hidden folders" {
  workspace hello
  solve 'void helper(void); helper();'
  mkdir -p 'a b/c' .old
  echo 'void helper(void); void helper(void) {}' >'a b/c/helper.c'
  echo 'this is no C' >.old/old.c
  try 0 "$lab" check
}

@test "outside of the workspace the lab's last one is meant" {
  workspace hello first
  workspace hello second
  solve
  try 0 "$lab" check
  cd /
  try 0 "$lab" check hello
  rm -r "$T/home/second"
  try 2 "$lab" check hello
  says "the last workspace of hello"
  says "lab start hello"
  cd "$T/home/first/.lab"
  try 1 "$lab" check
}
