# SPDX-License-Identifier: MIT
# reset, and workspaces that are damaged: nothing of the learner's is ever lost.
load helpers

@test "reset puts the stub back and says where the files are" {
  workspace hello
  solve
  mkdir more
  echo 'int more;' >more/more.c
  echo notes >notes.txt
  cp server.c "$T/mine.c"
  try 0 "$lab" reset
  silent
  prints "$T/home/hello holds the stub again"
  prints "your files are kept in $T/home/hello/.lab/backup/1"
  same server.c "$LAB_HOME/labs/hello/stub/server.c"
  same .lab/backup/1/server.c "$T/mine.c"
  same .lab/backup/1/more/more.c <(echo 'int more;')
  [ ! -e more/more.c ]
  [ "$(cat notes.txt)" = notes ]
  try 0 "$lab" reset
  prints ".lab/backup/2"
  same .lab/backup/1/server.c "$T/mine.c"
}

@test "reset --to brings an attempt's files back" {
  workspace hello
  solve 'return 0;'
  try 1 "$lab" check
  cp server.c "$T/first.c"
  solve
  cp server.c "$T/second.c"
  try 0 "$lab" check
  try 0 "$lab" reset
  try 0 "$lab" reset --to 1
  prints "is as it was in attempt 1"
  same server.c "$T/first.c"
  try 0 "$lab" reset --to 2
  same server.c "$T/second.c"
  try 2 "$lab" reset --to 3
  says "attempt"
  same server.c "$T/second.c"
}

@test "without .lab the folder is no workspace, and start makes it one again" {
  workspace hello
  solve
  cp server.c "$T/mine.c"
  rm -r .lab
  try 2 "$lab" check
  says "is no workspace: neither it nor a folder above it has .lab/workspace.json"
  says "go to a workspace (cd DIR) or make one: ./lab start LAB DIR"
  same server.c "$T/mine.c"
  try 0 "$lab" start hello .
  same server.c "$T/mine.c"
  try 0 "$lab" check
  rm -r .lab lab
  try 2 "$lab" start hello .
  says "server.c is there already, and is not what the lab brings"
  says "move it away, or choose another folder: ./lab start hello DIR"
  same server.c "$T/mine.c"
}

@test "without workspace.json start repairs, and changes no file" {
  workspace hello
  solve
  cp server.c "$T/mine.c"
  try 0 "$lab" check
  rm .lab/workspace.json
  try 4 "$lab" check
  says "$T/home/hello/.lab/workspace.json is missing"
  says "start the lab there again, your files stay as they are: ./lab start LAB '$T/home/hello'"
  try 0 "$lab" start hello .
  same server.c "$T/mine.c"
  try 0 "$lab" check
}

@test "a damaged workspace.json is named with its line, and set aside" {
  workspace hello
  solve
  cp server.c "$T/mine.c"
  printf '{\n  "version": 1,\n  "lab": hello\n}\n' >.lab/workspace.json
  try 4 "$lab" check
  says "$T/home/hello/.lab/workspace.json:3:10: expected a value"
  says "./lab start LAB"
  try 0 "$lab" start hello .
  grep -q ': hello' .lab/workspace.json.damaged
  same server.c "$T/mine.c"
  try 0 "$lab" check
}

@test "a workspace of another version is left alone" {
  workspace hello
  solve
  sed -i 's/"version":.*/"version": 7, "new": true,/' .lab/workspace.json
  cp -r . "$T/before"
  for command in check build hint reset; do
    try 4 "$lab" "$command"
    says ".lab/workspace.json:2:13: the workspace is of version 7, and this lab knows version 1"
    says "update lab, or start anew in another folder"
  done
  try 4 "$lab" start hello .
  diff -r . "$T/before"
}

@test "a workspace of a lab that is gone says so" {
  workspace hello
  rm -r "$LAB_HOME/labs/hello"
  try 2 "$lab" check
  says 'there is no lab "hello"'
}

@test "a workspace whose course is gone is checked by whoever has the lab now" {
  cp -r "$LAB_HOME" "$T/other"
  LAB_HOME=$T/other workspace hello
  solve
  rm -r "$T/other"
  try 0 "$lab" check
}

@test "a workspace that is deleted while one stands in it" {
  workspace hello
  rm -r "$T/home/hello"
  for command in check build run reset; do
    try 2 "$lab" "$command"
    says "lab: .: the folder is not there any more"
    says "help: go to a folder that is there: cd DIR"
  done
  try 4 "$lab" start hello
  says "choose a folder that you may write"
}

@test "a workspace that cannot be written is graded all the same" {
  workspace hello
  solve
  chmod -R a-w .
  if [ "$(id -u)" = 0 ]; then chattr +i . .lab 2>/dev/null || skip "this file system knows no +i"; fi
  status=0
  try 0 "$lab" check || status=1
  if [ "$(id -u)" = 0 ]; then chattr -i . .lab; fi
  [ "$status" = 0 ]
  prints "PASS hello 100/100"
  says "help: make the folder writable"
}
