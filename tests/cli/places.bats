# SPDX-License-Identifier: MIT
# Odd paths, narrow terminals, no terminal, a closed or full stdout, colours.
load helpers

# Everything a learner does, in the folder named $1.
learner_works_in() {
  try 0 "$lab" start hello "$T/home/$1"
  cd "$T/home/$1"
  try 1 "$lab" check
  [ -e .lab/last ]
  solve
  try 0 ./lab check
  prints "PASS hello 100/100"
  try 0 "$lab" build -v
  try 0 "$lab" next
  try 0 "$lab" list
  try 0 make
  try 0 "$lab" reset
  try 0 "$lab" reset --to 2
  cd /
  try 0 "$lab" check hello
}

@test "a path with blanks and quotes" { learner_works_in "it's \"my\" \`work\` \$HOME"; }
@test "a path in UTF-8" { learner_works_in "Übung größe 練習"; }
@test "a path with a line feed and a tab" { learner_works_in $'line\nfeed\ttab'; }
@test "a path with bytes that are no UTF-8" { learner_works_in $'latin-\xe4\xff'; }
@test "a path with escape sequences, which do not reach the terminal" {
  learner_works_in $'red\033[31m'
  [[ "$out$err" != *$'\033'* ]]
  cd "$T/home/"$'red\033[31m'
  try 0 "$lab" list
  [[ "$out$err" != *$'\033'* ]]
  try 0 "$lab" start hello .
  try 0 "$lab" start hello "$T/home/"$'blue\033[34m'
  [[ "$out$err" != *$'\033'* ]]
  try 0 "$lab" next
  [[ "$out$err" != *$'\033'* ]]
  try 0 "$lab" reset hello
  [[ "$out$err" != *$'\033'* ]]
}

@test "a path of 3,000 bytes" {
  long=$(printf '%0250d' 0)
  learner_works_in "$long/$long/$long/$long/$long/$long/$long/$long/$long/$long/$long/$long"
}

@test "a home, a course, a cache and temporary files in odd paths" {
  odd=$T/$'it\'s "odd" \n größe'
  mkdir -p "$odd/home" "$odd/tmp"
  chmod 1777 "$odd/tmp"
  cp -r "$LAB_HOME" "$odd/course"
  export HOME=$odd/home LAB_HOME=$odd/course XDG_CACHE_HOME=$odd/cache TMPDIR=$odd/tmp
  try 0 "$lab" start hello "$T/home/w"
  cd "$T/home/w"
  solve
  try 0 "$lab" check
  [ -z "$(ls -A "$TMPDIR")" ]
  [ -e "$odd/home/.local/share/lab/progress.db" ]
  try 0 "$lab" validate hello --runs 1
}

@test "a terminal of 20 columns" {
  export COLUMNS=20
  workspace hello
  fits 20
  try 1 "$lab" check
  fits 20
  prints "accepts"
  for command in next status list lesson hint "lesson greet" "check --all"; do
    try $([ "$command" = "check --all" ] && echo 1 || echo 0) "$lab" $command
    fits 20
  done
  solve 'int unused;'
  sed -i 's/GREETING;/"hallo ";/' server.c
  try 1 "$lab" check -v
  fits 20
  try 2 "$lab" chekc
  fits 20
  echo 'int main(void) { return 0 }' >server.c
  try 1 "$lab" check
  fits 20
}

@test "COLUMNS that are no number" {
  workspace hello
  COLUMNS=wide try 1 "$lab" check
  fits 80
  COLUMNS=-5 try 1 "$lab" check
  fits 80
  COLUMNS=500 try 1 "$lab" check
  fits 80
}

@test "no terminal: no colours, no prompts" {
  workspace hello
  for command in check status list next lesson hint build; do
    try $([ $command = check ] && echo 1 || echo 0) "$lab" $command
    [[ "$out$err" != *$'\033'* ]]
  done
}

@test "--color=always, NO_COLOR, --color=never, TERM=dumb" {
  workspace hello
  try 1 "$lab" check --color=always
  [[ "$out" == *$'\033[1;31mFAIL'* ]]
  NO_COLOR=1 try 1 "$lab" check --color=always
  [[ "$out" == *$'\033['* ]]
  try 1 "$lab" check --color=never
  [[ "$out" != *$'\033'* ]]
  plain=$(grep -v 'again:\|Content\|listen on port\|compile' "$T/results/out")
  try 1 "$lab" check --color=always
  [ "$(sed 's/\x1b\[[0-9;]*m//g' "$T/results/out" | grep -v 'again:\|listen on port\|compile')" = "$plain" ]
}

@test "a closed stdout: status 4 and a message, and the attempt counts" {
  workspace hello
  solve
  try 4 sh -c '"$0" check >&-' "$lab"
  says "lab: stdout could not be written"
  try 0 "$lab" next
  prints "odd"
  for command in --help --version status list next lesson "check --json"; do
    try 4 sh -c '"$0" $1 >&-' "$lab" "$command"
    says "stdout could not be written"
  done
}

@test "a full disk behind stdout" {
  workspace hello
  try 4 sh -c '"$0" check >/dev/full' "$lab"
  says "lab: stdout could not be written"
  try 4 sh -c '"$0" check --json >/dev/full' "$lab"
  says "lab: stdout could not be written"
}

@test "a reader of stdout that goes away" {
  workspace hello
  try 0 bash -c '"$0" check | true; [ "${PIPESTATUS[0]}" = 4 ] || [ "${PIPESTATUS[0]}" = 1 ]' "$lab"
  try 0 bash -c '"$0" lesson | head -n 1 >/dev/null' "$lab"
}

@test "closed stdin and stderr" {
  workspace hello
  try 1 sh -c '"$0" check <&- 2>&-' "$lab"
  prints "hello 0/100 points"
  solve
  try 0 sh -c '"$0" check <&- 2>&-' "$lab"
  try 4 sh -c '"$0" check <&- >&- 2>&-' "$lab"
  same server.c server.c
}
