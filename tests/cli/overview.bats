# SPDX-License-Identifier: MIT
# Where am I, what comes next: lab alone, status, list, next.
load helpers

@test "lab alone says what to do first" {
  try 0 "$lab"
  silent
  fits 80
  prints "hello: Accept a connection"
  prints "next: ./lab start hello"
  prints "./lab --help lists the commands"
}

@test "next goes on with the lab that was begun, and says which step is open" {
  workspace hello
  try 0 "$lab" next
  prints "hello: 0 of 3 steps, 0/100 points"
  prints "workspace: $T/home/hello"
  prints "the step that is open: listen, accepts a connection on \$PORT"
  prints "next: ./lab check hello"
  solve 'signal(SIGTERM, SIG_IGN);'
  sed -i '2i #include <signal.h>' server.c
  try 1 "$lab" check
  cd /
  try 0 "$lab" next
  prints "hello: 2 of 3 steps, 70/100 points"
  prints "the step that is open: quit"
  try 1 "$lab" check hello
  try 0 "$lab"
  prints "hello: 2 of 3 steps"
}

@test "after a pass the next lab of the roadmap comes" {
  workspace hello
  solve
  try 0 "$lab" check
  try 0 "$lab" next
  prints "odd: Each step but the first"
  prints "next: ./lab start odd"
}

@test "status shows the stages, and where one is" {
  try 0 "$lab" status
  silent
  fits 80
  prints "First things [.] 0/1"
  prints "1 stage has no labs yet"
  workspace hello
  solve
  try 0 "$lab" check
  try 0 "$lab" start odd
  try 0 "$lab" status
  fits 80
  prints "1 done First things [#] 1/1"
  prints "2 now Second things [.] 0/1 > odd 0/8 steps"
}

@test "status --json has every lab with its points" {
  workspace hello
  solve 'return 0;'
  try 1 "$lab" check
  solve
  try 0 "$lab" check
  try 0 "$lab" status --json
  silent
  json '.version == 1'
  json '[.stages[].id] == ["first", "second", "third"]'
  json '[.stages[].status] | length == 3'
  json '.stages[0].title == "First things"'
  json '.stages[0].labs == [{"id":"hello","title":"A server that greets","status":"passed","points":100,"max_points":100}]'
  json '.stages[1].labs[0].status == "open" and .stages[1].labs[0].points == 0'
  json '.stages[2].labs == []'
}

@test "list shows every lab with its workspace" {
  workspace hello
  try 0 "$lab" list
  silent
  fits 80
  prints "hello easy 20 min 0/3 steps A server that greets"
  prints "$T/home/hello"
  prints "odd hard 5 min A grader that misbehaves"
}

@test "a lab that is broken is named, and hides no other" {
  echo '{' >"$LAB_HOME/labs/odd/lab.json"
  for command in status list next; do
    try 3 "$lab" "$command"
    prints "hello"
    says "odd/lab.json:2:1: the text ends before the JSON value does"
    says "help: close what is open"
  done
  workspace hello
  try 1 "$lab" check
}

@test "a course without labs says so" {
  rm -r "$LAB_HOME"/labs/hello "$LAB_HOME"/labs/odd
  try 0 "$lab"
  prints "there are no labs here"
  try 0 "$lab" status
  prints "3 stages have no labs yet"
  try 0 "$lab" list
}

@test "further courses add their labs, and two labs of one id are an error that names both" {
  mkdir -p "$T/more/labs"
  cp -r "$LAB_HOME/labs/odd" "$T/more/labs/extra"
  sed -i 's/"odd"/"extra"/' "$T/more/labs/extra/lab.json"
  mkdir "$T/more/graders"
  cp "$LAB_HOME/graders/odd" "$T/more/graders/extra"
  export LAB_PATH=$T/more
  try 0 "$lab" list
  prints "extra hard"
  workspace extra
  try 0 "$lab" check good
  cp -r "$LAB_HOME/labs/hello" "$T/more/labs/hello"
  try 2 "$lab" start hello "$T/home/twice"
  says "two courses have a lab \"hello\": $T/course and $T/more"
  says "rename one of the two, or take a course out of LAB_PATH"
}

@test "a course that is not there is named" {
  LAB_PATH=$T/nowhere try 4 "$lab" list
  says "LAB_PATH names $T/nowhere, and no folder labs/ is there"
  LAB_PATH=more try 4 "$lab" list
  says 'LAB_PATH names "more", which is not an absolute path'
  LAB_HOME=$T/nowhere try 4 "$lab"
  says "LAB_HOME is $T/nowhere, and no folder labs/ is there"
}
