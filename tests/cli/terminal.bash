# SPDX-License-Identifier: MIT
# A real terminal for tests: tmux's, with a server of its own for each test. Load it after helpers.
#
#   terminal COLUMNS ROWS       one with a shell in it, where `lab` is the program under test
#   type_in COMMAND             types it, with Enter
#   shows PATTERN               waits until the terminal shows it (an extended regular expression)
#   finish STATUS               waits until what was typed has ended; $out is what it printed
#   run_in STATUS COMMAND       both

tmux() { command tmux -u -S "$T/socket" "$@"; }

# A terminal of COLUMNS x ROWS with a shell in it, in the current folder. Its prompt numbers the
# commands and tells the status of the last one, so that nothing has to be waited for blindly.
terminal() {
  printf '%s\n' "PS1='\\nready \\#:\$?> '" "lab() { '$lab' \"\$@\"; }" 'unset HISTFILE' >"$T/rc"
  commands=1
  [ -p "$T/never" ] || mkfifo "$T/never" # nothing is ever read from it
  exec 7<>"$T/never"
  tmux -f /dev/null new-session -d -x "$1" -y "$2" -- \
    env -u COLUMNS -u TMUX -u TMUX_PANE TERM=screen bash --noprofile --rcfile "$T/rc" -i
  shell=$(tmux display-message -p '#{pane_pid}')
  server=$(tmux display-message -p '#{pid}')
  shows "^ready 1:0> *\$"
}

close_terminal() {
  [ -S "$T/socket" ] || return 0
  tmux kill-server || :
  tail -s 0.05 --pid="$shell" -f /dev/null
  tail -s 0.05 --pid="$server" -f /dev/null
  rm -f "$T/socket"
}

teardown() {
  cd /
  PATH=$usual_path
  close_terminal
  chmod -R u+rwX "$T"
  rm -rf "$T"
}

# All that the terminal shows and has shown, in $out; with -e the colours too. A line that is wider
# than the terminal counts as one.
look() {
  err=
  out=$(tmux capture-pane -p -J -S - "$@")
}

# Looks until COMMAND is true; a minute ($patience: seconds) is for machines that are very slow.
until_true() {
  local end=$((SECONDS + ${patience:-60}))
  until "$@"; do
    read -rt 0.03 -u 7 || :
    [ "$SECONDS" -lt "$end" ] || show "still not true: $*"
  done
}

is_shown() { look && grep -qE "$1" <<<"$out"; }
shows() { until_true is_shown "$1"; }
# In the foreground of the terminal. (tmux's own name of it ends at a blank of the path.)
is_running() { ps -t "$(tmux display-message -p '#{pane_tty}')" -o stat=,comm= | grep -q "+ *$1\$"; }

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
