# SPDX-License-Identifier: MIT
# lab start: what it makes, and that it overwrites nothing.
load helpers

@test "a workspace holds the stub and what editors, make and lab need" {
  try 0 "$lab" start hello
  silent
  fits 80
  prints "A server that greets: Accept a connection"
  prints "3 steps, about 20 minutes"
  same hello/server.c "$LAB_HOME/labs/hello/stub/server.c"
  same hello/greeting.h "$LAB_HOME/labs/hello/stub/greeting.h"
  jq -e '.[0].file == "server.c"' hello/compile_commands.json
  jq -e '.version == 1 and .lab == "hello"' hello/.lab/workspace.json
  [ "$(ls -A hello | tr '\n' ' ')" = ".lab Makefile compile_commands.json greeting.h lab server.c " ]
}

@test "the last line, pasted, checks the stub" {
  try 0 "$lab" start hello "it's"$'\n'"a \"folder\""
  [[ "$(tail -n 1 "$T/results/out")" == "check  cd "*" && ./lab check" ]]
  sed -n '$s/^check  //p' "$T/results/out" >"$T/pasted"
  try 1 bash "$T/pasted"
  prints "hello 0/100 points"
}

@test "the Makefile builds what a check compiles" {
  workspace hello
  solve
  mkdir more
  echo 'int more(void) { return 1; }' >'more/a b.c'
  try 0 make
  try 0 make clean
  try 1 test -e program
}

@test "a workspace that is there is left as it is" {
  try 0 "$lab" start hello
  echo '// mine' >>hello/server.c
  cp -r hello before
  try 0 "$lab" start hello
  prints "hello is a workspace of hello already; nothing was changed"
  prints "cd hello && ./lab check"
  diff -r before hello
}

@test "a file that is there is never overwritten" {
  mkdir work
  echo '// mine' >work/server.c
  try 2 "$lab" start hello work
  says "work/server.c is there already, and is not what the lab brings"
  says "lab start hello DIR"
  [ "$(cat work/server.c)" = '// mine' ]
  [ "$(ls -A work)" = server.c ]
}

@test "a folder that holds other things gets the workspace beside them" {
  mkdir work
  echo notes >work/notes.txt
  try 0 "$lab" start hello work
  [ "$(cat work/notes.txt)" = notes ]
  same work/server.c "$LAB_HOME/labs/hello/stub/server.c"
}

@test "what is no folder is refused" {
  echo text >file
  try 2 "$lab" start hello file
  says '"file" is no folder'
  try 4 "$lab" start hello file/below
  says "file/below: Not a directory"
  says "choose a folder that you may write"
  try 2 "$lab" start hello ''
  [ "$(cat file)" = text ]
}

@test "the workspace of another lab is refused" {
  try 0 "$lab" start hello work
  try 2 "$lab" start odd work
  says "is the workspace of another lab, hello"
  same work/server.c "$LAB_HOME/labs/hello/stub/server.c"
}

@test "inside of a course workspaces go below workspaces" {
  cd "$LAB_HOME/labs/hello"
  try 0 "$lab" start hello
  prints "cd ../../workspaces/hello && ./lab check"
  [ -e "$LAB_HOME/workspaces/hello/.lab/workspace.json" ]
}

@test "packages that the lab needs and that are missing are named" {
  sed -i 's|"kind"|"packages": [{ "pkg_config": "no-such-module", "debian": "libmango-dev" }], "kind"|' \
    "$LAB_HOME/labs/hello/lab.json"
  try 0 "$lab" start hello
  prints "this lab needs packages that are not installed"
  prints "apt-get install libmango-dev"
  cd hello
  try 4 "$lab" check
  says "libmango-dev"
}

@test "printed commands say lab when PATH finds it, and ./lab when not" {
  ln -s "$lab" "$T/results/lab"
  PATH=$T/results:$PATH try 0 "$lab" start hello
  prints "cd hello && lab check"
  PATH=$T/results:$PATH try 0 "$lab" next
  prints "next: lab check hello"
  ln -sf /bin/true "$T/results/lab"
  PATH=$T/results:$PATH try 0 "$lab" next
  prints "next: ./lab check hello"
}

@test "the workspace's own lab says when lab is gone" {
  workspace hello
  sed -i "s|^program=.*|program=/nonexistent/lab|; s|lab: /.* is gone|lab: /nonexistent/lab is gone|" lab
  try 4 ./lab check
  says "lab: /nonexistent/lab is gone, and PATH has no lab"
  PATH=$LAB_BUILD:$PATH try 1 ./lab check
  prints "hello 0/100 points"
}
