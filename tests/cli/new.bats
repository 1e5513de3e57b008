# SPDX-License-Identifier: MIT
# lab new: labs that validate at once, and wrong programs; in courses of one's own, whose graders are
# compiled when they are needed.
load helpers
load installed
load terminal

setup_file() {
  install_lab
}

teardown_file() {
  remove_lab
}

# An empty folder, and the installed lab with nothing but a home.
fresh() {
  unset LAB_HOME
  lab=$prefix/bin/lab
  mkdir -p "$T/home/my course"
  cd "$T/home/my course"
}

# A course with one lab, greeter, of a kind.
course_of() {
  fresh
  try 0 "$lab" new greeter --kind "$1" --stage internet
}

files_here() { find . -type f | sort | xargs -d '\n' md5sum; }

# Nothing but TEXT... is said, and nothing is written.
refuses() {
  local before words=$1
  before=$(files_here)
  shift
  try 2 "$lab" new "$@"
  says "$words"
  says "help:"
  fits 80
  [ "$(files_here)" = "$before" ] || show "something was written"
}

@test "a new lab of each kind validates, in what was an empty folder" {
  fresh
  for kind in server client tool; do
    try 0 "$lab" new "a-$kind" --kind $kind --stage api --title "A \"$kind\""
    silent
    fits 80
    prints "validate a-$kind"
    [ "$(jq -r .title "labs/a-$kind/lab.json")" = "A \"$kind\"" ]
  done
  [ "$(jq -c '[.stages[].id]' labs/roadmap.json)" = '["api"]' ]
  grep -qx /workspaces/ .gitignore
  [ "$(jq .order labs/a-tool/lab.json)" -gt "$(jq .order labs/a-client/lab.json)" ]
  # Who stands in a course means its labs.
  try 0 "$lab" validate --no-lines --json
  json '[.labs[].lab] == ["a-server", "a-client", "a-tool"]'
  json 'all(.labs[]; .checks == 2 and .faults == [] and (.wrong | length) == 2)'
  # From elsewhere only LAB_PATH leads there.
  cd "$T/home"
  try 2 "$lab" validate a-tool
  LAB_PATH="$T/home/my course" try 0 "$lab" validate a-tool --runs 1
  # What printf printed is written by exit(), which no line has called.
  prints "line tool.c:14 (made by), exact"
}

