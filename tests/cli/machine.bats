# SPDX-License-Identifier: MIT
# A machine that lacks something: doctor names it with its cure, and check says it or does without.
load helpers

# try, with only these programs in PATH: what lab needs, but for those that are missing.
missing=()
lacking() {
  local status=$1 name
  shift
  rm -rf "$T/bin"
  mkdir "$T/bin"
  for name in cc gcc bwrap curl nc pkg-config sh; do
    [[ " ${missing[*]} " == *" $name "* ]] ||
      ln -s "$(readlink -f "$(command -v "$name")")" "$T/bin/$name"
  done
  try "$status" env PATH="$T/bin" "$@"
}

# try, as somebody who is not root and has all of $T/home.
ordinary() {
  local status=$1 become=()
  shift
  if [ "$(id -u)" = 0 ]; then
    chown -R "$user:$user" "$T/home"
    become=(setpriv --reuid="$user" --regid="$user" --clear-groups --)
  fi
  XDG_CACHE_HOME=$T/home/cache try "$status" "${become[@]}" "$@"
}

# Makes $T/forbid, which runs a command where it may make no user namespace. For root all users
# are there, so that it can be given up.
forbid() {
  cat >"$T/forbid" <<'EOS'
#!/bin/bash
export LAB_SANDBOX=namespaces # no other level, whatever this machine looks like
forbid='echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"'
[ "$(id -u)" = 0 ] || exec unshare -Ur sh -c "$forbid" sh "$@"
pipes=$(mktemp -d)
mkfifo "$pipes/made" "$pipes/go"
unshare -U bash -c 'echo >"$1/made"; read -r <"$1/go"; shift; exec "$@"' bash "$pipes" \
  sh -c "$forbid" sh "$@" &
read -r <"$pipes/made"
echo 0 0 65536 >"/proc/$!/uid_map"
echo 0 0 65536 >"/proc/$!/gid_map"
echo >"$pipes/go"
rm -r "$pipes"
wait $!
EOS
  chmod 755 "$T/forbid"
}

# A lab that was copied away from all that was built with it.
lonely_lab() {
  [ ! -e /usr/local/libexec/lab/box-init ] || skip "a lab is installed here"
  mkdir "$T/alone"
  cp "$lab" "$T/alone/lab"
}

@test "doctor: all is well" {
  try 0 "$lab" doctor
  silent
  fits 80
  prints "compiles in the sandbox, in"
  grep -Eq "sandbox +cell, box, seccomp(, cgroup)? and limits work \(level: (full|namespaces)\)" "$T/results/out"
  prints "ok program runs in the box, with the sanitizers"
  prints "ok progress $T/home/.local/share/lab/progress.db"
  prints "ok cache $XDG_CACHE_HOME/lab"
  prints "ok tools curl, nc, pkg-config"
  prints "ok hello 4 checks"
  prints_not FAIL
  [ "$(tail -n 1 "$T/results/out")" = "all is well" ]
}

@test "doctor as an ordinary user" {
  ordinary 0 "$lab" doctor
  prints "all is well"
}

@test "no compiler" {
  workspace hello
  missing=(cc gcc)
  lacking 4 "$lab" doctor
  prints "FAIL compiler no C compiler: neither cc nor gcc in PATH is gcc"
  prints "help: sudo apt-get install gcc libc6-dev"
  prints "ok sandbox"
  prints "1 fault; the lines marked help say what to do"
  for command in check build run; do
    lacking 4 "$lab" "$command"
    says "no C compiler"
    says "help: sudo apt-get install gcc libc6-dev"
  done
}

@test "no bubblewrap" {
  workspace hello
  solve
  missing=(bwrap)
  lacking 4 "$lab" doctor
  prints "FAIL sandbox bwrap: not found in PATH"
  prints "help: Install bubblewrap: sudo apt-get install bubblewrap"
  prints "2 faults"
  lacking 4 "$lab" check
  says "bwrap: not found in PATH"
  try 0 "$lab" check
  lacking 4 "$lab" check # now that nothing has to be compiled
  says "help: Install bubblewrap: sudo apt-get install bubblewrap"
}

@test "user namespaces are forbidden" {
  workspace hello
  solve
  forbid
  try 4 "$T/forbid" "$lab" doctor
  prints "FAIL compiler the sandbox could not be made"
  prints "FAIL sandbox cannot make namespaces for a cell"
  prints "help: Allow user namespaces: sudo sysctl -w user.max_user_namespaces=15000"
  prints "ok progress"
  prints "2 faults"
  try 4 "$T/forbid" "$lab" check --no-cache
  says "help: Allow user namespaces: sudo sysctl -w user.max_user_namespaces=15000"
  try 0 "$lab" check
  try 4 "$T/forbid" "$lab" check
  says "cannot make namespaces for a cell"
  says "help: Allow user namespaces: sudo sysctl -w user.max_user_namespaces=15000"
}

@test "user namespaces are forbidden to an ordinary user" {
  forbid
  ordinary 4 "$T/forbid" "$lab" doctor
  prints "help: Allow user namespaces: sudo sysctl -w user.max_user_namespaces=15000"
}

