# SPDX-License-Identifier: MIT
# ./lab of the source tree: installs what is missing when one agrees, builds what has changed.
load helpers

# A source tree, as built as this one is, with a blank in its name: $root. Tools that fail loudly
# come first in PATH; what they were called with is in $T/calls.
setup() {
  unset LAB_NO_INSTALL LAB_PACKAGES LAB_PATH LAB_HOME LAB_GRADERS LAB_BOX_INIT COLUMNS
  T=$(mktemp -d "/tmp/lab cli-XXXXXX")
  chmod 755 "$T"
  mkdir "$T/home" "$T/tmp" "$T/results" "$T/bin"
  : >"$T/calls"
  export HOME=$T/home TMPDIR=$T/tmp LC_ALL=C.UTF-8 TERM=xterm T
  export PATH=$T/bin:$PATH
  root=$T/source
  mkdir -p "$root/build" "$root/runner"
  ln -s "$LAB_SOURCE"/{graders,fixtures,labs} "$root/"
  cp "$LAB_SOURCE/lab" "$LAB_SOURCE/CMakeLists.txt" "$root/"
  cp "$lab" "$LAB_BUILD/box-init" "$root/build/"
  ln -s "$LAB_BUILD/graders" "$root/build/graders"
  echo "/* part */" >"$root/runner/part.c"
  : >"$root/build/build.ninja"
  touch "$root/build/.built"
  cd "$T/home"
  for tool in cmake ninja dpkg-query apt-get sudo; do
    fake "$tool" 'echo "$0 must not be called" >&2; exit 1'
  done
}

# fake TOOL SCRIPT: notes its call, then runs the script.
fake() {
  printf '#!/bin/sh\necho "%s $*" >>"$T/calls"\n%s\n' "$1" "$2" >"$T/bin/$1"
  chmod 755 "$T/bin/$1"
}

not_called() { ! grep -q "^$1" "$T/calls" || show "called: $(cat "$T/calls")"; }
called() { grep -q "^$*" "$T/calls" || show "not called: $*; but $(cat "$T/calls")"; }

# All packages are there but these.
packages_missing() {
  fake dpkg-query "case \" $* \" in *\" \$4 \"*) exit 1 ;; esac; printf installed"
}

# Nothing is built; cmake and ninja do it.
unbuilt() {
  mkdir "$T/built"
  mv "$root/build/lab" "$root/build/box-init" "$T/built/"
  rm -r "$root/build"
  fake cmake 'echo "-- configured"; while [ "$1" != -B ]; do shift; done; : >"$2/build.ninja"'
  fake ninja 'echo "[1/1] built"; cp "$T/built/lab" "$T/built/box-init" "$2/"'
}

# ---------------------------------------------------------------- building

@test "completion installs and builds nothing" {
  touch -d '2001-01-01' "$root/build/.built"
  try 0 "$root/lab" __complete sol
  silent
  prints "solution"
  rm -r "$root/build"
  try 0 "$root/lab" __complete sol
  silent
  [ -z "$out" ]
  [ ! -s "$T/calls" ]
}

@test "all is built: nothing is called" {
  try 0 "$root/lab" --version
  silent
  prints "lab 0."
  [ ! -s "$T/calls" ]
}

@test "a newer source calls ninja, once" {
  fake ninja 'echo "[1/1] built"'
  touch -d "+1 hour" "$root/runner/part.c"
  touch -d "-1 hour" "$root/build/.built"
  try 0 "$root/lab" --version
  silent
  prints "lab 0."
  called ninja -C "$root/build"
  not_called cmake
  not_called dpkg-query
  touch -d "-1 minute" "$root/runner/part.c"
  : >"$T/calls"
  try 0 "$root/lab" --version
  [ ! -s "$T/calls" ]
}

@test "a source that is gone, and a new one, call ninja" {
  fake ninja 'echo "[1/1] built"'
  for change in "rm part.c" "touch new.c" "mkdir folder"; do
    : >"$T/calls"
    touch -d "-1 hour" "$root/build/.built"
    (cd "$root/runner" && $change)
    try 0 "$root/lab" --version
    called ninja
  done
}

@test "a build that fails shows its log, and ends with 4" {
  fake ninja 'echo "runner/part.c:7:3: error: expected an idea"; exit 1'
  touch -d "-1 hour" "$root/build/.built"
  for round in 1 2; do # it is tried again
    try 4 "$root/lab" --version
    says "runner/part.c:7:3: error: expected an idea"
    says "lab: lab could not be built; the lines above say why"
    prints_not "lab 0."
  done
  fake ninja 'echo "[1/1] built"'
  try 0 "$root/lab" --version
  silent
}

@test "nothing is built yet: it is configured and built" {
  unbuilt
  packages_missing
  try 0 "$root/lab" --version
  silent
  prints "lab 0."
  called cmake -S "$root" -B "$root/build" -G Ninja
  called ninja -C "$root/build"
  not_called apt-get
}

@test "a configuration that fails shows its log, and ends with 4" {
  unbuilt
  packages_missing
  fake cmake 'echo "CMake Error: no generator"; exit 1'
  try 4 "$root/lab" --version
  says "CMake Error: no generator"
  says "lab could not be built"
  not_called ninja
}

