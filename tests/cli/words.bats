# SPDX-License-Identifier: MIT
# Commands and options as they are typed, also wrongly: help, version, suggestions.
load helpers

commands="start check build run trace debug hint lesson status list next solution reset doctor"
commands="$commands pack validate grade"

@test "help lists every command" {
  try 0 "$lab" --help
  silent
  fits 80
  for command in $commands; do
    prints " $command "
  done
  help=$out
  try 0 "$lab" -h
  [ "$out" = "$help" ]
  try 0 "$lab" help
  [ "$out" = "$help" ]
}

@test "each command explains itself, in 80 columns" {
  for command in $commands; do
    try 0 "$lab" "$command" --help
    silent
    fits 80
    prints "usage: lab $command"
    prints "-h, --help"
    help=$out
    try 0 "$lab" help "$command"
    [ "$out" = "$help" ]
    try 0 "$lab" "$command" -h
    [ "$out" = "$help" ]
  done
}

@test "help needs neither home, nor workspace, nor course" {
  HOME=/nonexistent LAB_HOME=/nonexistent try 0 "$lab" check --help
  HOME=/nonexistent LAB_HOME=/nonexistent try 0 "$lab" --version
  [ "$out" = "lab $(sed -n 's/^project(lab VERSION \([0-9.]*\).*/\1/p' "$LAB_SOURCE/CMakeLists.txt")" ]
}

@test "a mistyped command is suggested" {
  try 2 "$lab" chekc
  says "lab: there is no command chekc"
  says "help: did you mean ./lab check?"
  [ -z "$out" ]
  try 2 "$lab" help chekc
  says "did you mean ./lab check?"
}

@test "a word that is like no command leads to the list" {
  try 2 "$lab" xylophone
  says "there is no command xylophone"
  says "help: ./lab --help lists the commands"
  try 2 "$lab" ""
  says "there is no command"
  try 2 "$lab" $'\033[2Jcheck'
  says '\x1b[2Jcheck'
}

@test "a mistyped option is suggested" {
  try 2 "$lab" check --jsno
  says "lab check has no option --jsno"
  says "did you mean --json?"
  try 2 "$lab" check -z
  says "lab check has no option -z"
  says "./lab check --help lists the options"
  try 2 "$lab" check -az
  says "lab check has no option -z"
  try 2 "$lab" check --seed
  says "lab check: --seed needs a value"
  try 2 "$lab" next --json
  says "lab next has no option --json"
  try 2 "$lab" check --json=yes
  says "--json takes no value"
  try 2 "$lab" --jsno
  says "lab has no option --jsno"
  says "lab --help lists"
}

@test "an option's value is looked at" {
  workspace hello
  try 2 "$lab" check --seed mango
  says "--seed is mango, and takes a whole number"
  try 2 "$lab" check --seed -1
  says "--seed is -1"
  try 2 "$lab" check --seed 9007199254740992
  says "--seed is 9007199254740992"
  try 2 "$lab" run --port 0
  says "--port is 0, and takes a whole number from 1 to 65535"
  try 2 "$lab" reset --to 0
  says "--to is 0"
  for command in check build run trace debug hint lesson status list pack doctor; do
    try 2 "$lab" "$command" --color=blue
    says "--color is blue, and takes auto, always or never"
  done
}

@test "too few and too many words say what is taken" {
  try 2 "$lab" start
  says "lab start takes LAB [DIR]"
  try 2 "$lab" start a b c
  says "lab start takes LAB [DIR]"
  try 2 "$lab" status hello
  says "lab status takes no words"
  says "lab status --help says more"
}

@test "a mistyped lab is suggested" {
  for command in start check build run trace debug hint lesson solution reset pack validate; do
    try 2 "$lab" "$command" helo
    says 'there is no lab "helo"'
    says 'did you mean "hello"?'
  done
  try 2 "$lab" start xylophone
  says "lab list"
  try 2 "$lab" start ../labs/hello
  says 'there is no lab "../labs/hello"'
}

@test "a mistyped step is suggested" {
  workspace hello
  try 2 "$lab" check liten
  says "hello has no step or check liten"
  says "did you mean listen?"
  try 2 "$lab" check greet/greets_by_nam
  says "did you mean greet/greets_by_name?"
  try 2 "$lab" check 4
  says "steps are named by id, by number (1-3) or as A-B"
  for words in 0 3-1 1-4 listen/ /greet '' -- ; do
    [ "$words" = -- ] || try 2 "$lab" check "$words"
  done
  for command in hint lesson; do
    try 2 "$lab" "$command" liten
    says "hello has no step liten"
    says "did you mean listen?"
    try 2 "$lab" "$command" 4
    says "steps are named by id or by number (1-3)"
    try 2 "$lab" "$command" hello listen greet
  done
  try 2 "$lab" build listen
  says 'there is no lab "listen"'
}

@test "outside of a workspace the message says where to go" {
  for command in check build run hint lesson solution reset; do
    try 2 "$lab" "$command"
    says "is no workspace: neither it nor a folder above it has .lab/workspace.json"
    says "./lab start LAB DIR"
  done
  try 2 "$lab" check hello
  says "hello has no workspace yet"
  says "lab start hello"
}