# What a person sees who has built lab in its sources: the templates, labs/ and the build tree.
copy_repository() {
  unset LAB_HOME
  mkdir -p "$T/repository/runner/scaffold" "$T/repository/build" "$T/repository/graders"
  cp -r "$LAB_SOURCE/runner/scaffold/templates" "$T/repository/runner/scaffold/"
  mkdir "$T/repository/labs"
  cp -r "$LAB_SOURCE"/labs/*.json "$LAB_SOURCE/labs/tcp-echo" "$T/repository/labs/"
  for part in lab box-init tracer resolver origin liblabkit.a lab-kit-uninstalled.pc; do
    cp "$LAB_BUILD/$part" "$T/repository/build/"
  done
  lab=$T/repository/build/lab
  cd "$T/repository/labs"
}

@test "a new lab of each kind validates in the repository, and changes no file of it" {
  copy_repository
  before=$(cd .. && files_here)
  for kind in server client tool; do
    try 0 "$lab" new "a-$kind" --kind $kind --stage internet
    try 0 "$lab" validate "a-$kind" --runs 1 --no-lines
    prints "2 of 2 wrong programs caught"
    # There it is compiled together with lab, by its rules.
    cc -std=gnu17 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Wstrict-prototypes \
      -Wmissing-prototypes -D_GNU_SOURCE -I "$LAB_SOURCE/graders/kit" -fsyntax-only \
      "$T/repository/graders/a-$kind.c"
    rm -r "$T/repository/labs/a-$kind" "$T/repository/graders/a-$kind.c"
  done
  [ "$(cd .. && files_here)" = "$before" ]
}

@test "a learner starts a new lab and solves it" {
  course_of server
  try 0 "$lab" start greeter
  cd workspaces/greeter
  try 1 "$lab" check
  cp ../../labs/greeter/solution/server.c .
  try 0 "$lab" check
  prints "PASS greeter 100/100"
}

@test "what cannot be made is refused with its cure" {
  course_of tool
  refuses "needs the id"
  for id in Greeter 7up "a b" a/b ../a -- "" "$(printf 'a%.0s' {1..41})"; do
    [ "$id" = -- ] || refuses "the id" --kind tool --stage internet -- "$id"
  done
  refuses '--kind is servant, and takes server, client or tool' more --kind servant --stage api
  refuses "needs --kind" more --stage api
  refuses "needs --stage: internet," more --kind tool
  refuses 'did you mean "internet"' more --kind tool --stage internt
  refuses 'there is no stage "zzz"; there are internet, operating-system' more --kind tool --stage zzz
  refuses "a title has 1 to 60" more --kind tool --stage api --title ""
  refuses "a title has 1 to 60" more --kind tool --stage api --title $'two\nlines'
  refuses 'there is a lab "greeter"' greeter --kind tool --stage api
  refuses 'there is a lab "tcp-echo"' tcp-echo --kind tool --stage api
  refuses "--bug is for a new wrong program" more --kind tool --stage api --bug x
  touch graders/more.c
  refuses "graders/more.c is there already" more --kind tool --stage api
  mkdir "$T/home/full"
  cd "$T/home/full"
  touch notes.txt
  refuses "is not empty, so it is made none: notes.txt" more --kind tool --stage api
  mv notes.txt README.md
  try 0 "$lab" new more --kind tool --stage api
}

@test "a stage of the course's own" {
  course_of tool
  sed -i 's|{ "id": "internet".*|&,\n    { "id": "own", "title": "Our own" }|' labs/roadmap.json
  try 0 "$lab" new special --kind tool --stage own
  try 0 "$lab" list --stage own
  prints special
  try 0 "$lab" validate special --runs 1 --no-lines
}

@test "a disk that is full leaves nothing behind" {
  course_of tool
  before=$(files_here)
  (
    ulimit -f 0
    trap '' XFSZ
    "$lab" new more --kind tool --stage api >"$T/results/said" 2>&1
  ) && show "it was written"
  [ "$(files_here)" = "$before" ]
  [ -z "$(ls -A labs | grep '^\.new')" ]
}

# ---------------------------------------------------------------- graders

@test "a grader is compiled once, and again when it or what it includes has changed" {
  course_of tool
  export XDG_CACHE_HOME=$T/home/cache
  try 0 "$lab" validate greeter --runs 1 --no-lines
  first=$(stat -c %i "$XDG_CACHE_HOME"/lab/graders/greeter-*)
  try 0 "$lab" validate greeter --runs 1 --no-lines
  [ "$(stat -c %i "$XDG_CACHE_HOME"/lab/graders/greeter-*)" = "$first" ]
  echo '#include "words.h"' >>graders/greeter.c
  echo '#define NOTHING' >graders/words.h
  try 0 "$lab" validate greeter --runs 1 --no-lines
  [ "$(ls "$XDG_CACHE_HOME/lab/graders" | wc -l)" = 2 ]
  echo '#error changed' >graders/words.h
  try 3 "$lab" validate greeter
  says "my course/graders/words.h:1:2: #error changed"
}

@test "a grader that does not compile is its author's fault, with file and line" {
  course_of tool
  sed -i '6i x y;\nz w;' graders/greeter.c
  try 3 "$lab" validate greeter
  says "$PWD/graders/greeter.c:6:1: unknown type name 'x'"
  says "its author's to mend; 1 more error of it follows"
  fits 80
  try 0 "$lab" start greeter
  cd workspaces/greeter
  try 3 "$lab" check
  says "graders/greeter.c:6:1: unknown type name 'x'"
  sed -i '6,7d; s/kit_run(/kit_ruin(/' ../../graders/greeter.c
  try 3 "$lab" check
  says "kit_ruin"
}

@test "what the compiling of graders needs is named when it is missing" {
  course_of tool
  without pkg-config
  try 4 "$lab" validate greeter
  says "needs packages: pkg-config"
  says "help: sudo apt-get install pkg-config"
}

@test "a grader compiled by hand is used until its source is newer" {
  course_of tool
  mkdir -p build/graders
  printf 'no program' >build/graders/greeter
  chmod 755 build/graders/greeter
  touch -d '1 hour ago' build/graders/greeter
  try 0 "$lab" validate greeter --runs 1 --no-lines
  touch build/graders/greeter
  try 3 "$lab" validate greeter
  says "build/graders/greeter: the lab's grader is no program"
}

@test "a course of others runs no grader before it is allowed" {
  course_of tool
  mv "$T/home/my course" "$T/home/theirs"
  cd "$T/home/theirs"
  sed -i '1i #error this is compiled' graders/greeter.c
  try 4 "$lab" validate greeter
  says "the course $T/home/theirs is not part of lab"
  says "where you trust it: "
  says "allow '$T/home/theirs'"
  try 0 "$lab" start greeter
  cd workspaces/greeter
  try 4 "$lab" check
  try 2 "$lab" allow "$T/home"
  says "is no course"
  try 2 "$lab" allow nowhere
  says "nowhere is no folder"
  says "help:"
  try 0 "$lab" allow
  prints "$T/home/theirs may run its graders"
  try 3 "$lab" check
  says "this is compiled"
}

@test "nor a fixture" {
  course_of tool
  mv "$T/home/my course" "$T/home/theirs"
  cd "$T/home/theirs"
  mkdir -p build/fixtures
  mkdir -m 777 "$T/open"
  printf '#!/bin/sh\n: >"%s/ran"\nexit 1\n' "$T/open" >build/fixtures/spy
  chmod 755 build/fixtures/spy "$T"
  sed -i 's/"steps"/"services": ["spy"], "steps"/' labs/greeter/lab.json
  [ "$(grep -c '"spy"' labs/greeter/lab.json)" = 1 ]
  try 0 "$lab" start greeter
  cd workspaces/greeter
  for command in check "run -- x" "check words"; do
    # shellcheck disable=SC2086
    try 4 "$lab" $command
    says "is not part of lab"
  done
  [ ! -e "$T/open/ran" ]
  try 0 "$lab" allow
  "$lab" check || :
  [ -e "$T/open/ran" ] || show "the fixture did not run, so this test says nothing"
}

@test "on a terminal the first use of a course of others asks" {
  course_of tool
  mv "$T/home/my course" "$T/home/theirs"
  cd "$T/home/theirs"
  terminal 80 24
  type_in "lab validate greeter --runs 1 --no-lines"
  shows "Allow it to run them from now on\? \[y/N\]"
  type_in ""
  finish 4
  prints "was not allowed to run its graders"
  type_in "lab validate greeter --runs 1 --no-lines"
  shows "from now on\? \[y/N\] *\$"
  type_in "y"
  finish 0
  run_in 0 "lab validate greeter --runs 1 --no-lines"
  prints_not "Allow it"
}

# ---------------------------------------------------------------- wrong programs

# The workspace of greeter with the solution in it.
solution_here() {
  course_of server
  try 0 "$lab" start greeter
  cd workspaces/greeter
  cp ../../labs/greeter/solution/server.c .
}

@test "a wrong program is made from an edited workspace, with the head that fits" {
  solution_here
  sed -i 's/"hello %/"hallo %/' server.c
  try 0 "$lab" new --wrong hallo --bug "greets in another language"
  silent
  fits 80
  patch=../../labs/greeter/wrong/hallo.patch
  [ "$(head -n 2 "$patch")" = "Bug: greets in another language
Breaks: greet/greets_by_name pieces/name_in_pieces_is_read_whole" ]
  try 0 "$lab" validate greeter --runs 1
  prints "3 of 3 wrong programs caught"
  prints "line server.c:30 (made by), exact"
  try 2 "$lab" new --wrong hallo --bug "again"
  says "hallo.patch is there already"
}

@test "a workspace outside of its course knows it" {
  solution_here
  mv "$PWD" "$T/home/away"
  cd "$T/home/away"
  sed -i 's/"hello %/"hallo %/' server.c
  try 0 "$lab" new --wrong hallo --bug "greets in another language"
  prints "labs/greeter/wrong/hallo.patch"
  [ -e "$T/home/my course/labs/greeter/wrong/hallo.patch" ]
  try 0 "$lab" validate greeter --runs 1 --no-lines
  prints "3 of 3 wrong programs caught"
  cd "$T/home"
  try 2 "$lab" validate greeter
  says 'there is no lab "greeter"'
}

@test "the check that a bug is for is named, and the others may fail" {
  solution_here
  cp -r . "$T/home/edited"
  rm -r "$T/home/edited/.lab"
  sed -i 's/"hello %/"hallo %/' "$T/home/edited/server.c"
  cd "$T/home/my course"
  try 0 "$lab" new --wrong hallo --lab greeter --from "$T/home/edited" --bug "greets in German" \
    --breaks greet/greets_by_name
  sed -n 2,3p labs/greeter/wrong/hallo.patch >"$T/head"
  printf 'Breaks: greet/greets_by_name\nMay-break: pieces/name_in_pieces_is_read_whole\n' |
    same - "$T/head"
  try 2 "$lab" new --wrong other --lab greeter --from "$T/home/edited" --bug "x" \
    --breaks greet/greets_in_german
  says "there is no check greet/greets_in_german"
  [ ! -e labs/greeter/wrong/other.patch ]
}

@test "a folder for --from that is not there is told with the cure" {
  course_of server
  try 2 "$lab" new --wrong other --lab greeter --from "$T/home/nowhere" --bug "x"
  says "lab: --from is $T/home/nowhere, and there is no such folder"
  says "help: name the folder that has the solution with the bug in it"
  [ ! -e labs/greeter/wrong/other.patch ]
}

@test "what is no wrong program is refused, and nothing is written" {
  course_of server
  mkdir -p workspaces/empty
  refuses "no workspace, so --lab must say" --wrong bug --bug x
  refuses "a wrong program's name" --wrong ../bug --lab greeter --bug x
  refuses "takes no id" greeter --wrong bug
  refuses "--kind is for a new lab" --wrong bug --kind tool
  refuses "there is no lab" --wrong bug --lab greter --bug x
  cd workspaces/empty
  refuses "has no server.c, and the solution has" --wrong bug --lab greeter --bug x
  cd "$T/home/my course"
  try 0 "$lab" start greeter
  cd workspaces/greeter
  refuses "differs from the solution in 1 place" --wrong bug --bug x
  cp ../../labs/greeter/solution/server.c .
  refuses "is the solution, without any bug" --wrong bug --bug x
  touch more.c
  refuses "the solution has no more.c" --wrong bug --bug x
  rm more.c
  sed -i 's/hello/hallo/' server.c
  refuses "differs from the solution in 2 places" --wrong bug --bug x
  cp ../../labs/greeter/solution/server.c .
  sed -i 's/LINE_MOST = 128/LINE_MOST = x/' server.c
  refuses "does not compile: 'x' undeclared" --wrong bug --bug x
  sed -i 's/LINE_MOST = x/LINE_MOST = 127/' server.c
  refuses "told in one sentence" --wrong bug
  refuses "told in one sentence" --wrong bug --bug $'two\nlines'
  try 3 "$lab" new --wrong bug --bug "a buffer of 127 bytes"
  says "the grader does not see this bug yet"
  [ ! -e ../../labs/greeter/wrong/bug.patch ]
}

@test "on a terminal the bug is asked for" {
  solution_here
  sed -i 's/"hello %/"hallo %/' server.c
  terminal 80 24
  type_in "lab new --wrong hallo"
  shows "The bug in one sentence"
  type_in "greets in another language"
  finish 0
  grep -qx "Bug: greets in another language" ../../labs/greeter/wrong/hallo.patch
}

@test "completion knows what lab new takes" {
  course_of tool
  try 0 "$lab" __complete new --kind c
  prints client
  try 0 "$lab" __complete new --stage=inter
  prints "--stage=internet"
  try 0 "$lab" __complete new --wrong bug --lab gree
  prints greeter
  try 0 "$lab" __complete allow ''
  prints ":folders"
}
