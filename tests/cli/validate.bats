# SPDX-License-Identifier: MIT
# lab validate: what an author sees.
load helpers

@test "a good lab: every program with the checks that caught it" {
  try 0 "$lab" validate hello --runs 1
  fits 80
  prints "ok solution 100 points"
  prints "ok stub 0 points"
  prints "ok wrong/no-line-feed"
  prints "the greeting has no line feed at its end"
  prints "caught by greet/greets_by_name greet/greets_a_second_client"
  prints "ok accepted/byte_by_byte"
  prints "hello: 4 checks, 2 of 2 wrong programs caught, 1 accepted program"
}

@test "--no-lines proves the verdicts alone" {
  try 0 "$lab" validate hello --no-lines --runs 1
  prints "hello: 4 checks, 2 of 2 wrong programs caught, 1 accepted program"
  prints_not "line server.c"
  prints_not "lines of"
  try 0 "$lab" validate hello --no-lines --runs 1 --json
  json '.labs[0].wrong[] | select(.name == "deaf") | .caught and has("sends") and (has("where") | not)'
}

@test "--brief leaves out the steps that a wrong program does not name" {
  patch=$LAB_HOME/labs/hello/wrong/no-line-feed.patch
  sed -i 's/^Breaks.*/Breaks: greet\/greets_by_name/; s/^@@.*/@@ -21,8 +21,9 @@/' "$patch"
  sed -i '/^ }$/a +__attribute__((constructor)) static void deafen(void) { signal(SIGTERM, SIG_IGN); }' "$patch"
  echo ' {' >>"$patch"
  try 3 "$lab" validate hello --no-lines --runs 1
  prints "wrong/no-line-feed: greet/greets_a_second_client fails it"
  prints "wrong/no-line-feed: quit/ends_when_told fails it"
  try 3 "$lab" validate hello --no-lines --runs 1 --brief
  prints "wrong/no-line-feed: greet/greets_a_second_client fails it"
  prints_not "quit/ends_when_told fails it"
  try 3 "$lab" validate hello --no-lines --runs 1 --brief --json
  json '.labs[0].brief == true'
}

@test "what the lab gives lies in stub/ alone" {
  rm "$LAB_HOME/labs/hello/solution/greeting.h"
  try 0 "$lab" validate hello --no-lines --runs 1
  prints "2 of 2 wrong programs caught, 1 accepted program, 0 faults"
  workspace hello
  cp "$LAB_HOME/labs/hello/solution/server.c" .
  sed -i 's/send(client, answer, length, 0)/send(client, answer, length - 1, 0)/' server.c
  try 0 "$lab" new --wrong shorter --bug "the line feed is missing"
  [ -e "$LAB_HOME/labs/hello/wrong/shorter.patch" ]
}

@test "--json has every field" {
  try 0 "$lab" validate hello --json --runs 1
  silent
  json '.version == 1'
  json '.labs | length == 1'
  json '.labs[0] | .lab == "hello" and .ok == true and .faults == [] and .checks == 4 and (.seconds | type == "number")'
  json '[.labs[0].wrong[] | .name] | sort == ["deaf", "no-line-feed"]'
  json '.labs[0].wrong[] | select(.name == "deaf") | .bug == "SIGTERM is ignored" and .caught == true and .breaks == ["quit/ends_when_told"] and .failed == ["quit/ends_when_told"]'
  json '.labs[0].accepted == [{"name":"byte_by_byte","ok":true,"differs":[]}]'
  json '[.. | select(. == null)] == []'
}

@test "a patch that does not apply is named, and the other programs run" {
  sed -i 's/^-    send.*/-    write(client, answer, length);/' "$LAB_HOME/labs/hello/wrong/no-line-feed.patch"
  try 3 "$lab" validate hello --runs 1
  fits 80
  prints "FAIL wrong/no-line-feed"
  prints "labs/hello/wrong/no-line-feed.patch: does not apply to solution/"
  prints "Hunk #1 FAILED"
  prints "ok wrong/deaf"
}

@test "a patch with a wrong head names its line and the cure" {
  patch=$LAB_HOME/labs/hello/wrong/deaf.patch
  sed -i 's/^Breaks/Brakes/' "$patch"
  try 3 "$lab" validate hello --runs 1
  prints "$patch:2: "
  prints "Breaks:"
  sed -i 's/^Brakes: .*/Breaks: quit\/ends_when_tolt/' "$patch"
  try 3 "$lab" validate hello --runs 1
  prints "$patch: there is no check quit/ends_when_tolt"
  sed -i '/^Bug/d' "$patch"
  try 3 "$lab" validate hello --runs 1
  prints "$patch"
  prints "Bug:"
}

