# SPDX-License-Identifier: MIT
# lab on a real terminal: colours, widths, the pager, Ctrl-C. The terminal is tmux's, with a server
# of its own for each test.
load helpers

tmux() { command tmux -u -S "$T/socket" "$@"; }

# A terminal of COLUMNS x ROWS with a shell in it, in the current folder. Its prompt numbers the
# commands and tells the status of the last one, so that nothing has to be waited for blindly.
terminal() {
  printf '%s\n' "PS1='\\nready \\#:\$?> '" "lab() { '$lab' \"\$@\"; }" 'unset HISTFILE' >"$T/rc"
  commands=1
  mkfifo "$T/never" # nothing is ever read from it
  exec 7<>"$T/never"
  tmux -f /dev/null new-session -d -x "$1" -y "$2" -- \
    env -u COLUMNS -u TMUX -u TMUX_PANE TERM=screen bash --noprofile --rcfile "$T/rc" -i
  shell=$(tmux display-message -p '#{pane_pid}')
  server=$(tmux display-message -p '#{pid}')
  shows "^ready 1:0> *\$"
}

teardown() {
  cd /
  if [ -S "$T/socket" ]; then
    tmux kill-server || :
    tail -s 0.05 --pid="$shell" -f /dev/null
    tail -s 0.05 --pid="$server" -f /dev/null
  fi
  chmod -R u+rwX "$T"
  rm -rf "$T"
}

# All that the terminal shows and has shown, in $out; with -e the colours too. A line that is wider
# than the terminal counts as one.
look() {
  err=
  out=$(tmux capture-pane -p -J -S - "$@")
}

# Looks until COMMAND is true; a minute is for machines that are very slow.
until_true() {
  local end=$((SECONDS + 60))
  until "$@"; do
    read -rt 0.03 -u 7 || :
    [ "$SECONDS" -lt "$end" ] || show "still not true: $*"
  done
}

is_shown() { look && grep -qE "$1" <<<"$out"; }
shows() { until_true is_shown "$1"; }
is_running() { [ "$(tmux display-message -p '#{pane_current_command}')" = "$1" ]; }

# Types a command; finish STATUS waits until it has ended, and then $out is what it printed.
type_in() {
  tmux send-keys -l -- "$1"
  tmux send-keys Enter
}

finish() {
  commands=$((commands + 1))
  shows "^ready $commands:[0-9]+> *\$"
  grep -q "^ready $commands:$1> *\$" <<<"$out" || show "it did not end with $1"
  out=$(sed -n "/^ready $((commands - 1)):/,/^ready $commands:/{ /^ready /!p }" <<<"$out")
}

run_in() {
  type_in "$2"
  finish "$1"
}

# The colours of the last command's output, too.
coloured() {
  look -e
  out=$(sed -n "/ready $((commands - 1)):/,\$p" <<<"$out")
  grep -q $'\e\[' <<<"$out"
}

# ---------------------------------------------------------------- colours

@test "colours on a terminal" {
  workspace hello
  solve
  terminal 80 24
  run_in 0 'lab check'
  prints "PASS hello 100/100"
  coloured
  grep -q $'\e\[32mPASS' <<<"$out" || show "no green"
  run_in 0 'lab check --color never'
  ! coloured
}

@test "no colours with NO_COLOR, a dumb terminal, or into a pipe" {
  workspace hello
  terminal 80 24
  for before in NO_COLOR=1 TERM=dumb TERM=; do
    for command in check list doctor; do
      run_in "$([ $command = check ] && echo 1 || echo 0)" "$before lab $command"
      ! coloured || show "colours: $before lab $command"
    done
  done
  run_in 0 'lab list | cat'
  ! coloured
  run_in 1 'NO_COLOR=1 lab check --color always'
  coloured
}

@test "a dumb terminal is plain: no colours, no drawings, no pager" {
  workspace hello
  terminal 80 10
  run_in 0 'TERM=dumb lab status'
  prints "stage 1, First things: you are here"
  ! coloured
  run_in 0 'TERM=dumb PAGER=false lab lesson'
  prints "A server that greets"
  run_in 0 'TERM=dumb lab list'
  prints "hello: A server that greets; easy, 20 minutes"
}

# ---------------------------------------------------------------- widths

# Each of these with its status, in a terminal of so many columns: narrow COLUMNS "STATUS COMMAND"…
narrow() {
  local columns=$1 line
  shift
  workspace hello h # a short path: paths are not broken
  terminal "$columns" 24
  for line in "0 lab" "1 lab check" "1 lab check --all" "0 lab hint" "0 PAGER=cat lab lesson" \
    "0 lab status" "0 lab next" "2 lab chekc" "$@"; do
    run_in "${line%% *}" "${line#* }"
    fits "$columns"
  done
  solve
  run_in 0 "lab check"
  fits "$columns"
}

@test "no line is wider than 80 columns" {
  narrow 80 "0 lab list" "0 lab help" "0 lab help check" "0 lab doctor"
}

@test "texts and reports fit 40 columns" {
  narrow 40 "0 lab list" "0 lab help" "0 lab help check" "0 lab help list" "1 lab check --plain" \
    "0 lab reset --list" "0 lab list --plain" "0 lab status --plain"
}

@test "in a wide terminal lines end at 80 columns" {
  workspace hello
  terminal 200 24
  run_in 1 "lab check"
  fits 80
  run_in 0 "PAGER=cat lab lesson"
  fits 80
}

# ---------------------------------------------------------------- the pager

@test "a lesson longer than the terminal goes through the pager, and q ends it" {
  command -v less >/dev/null || skip "there is no less"
  workspace hello
  terminal 80 10
  type_in 'lab lesson hello'
  shows '^:'
  is_shown '^ *A server that greets' || show "the lesson does not begin at its beginning"
  prints_not "ends the program"
  tmux send-keys q
  finish 0
}

@test "PAGER is honoured, and one that is not there does no harm" {
  workspace hello
  terminal 80 10
  run_in 0 'PAGER="tail -n 1" lab lesson'
  prints "SIGTERM\` ends the program"
  prints_not "listen"
  run_in 0 'PAGER=no-such lab lesson'
  prints "A server that greets"
  prints "SIGTERM\` ends the program"
}

@test "what fits the terminal is printed as it is" {
  workspace hello
  terminal 80 50
  run_in 0 'PAGER=false lab lesson'
  prints "A server that greets"
}

# ---------------------------------------------------------------- Ctrl-C

# No sandbox lives that has something of this test's in it.
no_sandbox() {
  ! grep -sl "cli-${T##*-}.*lab-stage-" /proc/[0-9]*/mountinfo
}

@test "Ctrl-C ends a check with 130" {
  workspace odd
  terminal 80 24
  for command in 'lab check hang' 'lab check hang --no-cache'; do
    type_in "$command"
    until_true is_running lab
    tmux send-keys C-c
    finish 130
    nothing_left
    until_true no_sandbox
  done
  run_in 3 'lab check silent'
}

@test "Ctrl-C ends lab run, and its port is free again" {
  workspace odd
  printf 'int pause(void);\nint main(void) { for (;;) pause(); }\n' >server.c
  terminal 80 24
  type_in 'lab run --port 28080'
  shows 'Ctrl-C ends it'
  tmux send-keys C-c
  finish 130
}

@test "Ctrl-Z stops a check, and fg goes on with it" {
  workspace odd
  terminal 80 24
  type_in 'lab check hang'
  until_true is_running lab
  tmux send-keys C-z
  finish 148
  type_in fg
  until_true is_running lab
  tmux send-keys C-c
  finish 130
  nothing_left
}