@test "two calls at once: one builds, the other waits" {
  unbuilt
  packages_missing
  cat >"$T/both" <<'EOS'
"$1" --version >"$T/results/one" 2>&1 &
"$1" --version
echo "status $?"
wait $!
echo "status $?"
EOS
  try 0 sh "$T/both" "$root/lab"
  prints "status 0 status 0"
  grep -q "^lab 0" "$T/results/one"
  [ "$(grep -c ^ninja "$T/calls")" = 1 ]
}

@test "the status and the arguments are those of lab" {
  try 2 "$root/lab" "no such" command
  says "no such"
  try 0 "$root/lab" list
  prints "http-basics"
}

# ---------------------------------------------------------------- where it lies

@test "through a link, from its own folder, through sh" {
  ln -s "$root/lab" "$T/home/my lab"
  try 0 "$T/home/my lab" --version
  prints "lab 0."
  ln -s "../home/my lab" "$T/bin/lab-by-path"
  try 0 lab-by-path --version
  prints "lab 0."
  cd "$root"
  try 0 ./lab --version
  try 0 sh lab --version
  cd runner
  try 0 ../lab --version
  [ ! -s "$T/calls" ]
}

@test "a build that cannot be written" {
  local become=()
  [ "$(id -u)" != 0 ] || become=(setpriv --reuid="$user" --regid="$user" --clear-groups --)
  touch -d "-1 hour" "$root/build/.built"
  chmod 555 "$root/build"
  try 4 "${become[@]}" "$root/lab" --version
  says "lab: $root/build cannot be written"
  not_called ninja
  chmod 755 "$root/build"
  mv "$root/build" "$T/away"
  chmod 555 "$root"
  packages_missing
  try 4 "${become[@]}" "$root/lab" --version
  says "lab: $root/build cannot be made"
}

# ---------------------------------------------------------------- packages

@test "a missing package with LAB_NO_INSTALL: one line to paste, and 4" {
  unbuilt
  packages_missing bubblewrap libuv1-dev
  LAB_NO_INSTALL=1 try 4 "$root/lab" --version
  [[ "$out" =~ ^(sudo )?"apt-get install -y --no-install-recommends bubblewrap libuv1-dev"$ ]]
  says "lab: these packages are missing: bubblewrap libuv1-dev"
  says "lab: install them with"
  [ "$(id -u)" != 0 ] || [ "${out%% *}" = apt-get ]
  not_called apt-get
  not_called sudo
  not_called cmake
  not_called ninja
}

@test "LAB_PACKAGES are looked for although all is built" {
  packages_missing lighttpd
  LAB_PACKAGES="lighttpd jq" LAB_NO_INSTALL=1 try 4 "$root/lab" --version
  [[ "$out" == *"apt-get install -y --no-install-recommends lighttpd" ]]
  packages_missing
  LAB_PACKAGES="lighttpd jq" LAB_NO_INSTALL=1 try 0 "$root/lab" --version
  prints "lab 0."
}

@test "no Debian: the README lists what it takes" {
  unbuilt
  rm "$T/bin/dpkg-query"
  mkdir "$T/few"
  for tool in sh readlink mkdir find id; do ln -s "$(command -v "$tool")" "$T/few/"; done
  try 4 env PATH="$T/few" "$root/lab" --version
  says "this is no Debian or Ubuntu: install by hand what $root/README.md lists"
}

# The launcher writes there for the time of an installation, and has to remove it.
private=(unshare -m sh -c 'mount -t tmpfs lab /usr/sbin && "$@"; status=$?
  [ -z "$(ls -A /usr/sbin)" ] || exit 99; exit "$status"' sh)

@test "an installation that fails ends with 4" {
  [ "$(id -u)" = 0 ] || skip "needs root"
  unbuilt
  packages_missing jq
  fake apt-get 'echo "E: Unable to locate package"; exit 100'
  LAB_PACKAGES=jq try 4 "${private[@]}" "$root/lab" --version
  says "E: Unable to locate package"
  says "lab: the packages could not be installed"
  called apt-get update
  not_called ninja
}

# ---------------------------------------------------------------- on a terminal

enter=()

# Runs the launcher on a terminal of its own, where this is typed: typing WORDS STATUS.
typing() {
  local status=0
  printf '%s\n' "$1" >"$T/typed"
  "$reap" "${enter[@]}" script -qec "'$root/lab' --version" "$T/shown" <"$T/typed" >/dev/null 2>&1 || status=$?
  out=$(tr -d '\r' <"$T/shown")
  err=
  [ "$status" = "$2" ] || show "status $status, expected $2: typing $1"
  nothing_left
}

@test "on a terminal it asks, and no leaves all as it was" {
  unbuilt
  packages_missing bubblewrap
  for answer in n no later; do
    typing "$answer" 4
    prints "lab: install them now? [Y/n]"
    prints "lab: nothing was installed; the command is"
    prints "apt-get install -y --no-install-recommends bubblewrap"
  done
  not_called apt-get
  not_called sudo
  not_called cmake
  [ ! -e "$root/build" ]
}

@test "on a terminal, yes installs and builds" {
  [ "$(id -u)" = 0 ] || skip "needs root"
  unbuilt
  packages_missing bubblewrap
  fake apt-get '[ "$DEBIAN_FRONTEND" = noninteractive ] && [ -x /usr/sbin/policy-rc.d ]'
  enter=("${private[@]}")
  typing y 0
  called apt-get install -y --no-install-recommends bubblewrap
  not_called "apt-get update"
  called ninja
  prints "lab: building (the first time takes about a minute)"
  prints "lab 0."
}