@test "root that cannot be given up" {
  [ "$(id -u)" = 0 ] || skip "needs root"
  workspace hello
  for command in doctor check; do
    try 4 unshare -Ur "$lab" "$command"
    says "root cannot be given up here"
    says "help: Start lab as an ordinary user."
  done
}

@test "box-init is missing" {
  workspace hello
  solve
  lonely_lab
  try 4 "$T/alone/lab" doctor
  prints "FAIL sandbox box-init is neither beside lab nor in"
  prints "help: Build or install lab again, or set LAB_BOX_INIT to its path."
  try 4 "$T/alone/lab" check
  says "box-init is neither beside lab nor in"
  says "help: Build or install lab again"
  LAB_BOX_INIT=/nowhere/box-init try 4 "$lab" doctor
  prints "FAIL sandbox LAB_BOX_INIT is /nowhere/box-init: No such file or directory"
  prints "help: Set LAB_BOX_INIT to the path of box-init, or unset it."
  LAB_BOX_INIT=/nowhere/box-init try 4 "$lab" check
  says "LAB_BOX_INIT is /nowhere/box-init: No such file or directory"
  says "help: Set LAB_BOX_INIT to the path of box-init, or unset it."
}

@test "a lab's grader is missing" {
  workspace hello
  solve
  rm "$LAB_HOME/graders/hello"
  try 4 "$lab" doctor
  prints "FAIL hello"
  prints "the lab's grader cannot be opened: No such file or directory"
  prints "help: write $LAB_HOME/graders/hello.c: it is compiled when it is needed"
  prints "ok odd 8 checks"
  prints "1 fault;"
  try 3 "$lab" check
  says "the lab's grader cannot be opened"
  says "help: write $LAB_HOME/graders/hello.c"
}

@test "the tools of the lessons are missing" {
  workspace hello
  solve
  missing=(curl nc pkg-config)
  lacking 4 "$lab" doctor
  prints "FAIL tools not found: curl netcat-openbsd pkg-config"
  prints "help: sudo apt-get install curl netcat-openbsd pkg-config"
  lacking 0 "$lab" check
}

# ---------------------------------------------------------------- folders

@test "a cache that cannot be used" {
  workspace hello
  solve
  echo "a file" >"$T/cache"
  XDG_CACHE_HOME=$T/cache try 4 "$lab" doctor
  prints "FAIL cache $T/cache"
  prints "help: checks work without it, but compile each time: make $T/cache/lab writable"
  prints "or set XDG_CACHE_HOME"
  XDG_CACHE_HOME=$T/cache try 0 "$lab" check
  prints "PASS hello 100/100"
}

@test "a cache that is read-only" {
  mkdir -p -m 700 "$T/home/cache/lab/build"
  workspace hello
  solve
  chmod 500 "$T/home/cache/lab/build"
  ordinary 4 "$lab" doctor
  prints "FAIL cache $T/home/cache/lab/build cannot be written"
  prints "1 fault"
  ordinary 0 "$lab" check
  prints "PASS hello 100/100"
  silent
}

# A workspace with an attempt, of an ordinary user.
graded() {
  workspace hello
  solve
  ordinary 0 "$lab" check
  data=$T/home/.local/share/lab
}

@test "a progress file that can be read, but not written" {
  graded
  chmod 400 "$data/progress.db"
  chmod 500 "$data"
  ordinary 4 "$lab" doctor
  prints "FAIL progress $data/progress.db: Permission denied"
  prints "help: make it writable for you, or set XDG_DATA_HOME to a folder where you may write"
  prints "1 fault"
  ordinary 0 "$lab" check
  prints "PASS hello 100/100"
  says "progress.db: Permission denied"
  says "help: make it writable for you"
}

@test "a progress folder that cannot be written" {
  graded
  chmod 500 "$data"
  ordinary 4 "$lab" doctor
  prints "FAIL progress $data/progress.db"
  prints "XDG_DATA_HOME"
  prints "1 fault"
  ordinary 0 "$lab" check
  prints "PASS hello 100/100"
  says "XDG_DATA_HOME"
}

@test "a progress folder that cannot be made" {
  workspace hello
  solve
  echo "a file" >"$T/data"
  XDG_DATA_HOME=$T/data try 4 "$lab" doctor
  prints "FAIL progress $T/data"
  prints "help: make it a folder where you may write, or set XDG_DATA_HOME to one"
  XDG_DATA_HOME=$T/data try 0 "$lab" check
  prints "PASS hello 100/100"
  says "help: make it a folder where you may write, or set XDG_DATA_HOME to one"
}

@test "a damaged progress file is set aside, and that is said" {
  workspace hello
  solve
  try 0 "$lab" check
  data=$T/home/.local/share/lab
  for command in doctor check; do
    printf 'no database at all' >"$data/progress.db"
    try 0 "$lab" "$command"
    [[ "$(flat "$out$err")" == *"progress.db was damaged; it is kept as progress.db.damaged-"* ]]
    try 0 "$lab" "$command"
    prints_not damaged
    says_not damaged
  done
  [ "$(cat "$data"/progress.db.damaged-????-??-??)" = "no database at all" ]
  [ "$(find "$data" -name '*.damaged-*' | wc -l)" = 2 ]
}
