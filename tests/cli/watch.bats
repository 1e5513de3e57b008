# SPDX-License-Identifier: MIT
# lab watch in a real terminal: what is on the screen after each save, and what is left of it.
load helpers
load terminal

# Watches in a terminal of COLUMNS x ROWS: watching COLUMNS ROWS [ARGUMENT…]
watching() {
  terminal "$1" "$2"
  shift 2
  type_in "lab watch $*"
}

# While the other buffer is on, what was there before is not looked at.
look() {
  local -a all=(-S -)
  err=
  [ "$(tmux display-message -p '#{alternate_on}')" = 0 ] || all=()
  out=$(tmux capture-pane -p -J "${all[@]}" "$@")
}

# Waits until the attempt with this number is done.
attempt() { shows "attempt $1 *\$"; }

# The screen alone, in $out.
screen() {
  err=
  out=$(tmux capture-pane -p)
}

# Writes what comes in beside the file, then renames it over it, as most editors save.
save() {
  cat >"$1.new"
  mv "$1.new" "$1"
}

# server.c of hello with some code at the start of main(), saved.
save_solution() {
  sed "/^int main/,/{/ s|{|{ $*|" "$here/course/labs/hello/solution/server.c" | save server.c
}

quit() {
  tmux send-keys q
  finish 0
  nothing_left
  usual_terminal
}

# The other buffer is left; keys are the shell's again.
usual_terminal() {
  [ "$(tmux display-message -p '#{alternate_on}')" = 0 ] || show "the other buffer is still there"
}

# Watches (with the arguments) below a shell that touches no terminal, writes its process number to
# $T/pid, and what the terminal is like afterwards to $T/modes.
watching_bare() {
  terminal 80 24
  printf '%s\n' 'echo $$ >"$1/pid"' "exec '$lab' watch $*" >"$T/exec"
  # Ctrl-C reaches all of them.
  printf '%s\n' 'trap : INT' 'dash "$1/exec" "$1"' 'stty -a >"$1/modes"' >"$T/outer"
  type_in "dash '$T/outer' '$T'"
}

usual_modes() {
  usual_terminal
  for mode in icanon echo iexten isig; do
    grep -qE "(^| )$mode( |;|\$)" "$T/modes" || show "$mode is off: $(cat "$T/modes")"
  done
}

# ---------------------------------------------------------------- saves

@test "from the stub to a pass, a screen after each save" {
  workspace hello
  watching 80 24
  attempt 1
  prints "FAIL 1 listen"
  prints "error: the program ended with status 0"
  prints "h hint l lesson t trace r run again n next q quit"
  printf 'int main(void) { return 0 }\n' | save server.c
  attempt 2
  prints "server.c:1:26: error: expected"
  prints "FAIL hello does not compile"
  save_solution 'getenv("PORT")[0] = 0;'
  attempt 3
  prints "ok compile"
  prints "FAIL hello"
  save_solution
  attempt 4
  prints "ok 1 listen"
  prints "PASS hello 100/100 points 3 of 3 steps attempt 4"
  screen
  ! grep -q FAIL <<<"$out" || show "an old failure is still there"
  quit
  prints "PASS hello 100/100"
  prints "next: ./lab next"
}

@test "writes in place, in several parts, end in what is whole" {
  workspace hello
  watching 80 24
  attempt 1
  exec 6>server.c # truncates
  shows "does not compile"
  head -c 700 "$here/course/labs/hello/solution/server.c" >&6
  tail -c +701 "$here/course/labs/hello/solution/server.c" >&6
  exec 6>&-
  shows "PASS  hello"
  quit
}

@test "a save without a change checks again, and so does r" {
  workspace hello
  watching 80 24
  attempt 1
  touch server.c
  attempt 2
  tmux send-keys r
  attempt 3
  quit
}

@test "a file that is added, changed in a folder, removed" {
  workspace hello
  save_solution 'extern int more; more = 1;'
  watching 80 24
  attempt 1
  prints "undefined reference to"
  mkdir parts
  echo 'int more' >parts/more.c
  shows "parts/more.c:1:.: error: expected"
  echo 'int more;' | save parts/more.c
  shows "PASS  hello"
  rm -r parts
  shows "undefined reference to"
  mkdir parts # under the same name once more
  echo 'int more;' >parts/more.c
  shows "PASS  hello"
  quit
}

