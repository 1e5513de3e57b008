# SPDX-License-Identifier: MIT
# Graders that are broken: never a pass, never a learner's fault, and the other steps keep theirs.
load helpers


broken() {
  local step=$1
  shift
  workspace odd
  try 3 "$lab" check "$step" good
  silent
  fits 80
  prints "ok 1 good is graded well 20/20"
  prints "BROKEN"
  prints "error: the lab's grader is broken: $*"
  prints "note: this is a fault of the lab, not of your program"
  prints "$LAB_HOME/graders/odd"
  prints "next: tell the author of the lab, then \`./lab check\` tries again"
  try 3 "$lab" check "$step" good --json
  json '[.steps[] | select(.status == "broken") | .id] == ["'"$step"'"]'
  json '.points == 20 and .failed == 0'
  try 0 "$lab" status --json
  json '.stages[1].labs[0] | .status == "started" and .points == 20'
}

@test "a grader that crashes" { broken crash "the grader ended without a verdict"; }
@test "a grader that says nothing" { broken silent "the grader ended without a verdict, with exit status 0"; }
@test "a grader that writes half a record" { broken half "the grader wrote: half a record at the end"; }
@test "a grader that writes 100 MB of records" {
  [[ $LAB_BUILD != *sanitize* ]] || skip "megabytes of records take minutes under the sanitizers"
  broken flood "the grader wrote: more than 16 MiB of records"
}
@test "a grader that writes what is no record" { broken garbage "the grader wrote: a line that is no record"; }
@test "a grader that ends twice" { broken twice "the grader wrote: a record behind the end record"; }

# A lab whose grader is called otherwise.
renamed() {
  mv "$LAB_HOME/labs/odd" "$LAB_HOME/labs/$1"
  sed -i "s/\"odd\"/\"$1\"/" "$LAB_HOME/labs/$1/lab.json"
  mv "$LAB_HOME/graders/odd" "$LAB_HOME/graders/$1"
  workspace "$1"
  solve
  cp server.c "$T/mine.c"
  try 3 "$lab" check
  same server.c "$T/mine.c"
  says "$LAB_HOME/graders/$1"
  says "$2"
  try 3 "$lab" validate "$1"
  try 4 "$lab" doctor
  prints "FAIL $1"
}

@test "a list that crashes" { renamed list-crashes "--list ended with"; }
@test "a list that is empty" { renamed list-silent "--list prints no JSON"; }
@test "a list that is no JSON" { renamed list-no-json "--list prints no JSON"; }
@test "a list of another version" { renamed list-old "--list does not print version 1 of the list"; }
@test "a list without end" { renamed list-endless "--list prints more than 1 MiB"; }
@test "a check of a step that the lab does not have" { renamed list-other-step "check elsewhere/passes is in no step of the lab"; }
@test "two checks of one name" { renamed list-twice "two checks are called good/passes"; }
@test "a step without a check" {
  renamed list-short "step crash has no check"
  try 3 "$lab" check
  says 'add a KIT_CHECK("crash", …) to graders/list-short.c'
}

@test "a grader that ends before its checks" {
  mv "$LAB_HOME/labs/odd" "$LAB_HOME/labs/serve-ends"
  sed -i 's/"odd"/"serve-ends"/' "$LAB_HOME/labs/serve-ends/lab.json"
  mv "$LAB_HOME/graders/odd" "$LAB_HOME/graders/serve-ends"
  workspace serve-ends
  try 3 "$lab" check
  prints "the grader ended before its checks were done"
}

@test "a grader that is missing, no program, or a script" {
  workspace odd
  rm "$LAB_HOME/graders/odd"
  try 3 "$lab" check
  says "$LAB_BUILD/graders/odd: the lab's grader cannot be opened"
  says "write $LAB_HOME/graders/odd.c: it is compiled when it is needed"
  echo "no program" >"$LAB_HOME/graders/odd"
  chmod 755 "$LAB_HOME/graders/odd"
  try 3 "$lab" check
  says "$LAB_HOME/graders/odd"
  printf '#!/bin/sh\necho "{}"\n' >"$LAB_HOME/graders/odd"
  try 3 "$lab" check
  says "$LAB_HOME/graders/odd"
}
