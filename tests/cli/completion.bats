# SPDX-License-Identifier: MIT
# Completion in the real shells: a line is typed in tmux's terminal, the Tab key pressed, and what
# the shell makes of it is looked at. What there is to complete, `lab __complete` says.
load helpers

setup_file() {
  base=$(mktemp -d /tmp/lab-completion-XXXXXX)
  chmod 755 "$base"
  # The shells' scripts as they are installed, and lab under the name that is typed.
  DESTDIR=$base cmake --install "$LAB_BUILD" --prefix /usr >/dev/null
  export base
}

teardown_file() {
  rm -rf "$base"
}

tmux() { command tmux -u -S "$T/socket" "$@"; }

# A terminal with that shell in it, in the current folder, with lab in PATH.
open_shell() {
  mkdir "$T/path"
  printf '#!/bin/sh\nexec "%s" "$@"\n' "$lab" >"$T/path/lab"
  chmod +x "$T/path/lab"
  mkfifo "$T/never" # nothing is ever read from it
  exec 7<>"$T/never"
  tmux -f /dev/null new-session -d -x 100 -y 30 -- env -u TMUX -u TMUX_PANE TERM=screen \
    PATH="$T/path:$PATH" HOME="$T/home" LAB_HOME="$LAB_HOME" "$@"
  server=$(tmux display-message -p '#{pid}')
  until_shown '^ready> *$'
}

teardown() {
  cd /
  if [ -S "$T/socket" ]; then
    tmux kill-server || :
    tail -s 0.05 --pid="$server" -f /dev/null
  fi
  rm -rf "$T"
}

until_shown() {
  local end=$((SECONDS + 60))
  until tmux capture-pane -p | grep -qE -- "$1"; do
    read -rt 0.03 -u 7 || :
    [ "$SECONDS" -lt "$end" ] || { tmux capture-pane -p && echo "not shown: $1" && false; }
  done
}

# Takes the typed line away. A key of the line editor does it and no Ctrl-C: a bash that is signalled
# in the moment when it has shown the completed line now and then drops the signal.
clear_line() {
  tmux send-keys C-u
  tmux send-keys C-l
  until_shown '^ready> *$'
}

# completes TYPED SHOWN: after Tab the line is as SHOWN says; then it is given up.
completes() {
  tmux send-keys -l -- "$1"
  tmux send-keys Tab
  until_shown "^ready> $2"
  clear_line
}

# Nothing is added: the letter that follows the Tab stands where it was typed.
completes_not() {
  tmux send-keys -l -- "$1"
  tmux send-keys Tab
  tmux send-keys -l Q
  until_shown "^ready> ${1}Q *\$"
  clear_line
}

# offers TYPED WORD…: Tab, and once more, lists the words.
offers() {
  tmux send-keys -l -- "$1"
  tmux send-keys Tab
  tmux send-keys Tab
  shift
  for word in "$@"; do until_shown "$word"; done
  clear_line
}

# What every shell must do, in a workspace of hello.
complete_everything() {
  completes 'lab chec' 'lab check *$'
  completes 'lab hint gre' 'lab hint greet *$'
  completes 'lab check --form' 'lab check --format *$'
  completes 'lab check --color=al' 'lab check --color=always *$'
  completes 'lab check --color nev' 'lab check --color never *$'
  completes 'lab list --stage=sec' 'lab list --stage=second *$'
  completes 'lab start od' 'lab start odd *$'
  completes 'lab check odd garb' 'lab check odd garbage *$'
  completes './lab chec' './lab check *$'
  mkdir 'folder-to-be'
  completes 'lab start odd folder-to' 'lab start odd folder-to-be/? *$'
  offers 'lab l' lesson list
  # A name that is none gives nothing, and prints nothing.
  completes_not 'lab check xylo'
}