@test "files that are no sources begin no check" {
  workspace hello
  watching 80 24
  attempt 1
  echo a >notes.txt
  echo b >.server.c.swp
  mkdir .hidden
  echo 'int main(void) { broken' >.hidden/server.c
  tmux send-keys r # what follows comes behind those
  attempt 2
  prints "FAIL 1 listen"
  quit
}

@test "a given file that is changed comes back, with a note" {
  workspace hello
  save_solution
  watching 80 24
  attempt 1
  echo '#error mine' >greeting.h
  attempt 2
  prints "note: greeting.h"
  prints "PASS hello"
  quit
}

@test "without events the files are looked at from time to time" {
  workspace hello
  watching 80 24 --poll
  attempt 1
  save_solution
  shows "PASS  hello"
  quit
}

@test "only the steps that were asked for" {
  workspace hello
  watching 80 24 greet-
  finish 2
  prints "did you mean greet?"
  type_in 'lab watch listen'
  attempt 1
  prints "FAIL hello 0/20 points 1 step run, 0 passed"
  quit
}

# ---------------------------------------------------------------- a save in the middle

# The stages that are there now: of the one check that is at work.
stages() { ls "$T/tmp" | wc -l; }
one_stage() { [ "$(stages)" = 1 ]; }
another_stage() { [ "$(stages)" = 1 ] && [ "$(ls "$T/tmp")" != "$1" ]; }

# No sandbox lives that has something of this test's in it.
no_sandbox() {
  ! grep -sl "cli-${T##*-}.*lab-stage-" /proc/[0-9]*/mountinfo
}

@test "a save in the middle of a check begins it anew, and nothing is left of the first" {
  workspace odd
  watching 80 24 hang
  shows "checking"
  until_true one_stage
  for turn in 1 2 3; do
    first=$(ls "$T/tmp")
    echo "// $turn" >>server.c
    until_true another_stage "$first"
  done
  shows "checking"
  tmux send-keys q
  finish 0
  nothing_left
  until_true no_sandbox
  attempts
  run_in 0 'lab list'
  prints_not "warning"
}

@test "the first failure is shown while the plain program still compiles, and a save ends that too" {
  workspace hello
  watching 80 24
  attempt 1
  save server.c <<'END' # the plain compiler takes all the time that it is given
#if defined __OPTIMIZE__ && !defined __SANITIZE_ADDRESS__
#include __FILE__
#include __FILE__
#else
int main(void) { return 7; }
#endif
END
  shows "error: the program ended with status 7"
  prints "FAIL 1 listen"
  prints_not "attempt"
  save_solution
  attempt 2
  prints "PASS hello"
  quit
  until_true no_sandbox
}

@test "a check that was overtaken is not remembered" {
  workspace odd
  watching 80 24 hang
  shows "checking"
  printf 'int main(void) { broken }\n' | save server.c
  attempt 1
  prints "does not compile"
  quit
}

# The children of a process.
children() { ps -o pid= --ppid "$1" | tr -d ' '; }
has_child() { [ -n "$(children "$1")" ]; }

@test "a check whose process crashes is said to, and r begins it again" {
  workspace odd
  watching 80 24 hang
  shows "checking"
  until_true one_stage
  watch=$(children "$shell")
  until_true has_child "$watch"
  kill -SEGV "$(children "$watch")"
  shows "^error: the check was ended by signal 11"
  prints "ERROR odd not checked"
  tmux send-keys r
  shows "checking"
  until_true one_stage # what the first one left is swept away
  quit
  until_true no_sandbox
}

# ---------------------------------------------------------------- keys

@test "hint, lesson, trace and next, and the way back" {
  workspace hello
  watching 80 24
  attempt 1
  tmux send-keys h
  shows "^hint  hello"
  shows "for what the last check saw"
  tmux send-keys h
  shows "hint 1 of"
  tmux send-keys h
  shows "hint 2 of"
  tmux send-keys q
  shows "^FAIL  hello"
  tmux send-keys l
  shows "^lesson  hello"
  shows "listen"
  tmux send-keys t
  shows "^trace  hello"
  shows "exits with status 0"
  tmux send-keys Escape
  shows "^FAIL  hello"
  tmux send-keys n
  shows "^next  hello"
  shows "the step that is open: listen"
  save_solution # a save shows the check
  shows "^PASS  hello"
  quit
}

