# SPDX-License-Identifier: MIT
# lab.json and lesson.md with faults: file, line, column, cure; and the workspace is as it was.
load helpers

# The manifest after a change by sed must be refused by check and validate, with the text.
refused() {
  local change=$1
  shift
  cp "$here/course/labs/hello/lab.json" "$LAB_HOME/labs/hello/lab.json"
  sed -i "$change" "$LAB_HOME/labs/hello/lab.json"
  try 3 "$lab" check
  says "$LAB_HOME/labs/hello/lab.json:$1"
  says "help: $2"
  [ -z "$out" ]
  diff -r . "$T/before"
}

prepare() {
  workspace hello
  solve
  cp -r . "$T/before"
}

@test "a wrong type" {
  prepare
  refused 's/"minutes": 20/"minutes": "20"/' '10:14: "minutes" is a text, expected a whole number' 'make it a whole number'
  refused 's/"title": "A server.*"/"title": null/' '4:12: "title" is null, expected a text' 'make it a text'
  refused 's/\["server.c"\]/"server.c"/' '11:22: "edit" is a text, expected' 'make it'
}

@test "an unknown key" {
  prepare
  refused 's/"minutes"/"minuts"/' '10:3: unknown key "minuts"' 'did you mean "minutes"?'
  refused 's/"points": 50/"points": 50, "bonus": 1/' '14:72: unknown key "bonus"' 'remove it; the keys here are'
}

@test "a doubled key" {
  prepare
  refused 's/"minutes": 20/"minutes": 20, "minutes": 30/' '10:18: the key "minutes" is there twice' 'remove one'
}

@test "a key that is missing" {
  prepare
  refused '/"minutes"/d' '1:1: the key "minutes" is missing' 'add "minutes"'
  refused 's/, "title": "says hello and the name"//' '14:5: the key "title" is missing' 'add "title"'
}

@test "two steps of one id" {
  prepare
  refused 's/"id": "greet"/"id": "listen"/' '14:13: two steps are called "listen"' 'rename one of the two'
}

@test "text behind the end, and what JSON does not know" {
  prepare
  refused '$s/}/} and so on/' '17:3: text after the end of the JSON value' 'remove'
  refused 's/"order": 1,/"order": 1,,/' '7:14:' ''
  refused 's/"version": 1,/"version": 1, \/\/ one/' '2:17: JSON has no comments' 'remove the comment'
}

@test "values out of bounds" {
  prepare
  refused 's/"points": 50/"points": 40/' '12:12: the points of the steps sum to 90, expected 100' 'give 10 points more'
  refused 's/"id": "hello"/"id": "helo"/' '3:9: "id" is "helo", and the lab'"'"'s folder is called "hello"' 'give both the same name'
  refused 's/\["server.c"\]/["sever.c"]/' '11:23: "edit" names sever.c, and stub/ has no such file' 'write'
  refused 's/"version": 1/"version": 2/' '2:14:' 'use a newer lab'
}

@test "a step of lab.json that the lesson lacks, and the other way round" {
  prepare
  lesson=$LAB_HOME/labs/hello/lesson.md
  sed -i 's/^## greet/## great/' "$lesson"
  try 3 "$lab" validate hello --runs 1
  try 3 "$lab" lesson
  says "$lesson:26:"
  says "did you mean \`## greet\`?"
  sed -i '/^## great/,/^## quit/{ /^## quit/!d }' "$lesson"
  try 3 "$lab" lesson
  says "$lesson:26:"
  says "add \`## greet\` here"
  try 3 "$lab" hint
  # A check does without the lesson.
  try 0 "$lab" check
}

@test "a stage that the roadmap does not have" {
  sed -i 's/"stage": "first"/"stage": "fist"/' "$LAB_HOME/labs/hello/lab.json"
  for command in "start hello" "validate hello" list; do
    try 3 "$lab" $command
    says "$LAB_HOME/labs/hello/lab.json:6:12: the roadmap has no stage \"fist\""
    says 'did you mean "first"?'
  done
}

@test "a lab without its files" {
  prepare
  rm "$LAB_HOME/labs/hello/lesson.md"
  try 3 "$lab" lesson
  says "$LAB_HOME/labs/hello/lesson.md: No such file or directory"
  says "help: write the lesson: labs/README.md says how"
  cp "$here/course/labs/hello/lesson.md" "$LAB_HOME/labs/hello/"
  rm -r "$LAB_HOME/labs/hello/stub"
  try 3 "$lab" start hello "$T/home/new"
  says "$LAB_HOME/labs/hello/stub"
  rm "$LAB_HOME/labs/hello/lab.json"
  try 2 "$lab" start hello "$T/home/new"
  says 'there is no lab "hello"'
}

@test "an empty lab.json, one that is a folder, one of 100 MB" {
  prepare
  manifest=$LAB_HOME/labs/hello/lab.json
  : >"$manifest"
  try 3 "$lab" check
  says "$manifest:1:1: an empty file"
  truncate -s 100M "$manifest"
  try 3 "$lab" check
  says "$manifest"
  rm "$manifest"
  mkdir "$manifest"
  try 3 "$lab" check
  says "$manifest"
  diff -r . "$T/before"
}

@test "a roadmap that is missing or broken" {
  prepare
  echo '{ "version": 1, "stages": [] ' >"$LAB_HOME/labs/roadmap.json"
  try 3 "$lab" status
  says "$LAB_HOME/labs/roadmap.json:2:1: the text ends"
  rm "$LAB_HOME/labs/roadmap.json"
  try 3 "$lab" status
  says "roadmap.json"
}
