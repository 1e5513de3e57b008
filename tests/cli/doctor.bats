# SPDX-License-Identifier: MIT
# lab doctor: each mechanism broken in turn; the text says what is wrong and what to do.
load helpers

# Each line of doctor's that begins with the word is a fault; the cure is there; nothing else fails.
faults() {
  fits 80
  [ "$(grep -o '^FAIL *[^ ]*' "$T/results/out" | tr -s ' ' | cut -d ' ' -f 2 | tr '\n' ' ')" = "$1 " ] || show "other faults"
  prints "the lines marked help say what to do"
}


@test "all is well" {
  try 0 "$lab" doctor
  silent
  fits 80
  for what in compiler sandbox program lines progress cache tools hello odd; do
    prints "ok $what"
  done
  prints "hello 4 checks"
  grep -Eq "\(level: (full|namespaces)\)" "$T/results/out"
  prints "$T/home/.local/share/lab/progress.db"
  prints "all is well"
}

@test "no compiler" {
  workspace hello
  without cc gcc c99 c89
  try 4 "$lab" doctor
  faults compiler
  prints "FAIL compiler no C compiler: neither cc nor gcc in PATH is gcc"
  prints "help: sudo apt-get install gcc libc6-dev"
  try 4 "$lab" check
  says "no C compiler: neither cc nor gcc in PATH is gcc"
  says "help: sudo apt-get install gcc libc6-dev"
  try 0 "$lab" next
}

@test "what looks for the lines is missing, or was switched off" {
  be_ordinary
  for tool in tracer resolver origin; do
    rm "$T/in stalled/libexec/lab/$tool"
    try 4 "${ordinary[@]}" "$lab" doctor
    faults lines
    prints "FAIL lines $tool is neither"
    cp "$LAB_BUILD/$tool" "$T/in stalled/libexec/lab/$tool"
    chmod a+rx "$T/in stalled/libexec/lab/$tool"
  done
  export LAB_TRACE=off
  try 0 "${ordinary[@]}" "$lab" doctor
  prints "ok lines LAB_TRACE is off: unset it to see the lines"
}

@test "a compiler that is none" {
  workspace hello
  without cc gcc c99 c89
  printf '#!/bin/sh\nexit 1\n' >"$T/bin/cc"
  chmod 755 "$T/bin/cc"
  try 4 "$lab" check
  says "compiler"
  says "help: "
}

@test "no bubblewrap" {
  workspace hello
  without bwrap
  try 4 "$lab" doctor
  faults "compiler sandbox"
  prints "bwrap: not found in PATH"
  prints "help: Install bubblewrap: sudo apt-get install bubblewrap"
  try 4 "$lab" check
  says "bwrap: not found in PATH"
  says "help: Install bubblewrap: sudo apt-get install bubblewrap"
}

@test "a bubblewrap that is too old" {
  workspace hello
  solve
  try 0 "$lab" check
  without bwrap
  printf '#!/bin/sh\necho "bwrap: Unknown option --disable-userns" >&2\nexit 1\n' >"$T/bin/bwrap"
  chmod 755 "$T/bin/bwrap"
  try 4 "$lab" doctor
  faults "compiler sandbox"
  prints "help: Install bubblewrap 0.8 or newer: sudo apt-get install bubblewrap"
  # Compiled before, so that the grader meets it.
  try 4 "$lab" check
  says "help: Install bubblewrap 0.8 or newer"
  try 0 "$lab" status --json
  json '.stages[0].labs[0].points == 100'
}

@test "tools that feedback tells learners to type" {
  without curl nc pkg-config
  try 4 "$lab" doctor
  faults tools
  prints "not found: curl netcat-openbsd pkg-config"
  prints "help: sudo apt-get install curl netcat-openbsd pkg-config"
}

@test "no user namespaces" {
  export LAB_SANDBOX=namespaces # no other level, whatever this machine looks like
  be_ordinary
  try 0 "${ordinary[@]}" "$lab" start hello "$T/home/w"
  cd "$T/home/w"
  forbidden=("${ordinary[@]}" unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$0" "$@"')
  try 4 "${forbidden[@]}" "$lab" doctor
  faults "compiler sandbox"
  prints "help: Allow user namespaces: sudo sysctl -w user.max_user_namespaces=15000"
  try 4 "${forbidden[@]}" "$lab" check
  says "help: Allow user namespaces: sudo sysctl -w user.max_user_namespaces=15000"
}

@test "no network namespaces" {
  export LAB_SANDBOX=namespaces # no other level, whatever this machine looks like
  be_ordinary
  try 4 "${ordinary[@]}" unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_net_namespaces; exec "$0" doctor' "$lab"
  faults "compiler sandbox"
  prints "Raise the limits below /proc/sys/user"
  prints_not "container"
}

@test "a /proc that is half covered, as Docker does" {
  export LAB_SANDBOX=namespaces # no other level, whatever this machine looks like
  be_ordinary
  try 4 "${ordinary[@]}" unshare -Urm sh -c 'mount -t tmpfs none /proc/fs; exec "$0" doctor' "$lab"
  faults "compiler sandbox"
  prints "cannot mount a /proc of its own for a cell: Operation not permitted"
  prints "help: A part of /proc is covered, as Docker does, and then the kernel allows no fresh one"
  prints "systempaths=unconfined"
}

@test "no folder for temporary files" {
  enter=(unshare -Urm)
  [ "$(id -u)" != 0 ] || enter=(unshare -m)
  try 4 "${enter[@]}" sh -c 'for d in /tmp /var/tmp; do mount --bind $d $d; mount -o remount,ro,bind $d; done; TMPDIR= exec "$0" doctor' "$lab"
  says "no folder for temporary files"
  says "help: Set TMPDIR to a folder that has space, can be written and is not mounted noexec."
}

@test "a lab and a grader that are broken" {
  rm "$LAB_HOME/graders/hello"
  sed -i 's/"minutes"/"minuts"/' "$LAB_HOME/labs/odd/lab.json"
  try 4 "$lab" doctor
  faults "hello odd"
  prints "FAIL hello $LAB_BUILD/graders/hello: the lab's grader cannot be opened: No such file or directory"
  prints 'unknown key "minuts"'
  prints 'help: did you mean "minutes"?'
}

@test "doctor leaves nothing behind in a path with a blank, as somebody who is not root" {
  be_ordinary
  try 0 "${ordinary[@]}" "$lab" doctor
  prints "all is well"
}
