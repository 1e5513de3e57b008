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

@test "next goes on with what was used last, and in a workspace with its lab" {
  workspace hello
  workspace odd
  cd /
  touch -d '2001-01-01' "$T/home/hello/.lab/workspace.json"
  try 0 "$lab" next
  prints "next: ./lab check odd"
  touch -d '2001-01-01' "$T/home/odd/.lab/workspace.json"
  touch "$T/home/hello/.lab/workspace.json"
  try 0 "$lab" next
  prints "next: ./lab check hello"
  try 0 "$lab" status
  prints "> hello 0/3 steps"
  cd "$T/home/odd"
  try 0 "$lab" next
  prints "next: ./lab check odd"
  try 0 "$lab" status
  prints "> odd 0/8 steps"
}

@test "an attempt is a use: next goes on with the lab that was checked last" {
  workspace hello
  workspace odd
  touch -d '2001-01-01' "$T"/home/*/.lab/workspace.json
  try 1 "$lab" check hello
  cd /
  try 0 "$lab" next
  prints "next: ./lab check hello"
}

@test "a workspace that is gone is begun again" {
  workspace hello
  cd /
  rm -r "$T/home/hello"
  try 0 "$lab" next
  prints "workspace: $T/home/hello, which is gone"
  prints "next: ./lab start hello"
}

# odd becomes the first lab, and wants hello to be passed before.
odd_after_hello() {
  sed -i 's/"second"/"first"/; s/"order": 1/"order": 0/; s/"difficulty"/"prerequisites": ["hello"],\n  &/' \
    "$LAB_HOME/labs/odd/lab.json"
  sed -i 's/"order": 1/"order": 2/' "$LAB_HOME/labs/hello/lab.json"
  sed -i 's/"order": 0/"order": 1/' "$LAB_HOME/labs/odd/lab.json"
}

@test "next follows prerequisites, and start names those that are open" {
  odd_after_hello
  try 0 "$lab" list
  silent
  [[ "$(flat "$out")" == *"odd hard"*"after hello"*"hello easy"* ]] || show "the order"
  try 0 "$lab" next
  prints "next: ./lab start hello"
  try 0 "$lab" status
  prints "> hello"
  try 0 "$lab" start odd "$T/home/first"
  prints "note: this lab builds on hello, which is not passed yet"
  rm -r "$T/home/first" "$T/home/.local"
  workspace hello
  solve
  try 0 "$lab" check
  try 0 "$lab" next
  prints "next: ./lab start odd"
  try 0 "$lab" start odd "$T/home/second"
  prints_not "builds on"
}

@test "two labs that wait for each other hold nobody up" {
  odd_after_hello
  sed -i 's/"difficulty"/"prerequisites": ["odd"],\n  &/' "$LAB_HOME/labs/hello/lab.json"
  try 0 "$lab" next
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
  prints "1 First things (first)"
  prints "hello easy 20 min 0/3 steps A server that greets"
  prints "$T/home/hello"
  prints "odd hard 5 min open A grader that misbehaves"
  prints "no labs yet: Third things"
}

@test "list leaves out what was not asked for" {
  workspace hello
  try 0 "$lab" list --stage second
  silent
  prints "odd hard"
  prints_not "hello"
  prints_not "no labs yet"
  try 0 "$lab" list --stage=1 --todo
  prints "hello easy"
  prints_not "odd"
  try 0 "$lab" list --difficulty=hard
  prints "odd hard"
  prints_not "hello"
  try 0 "$lab" list --state=started
  prints "hello easy"
  prints_not "odd"
  try 0 "$lab" list --state=open
  prints "odd hard"
  prints_not "hello"
  solve
  try 0 "$lab" check
  try 0 "$lab" list --state passed
  prints "hello easy 20 min passed"
  prints_not "odd"
  try 0 "$lab" list --todo
  prints_not "hello"
  try 0 "$lab" list --todo --stage first
  prints "no lab is like that; \`./lab list\` shows all"
  try 0 "$lab" list --stage third
  prints "Third things has no labs yet"
}

@test "a filter that means nothing is told with what there is" {
  try 2 "$lab" list --stage frist
  says 'the roadmap has no stage "frist"'
  says "did you mean first?"
  try 2 "$lab" list --stage 4
  says "stages are named by number (1-3) or by id: first, second, third"
  try 2 "$lab" list --difficulty eazy
  says "--difficulty is eazy, and takes easy, medium or hard"
  says "did you mean --difficulty=easy?"
  try 2 "$lab" list --state=mango
  says "--state is mango, and takes open, started, passed or todo"
  try 2 "$lab" list --todo --state=passed
  says "--todo and --state cannot both be said"
  [ -z "$out" ]
}

@test "list --json has the labs that were asked for" {
  workspace hello
  try 0 "$lab" list --json
  silent
  json '.version == 1 and [.labs[].id] == ["hello", "odd"]'
  json '.labs[0] | .stage == "first" and .status == "started" and .steps == 3 and .minutes == 20'
  json ".labs[0].workspace == \"$T/home/hello\" and (.labs[1] | has(\"workspace\") | not)"
  try 0 "$lab" list --json --state passed
  json '.labs == []'
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
  try 0 "$lab" allow "$T/more"
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