@test "a wrong program that nothing catches, or that breaks something else" {
  patch=$LAB_HOME/labs/hello/wrong/deaf.patch
  sed -i 's/SIGTERM, SIG_IGN/SIGHUP, SIG_IGN/' "$patch"
  try 3 "$lab" validate hello --runs 1
  prints "wrong/deaf: quit/ends_when_told passes it, and must not"
  sed -i 's/^+ .*/+    return 0;/' "$patch"
  try 3 "$lab" validate hello --runs 1
  prints "wrong/deaf"
  prints "greet/greets_by_name"
}

@test "--explain prints the head that a patch should have" {
  sed -i 's/^Breaks.*/Breaks: greet\/greets_by_name/' "$LAB_HOME/labs/hello/wrong/deaf.patch"
  try 0 "$lab" validate hello --explain deaf
  prints "Bug: SIGTERM is ignored Breaks: quit/ends_when_told"
  try 2 "$lab" validate hello --explain dead
  says "hello has no wrong program dead"
  says "labs/hello/wrong"
  try 2 "$lab" validate --explain deaf
}

@test "an accepted program that the grader fails is a fault" {
  sed -i 's/"hello "/"hallo "/' "$LAB_HOME/labs/hello/accepted/byte_by_byte.c"
  try 3 "$lab" validate hello --runs 1
  prints "accepted/byte_by_byte: greet/greets_by_name fails it"
}

@test "a program that does not compile is named with its line" {
  echo 'int main(void) { return 0 }' >"$LAB_HOME/labs/hello/accepted/byte_by_byte.c"
  try 3 "$lab" validate hello --runs 1
  prints "accepted/byte_by_byte.c does not compile"
  echo 'int main(void) { return 0 }' >"$LAB_HOME/labs/hello/solution/server.c"
  try 3 "$lab" validate hello --runs 1
  prints "solution"
  prints "does not compile"
}

@test "the stub earns little, and the solution all" {
  cp "$LAB_HOME/labs/hello/solution/server.c" "$LAB_HOME/labs/hello/stub/"
  try 3 "$lab" validate hello --runs 1
  prints "the stub"
  cp "$here/course/labs/hello/stub/server.c" "$LAB_HOME/labs/hello/solution/"
  rm "$LAB_HOME"/labs/hello/wrong/*
  try 3 "$lab" validate hello --runs 1
  prints "solution: listen/accepts_a_connection fails"
}

@test "a missing hint is a fault with its line" {
  sed -i '1,/^## greet/{ /^### Hint 3/,/^$/d; /^.htons/d }' "$LAB_HOME/labs/hello/lesson.md"
  try 3 "$lab" validate hello --runs 1
  prints "labs/hello/lesson.md:6: step listen has 2 hints, not 3"
}

@test "a hint for a check that is not there is a fault with its line" {
  sed -i '/^## greet/i ### Hint for listens_well mismatch\n\nNobody reads this.\n' "$LAB_HOME/labs/hello/lesson.md"
  try 3 "$lab" validate hello --runs 1
  prints "the hint is for listens_well, and step listen has no such check"
  grep -Eq "labs/hello/lesson.md:[0-9]+: the hint is for" <<<"$(tr -d '\n' <<<"$out" | tr -s ' ')"
}

@test "a service that no fixture has is a fault" {
  sed -i '0,/{/s//{\n  "services": ["postgers"],/' "$LAB_HOME/labs/hello/lab.json"
  try 3 "$lab" validate hello --runs 1
  prints "services names postgers, and there is no fixture fixtures/postgers"
}

@test "a table in the lesson is a fault, one in a block of code is none" {
  sed -i '/^## quit/i | a | b |\n|---|---|\n| 1 | 2 |\n\n```\n| c |\n| - |\n```\n' "$LAB_HOME/labs/hello/lesson.md"
  try 3 "$lab" validate hello --runs 1
  prints "below this line is a table (|---|---|)"
  prints_not "| - |"
}

@test "an option that is no number" {
  try 2 "$lab" validate hello --runs 0
  says "--runs is 0, and takes a whole number from 1"
}