@test "a pass stays on the screen until somebody moves on" {
  workspace hello
  save_solution
  watching 80 24
  attempt 1
  tmux send-keys x Down Up z
  tmux send-keys n
  shows "^next  hello"
  tmux send-keys q
  shows "^PASS  hello"
  quit
}

@test "what is longer than the screen is scrolled" {
  workspace hello
  watching 40 10
  attempt 1
  shows "space more"
  screen
  grep -q "FAIL  1  listen" <<<"$out" || show "not the beginning"
  tmux send-keys G
  shows "^next: edit server.c"
  screen
  ! grep -q "space more" <<<"$out" || show "there is no more"
  tmux send-keys g
  shows "FAIL  1  listen"
  quit
}

# ---------------------------------------------------------------- the terminal

@test "40 columns and 20 rows are enough" {
  workspace hello h
  watching 40 20
  attempt 1
  fits 40
  prints "q quit"
  printf 'int main(void) { return 0 }\n' | save server.c
  attempt 2
  fits 40
  prints "FAIL hello does not compile"
  quit
}

@test "another size of the terminal is drawn for" {
  workspace hello h
  watching 80 24
  attempt 1
  tmux resize-window -x 40 -y 12
  shows "^r run again  n next  q quit"
  screen
  fits 40
  [ "$(wc -l <<<"$out")" = 12 ] || show "not 12 rows"
  tmux resize-window -x 100 -y 30
  shows "^h hint  l lesson  t trace  r run again  n next  q quit"
  prints "FAIL 1 listen"
  quit
}

@test "no colours with NO_COLOR, green and red without" {
  workspace hello
  watching 80 24
  attempt 1
  look -e
  grep -q $'\e\[1m\e\[31mFAIL\|\e\[1;31mFAIL' <<<"$out" || show "no red"
  quit
  type_in 'NO_COLOR=1 lab watch'
  attempt 2
  look -e
  out=$(tail -n 24 <<<"$out")
  ! grep -qE $'\e\[[0-9;]*(1|3[0-9])m' <<<"$out" || show "colours"
  quit
}

@test "a dumb terminal gets reports below each other, and keys" {
  workspace hello
  terminal 80 24
  type_in 'TERM=dumb lab watch'
  shows "watching .*every save is checked"
  shows "^h hint"
  save_solution
  shows "^PASS  hello 100/100"
  tmux send-keys n
  shows "^odd: "
  tmux send-keys q
  finish 0
  [[ "$out" != *$'\e'* ]] || show "control sequences"
  nothing_left
}

@test "a plain screen gets reports below each other, and keys" {
  workspace hello
  terminal 80 24
  type_in 'lab watch --plain'
  shows "watching .*every save is checked"
  save_solution
  shows "PASS  hello 100/100"
  tmux send-keys q
  finish 0
  [[ "$out" != *$'\e'* ]] || show "control sequences"
  nothing_left
}

@test "without a terminal reports come below each other until it is ended" {
  workspace hello
  "$lab" watch </dev/null >"$T/log" 2>&1 &
  pid=$!
  exec 7<>"$T/log"
  until_true grep -q "^next: edit server.c" "$T/log"
  save_solution
  until_true grep -q "^PASS" "$T/log"
  kill -TERM "$pid"
  status=0
  wait "$pid" || status=$?
  [ "$status" = 130 ] || show "status $status"
  ! grep -q $'\e' "$T/log" || show "control sequences: $(cat "$T/log")"
  nothing_left
}

@test "the terminal is as it was, however it ends" {
  workspace hello
  for ending in q C-c TERM HUP SEGV ABRT; do
    rm -f "$T/modes" "$T/pid"
    watching_bare
    attempt "[0-9]+"
    case $ending in
    q | C-c) tmux send-keys "$ending" ;;
    *) kill "-$ending" "$(cat "$T/pid")" ;;
    esac
    until_true test -s "$T/modes"
    usual_modes
    close_terminal
  done
  nothing_left
}

