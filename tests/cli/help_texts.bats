# SPDX-License-Identifier: MIT
# What a learner reads: hint, lesson, solution.
load helpers

@test "hints come one at a time, and are remembered" {
  workspace hello
  try 0 "$lab" hint
  silent
  fits 80
  prints "listen, hint 1 of 3:"
  prints "The port is in the environment."
  prints_not "getenv"
  prints "next: edit, then \`./lab check listen\`; hint 2: \`./lab hint listen\`"
  try 0 "$lab" hint listen
  prints "listen, hint 2 of 3:"
  try 0 "$lab" hint 1
  prints "listen, hint 3 of 3:"
  try 0 "$lab" hint
  prints "listen, hint 3 of 3 (all were shown; this is the last one)"
}

@test "a hint that fits what was seen comes first, alone and once" {
  workspace hello
  try 1 "$lab" check
  prints "hint: ./lab hint listen (1 of 3)"
  try 0 "$lab" hint
  silent
  prints "listen, for what the last check saw in accepts_a_connection:"
  prints "The program ends before it listens."
  prints_not "hint 1 of 3"
  prints "next: edit, then \`./lab check listen\`; hint 1: \`./lab hint listen\`"
  try 0 "$lab" hint
  prints "listen, hint 1 of 3:"
  prints_not "for what the last check saw"
  try 1 "$lab" check
  prints "hint: ./lab hint listen (2 of 3)"
  try 0 "$lab" hint listen
  prints "listen, hint 2 of 3:"
}

# A hint of the step greet for one check and one kind of failure.
special() {
  sed -i "s|^## quit|### Hint for $1 $2\n\nIt is $1 and $2.\n\n&|" "$LAB_HOME/labs/hello/lesson.md"
}

@test "the hint is for this check and for this kind of failure" {
  special greets_by_name mismatch
  special greets_by_name crash
  special greets_by_name timeout
  special greets_a_second_client mismatch
  workspace hello
  # A wrong answer.
  solve
  sed -i 's/length, 0/length - 1, 0/' server.c
  try 1 "$lab" check
  try 0 "$lab" hint greet
  prints "greet, for what the last check saw in greets_by_name:"
  prints "It is greets_by_name and mismatch."
  # A crash: another hint of the same check.
  solve
  sed -i 's/send(client/abort(); &/' server.c
  try 1 "$lab" check
  try 0 "$lab" hint greet
  prints "It is greets_by_name and crash."
  # It hangs.
  solve
  sed -i 's/send(client/pause(); &/' server.c
  try 1 "$lab" check
  try 0 "$lab" hint greet
  prints "It is greets_by_name and timeout."
  # Each was given once; the numbered ones go on.
  try 0 "$lab" hint greet
  prints "greet, hint 1 of 3:"
}

@test "where the first failing check has no hint of its own, the next one's comes" {
  special greets_a_second_client mismatch
  workspace hello
  solve
  sed -i 's/length, 0/length - 1, 0/' server.c
  try 1 "$lab" check
  try 0 "$lab" hint greet
  prints "greet, for what the last check saw in greets_a_second_client:"
}

@test "an attempt on other steps does not hide what was seen, and a pass does" {
  special greets_by_name mismatch
  workspace hello
  solve
  sed -i 's/length, 0/length - 1, 0/' server.c
  try 1 "$lab" check
  try 0 "$lab" check listen
  try 0 "$lab" hint greet
  prints "It is greets_by_name and mismatch."
  solve
  try 0 "$lab" check
  try 0 "$lab" hint greet --again
  prints_not "It is greets_by_name"
}

@test "hints that were given can be read once more" {
  workspace hello
  try 0 "$lab" hint listen --again
  prints "no hint for listen was given yet"
  try 1 "$lab" check
  for hint in special 1 2; do try 0 "$lab" hint; done
  try 0 "$lab" hint --again
  silent
  prints "The program ends before it listens."
  prints "listen, hint 1 of 3:"
  prints "listen, hint 2 of 3:"
  prints_not "hint 3 of 3"
  prints "hint 3: \`./lab hint listen\`"
  try 0 "$lab" hint
  prints "listen, hint 3 of 3:"
}

@test "where nothing can be remembered, the fitting hint hides no other" {
  workspace hello
  try 1 "$lab" check
  db=$T/home/.local/share/lab
  chmod a-w "$db"/* "$db"
  if [ "$(id -u)" = 0 ]; then chattr +i "$db"/* "$db" 2>/dev/null || skip "this file system knows no +i"; fi
  status=0
  try 0 "$lab" hint || status=1
  if [ "$(id -u)" = 0 ]; then chattr -i "$db" "$db"/*; fi
  [ "$status" = 0 ]
  prints "The program ends before it listens."
  prints "listen, hint 1 of 3:"
}

@test "without a word the hint is for the first step that is not passed" {
  workspace hello
  solve
  sed -i 's/length, 0/length - 1, 0/' server.c
  try 1 "$lab" check
  try 0 "$lab" hint
  prints "greet, hint 1 of 3:"
  try 0 "$lab" hint
  try 0 "$lab" hint
  prints "greet, hint 3 of 3:"
  prints "next: edit, then \`./lab check greet\`; lesson: \`./lab lesson greet\`"
}

@test "a step without hints leads to the lesson" {
  workspace hello
  sed -i '/^## quit/,${ /^### Hint/,$d }' "$LAB_HOME/labs/hello/lesson.md"
  try 0 "$lab" hint quit
  prints "quit has no hints; \`./lab lesson quit\` teaches it"
}

@test "hints and lessons are there before a workspace is" {
  try 0 "$lab" hint hello
  prints "listen, hint 1 of 3"
  try 0 "$lab" lesson hello greet
  prints "2 greet: says hello and the name"
  workspace odd
  try 0 "$lab" lesson hello
  prints "A server that greets"
}

@test "the lesson leaves the hints out" {
  workspace hello
  try 0 "$lab" lesson
  silent
  fits 80
  [ "$(grep -c "^A server that greets" "$T/results/out")" = 1 ]
  prints "1 listen: accepts a connection on \$PORT"
  prints "3 quit: ends when it is told to"
  prints_not "Hint"
  prints_not "The port is in the environment"
  try 0 "$lab" lesson 3
  prints "ends the program"
  prints_not "listen"
}

@test "a lesson in a file has no colours, unless they are asked for" {
  workspace hello
  try 0 "$lab" lesson
  [[ "$out" != *$'\033'* ]]
  prints "knows one word"
  try 0 "$lab" lesson --color=always
  [[ "$out" == *$'\033'* ]]
  try 0 "$lab" lesson --color=never
  [[ "$out" != *$'\033'* ]]
}

@test "the solution opens after a pass" {
  workspace hello
  try 2 "$lab" solution
  says "the solution of hello opens once the lab is passed"
  says "./lab solution hello --give-up opens it now"
  [ -z "$out" ]
  solve
  try 0 "$lab" check
  prints "compare: ./lab solution"
  echo >server.c
  try 0 "$lab" solution
  silent
  prints "$LAB_HOME/labs/hello/solution/server.c"
  prints "static int listen_on(int port)"
  prints "#define GREETING"
}

@test "the solution opens on giving up, for good" {
  try 0 "$lab" solution hello --give-up
  prints "static int listen_on(int port)"
  try 0 "$lab" solution hello
  try 2 "$lab" solution odd
}

@test "a pass of each step, but in no attempt of all, opens nothing" {
  workspace hello
  solve
  try 0 "$lab" check listen greet
  try 0 "$lab" check quit
  try 2 "$lab" solution
}