@test "bash" {
  workspace hello
  printf '%s\n' "PS1='ready> '" 'unset HISTFILE' "bind 'set bell-style none'" \
    "source '$base/usr/share/bash-completion/completions/lab'" >"$T/rc"
  open_shell bash --noprofile --rcfile "$T/rc" -i
  complete_everything
}

@test "zsh" {
  workspace hello
  mkdir "$T/zsh"
  printf '%s\n' "PS1='ready> '" 'unset HISTFILE' 'setopt nobeep' \
    "fpath=('$base/usr/share/zsh/vendor-completions' \$fpath)" \
    'autoload -Uz compinit && compinit -u -D' >"$T/zsh/.zshrc"
  open_shell env ZDOTDIR="$T/zsh" zsh -i --no-globalrcs
  complete_everything
}

@test "fish" {
  workspace hello
  printf '%s\n' 'function fish_prompt; echo -n "ready> "; end' 'set -g fish_greeting' \
    'set -g fish_autosuggestion_enabled 0' 'set fish_history ""' \
    "source '$base/usr/share/fish/vendor_completions.d/lab.fish'" >"$T/rc.fish"
  open_shell fish --no-config --init-command "source '$T/rc.fish'"
  complete_everything
}

# ---------------------------------------------------------------- what is offered

# offered WORD… -- EXPECTED…: the candidates, in their order.
offered() {
  local words=() found
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  try 0 "$lab" __complete "${words[@]}"
  silent
  found=$(cut -f1 "$T/results/out" | tr '\n' ' ')
  [ "$found" = "${*:+$* }" ] || show "offered: $found, expected: $*"
}

@test "every command and every option of the tables is offered, and nothing else" {
  try 0 "$lab" --help
  commands=$(sed -n 's/^  \([a-z]*\) .*/\1/p' "$T/results/out")
  try 0 "$lab" __complete ''
  [ "$(cut -f1 "$T/results/out" | grep -v help | sort)" = "$(sort <<<"$commands")" ]
  for command in $commands; do
    try 0 "$lab" "$command" --help
    options=$(sed -n 's/^  .*  *\(--[a-z-]*\).*/\1/p' "$T/results/out" | sort)
    try 0 "$lab" __complete "$command" --
    [ "$(cut -f1 "$T/results/out" | sort)" = "$options" ] || show "options of $command: $options"
  done
}

@test "labs and steps come with their titles" {
  try 0 "$lab" __complete start ''
  [ "$out" = "hello	A server that greets
odd	A grader that misbehaves" ] || show "labs"
  try 0 "$lab" __complete hint hello q
  [ "$out" = "quit	ends when it is told to" ] || show "steps"
}

@test "what can stand there depends on what stands before" {
  offered check '' -- hello odd
  offered check hello '' -- listen greet quit
  offered check hello listen '' -- greet quit
  offered check --seed '' --
  offered check --seed 7 h -- hello
  try 0 "$lab" __complete check -- --
  [ -z "$out" ] || show "options behind --"
  offered hint hello listen '' --
  offered status '' --
  offered build hello '' --
  offered validate hello '' -- hello odd
  offered run -p '' --
  offered run -p 80 h -- hello
  offered list --state '' -- open started passed todo
  offered list --difficulty=h -- --difficulty=hard
  offered help st -- start status
  offered nonsense '' --
  offered start hello d -- :folders
  workspace hello
  offered check g -- greet
  offered check '' -- listen greet quit hello odd
  offered check odd g -- good garbage
}

@test "attempts are offered with what they earned" {
  workspace hello
  try 1 "$lab" check
  solve
  try 0 "$lab" check
  try 0 "$lab" __complete reset --to ''
  [ "$out" = "2	100 points
1	0 points" ] || show "attempts"
}

@test "a course that is broken, or none, gives nothing and says nothing" {
  echo '{' >"$LAB_HOME/labs/odd/lab.json"
  offered start o -- odd
  offered check odd '' --
  LAB_HOME=$T/nowhere offered start '' --
}