@test "Ctrl-C in the middle of a check leaves nothing behind" {
  workspace odd
  watching 80 24 hang
  shows "checking"
  tmux send-keys C-c
  finish 130
  nothing_left
  usual_terminal
  until_true no_sandbox
}

@test "Ctrl-C again and again ends even what does not end, and gives the terminal back" {
  workspace odd
  watching_bare hang
  shows "checking"
  until_true one_stage
  until_true test -s "$T/pid"
  worker=$(children "$(cat "$T/pid")")
  kill -STOP "$worker"
  press() { tmux send-keys C-c && test -s "$T/modes"; }
  until_true press
  usual_modes
  kill -CONT "$worker" # it was told to end when lab was gone
  no_stage() { [ "$(stages)" = 0 ]; }
  until_true no_stage
  until_true no_sandbox
}

@test "Ctrl-Z gives the terminal back, and fg goes on with what was saved meanwhile" {
  workspace hello
  watching 80 24
  attempt 1
  tmux send-keys C-z
  finish 148
  usual_terminal
  save_solution
  type_in fg
  shows "^PASS  hello"
  tmux send-keys C-z
  finish 148
  type_in fg
  shows "^PASS  hello"
  quit
}

@test "Ctrl-Z in the middle of a check ends it, and fg begins it again" {
  workspace odd
  watching 80 24 hang
  shows "checking"
  tmux send-keys C-z
  finish 148
  nothing_left
  type_in fg
  shows "checking"
  tmux send-keys C-c
  finish 130
  nothing_left
}

@test "a workspace that is gone ends it with a message" {
  workspace hello
  watching 80 24
  attempt 1
  mv "$T/home/hello" "$T/elsewhere" # at once: the last attempt may still be written into it
  finish 4
  prints "hello: the workspace is gone"
  usual_terminal
  nothing_left
  [ ! -e "$T/home/hello" ] || show "it is there again"
}

# ---------------------------------------------------------------- the whole way of a lab

milliseconds() { echo $((${EPOCHREALTIME/./} / 1000)); }

# Saves stdin as server.c and waits for the pattern; tells how long that took, beside the compiler
# alone.
edit() {
  local number=$1 pattern=$2 from shown bare
  cat >"$T/next.c"
  from=$(milliseconds)
  cc -std=gnu17 -g -O0 -Wall -Wextra -fno-omit-frame-pointer -fsanitize=address,undefined \
    -fno-sanitize-recover=undefined "$T/next.c" -lz -o "$T/bare" 2>/dev/null || :
  bare=$(($(milliseconds) - from))
  from=$(milliseconds)
  save server.c <"$T/next.c"
  shows "$pattern"
  shown=$(($(milliseconds) - from))
  echo "# edit $number: feedback after $shown ms, the compiler alone takes $bare ms" >&3
}

wrong() {
  cp "$LAB_HOME/labs/http-basics/solution/server.c" "$T/server.c"
  patch -s -d "$T" -p1 <"$LAB_HOME/labs/http-basics/wrong/$1.patch"
  cat "$T/server.c"
}

@test "http-basics from the stub to a pass in five edits" {
  export LAB_HOME=$LAB_SOURCE
  patience=300
  workspace http-basics
  watching 80 24
  attempt 1
  prints "FAIL 1 listen accepts a connection on \$PORT 0/5"
  edit 1 "server.c:[0-9]+:[0-9]+: error: expected" < <(sed 's/port = "8080";/port = "8080"/' server.c)
  attempt 2
  prints "FAIL compile"
  prints "FAIL http-basics does not compile"
  edit 2 "^FAIL  2  status-line" <"$here/listens.c"
  attempt 3
  prints "ok 1 listen"
  prints "5/100 points 1 of 15 steps"
  edit 3 "^error: status is 200, expected 404" < <(wrong not-found-is-200)
  attempt 4
  prints "FAIL 3 not-found unknown paths"
  shows "made by +server.c:"
  edit 4 "^FAIL  [0-9]+ +concurrent" < <(wrong one-reader-at-a-time)
  attempt 5
  prints "stuck in"
  edit 5 "^PASS  http-basics" <"$LAB_HOME/labs/http-basics/solution/server.c"
  attempt 6
  prints "PASS http-basics 100/100 points 15 of 15 steps attempt 6"
  fits 80
  quit
  prints "next: ./lab next"
}
