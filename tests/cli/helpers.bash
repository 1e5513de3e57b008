# SPDX-License-Identifier: MIT
# What every test of the lab command stands on. Each has a folder of its own, $T, with a blank in
# its name: a home, a folder for temporary files, and the course of tests/cli/course with its
# graders. The cache of compiled programs is shared by the tests of one file.
#
#   try STATUS COMMAND…   runs it; its status has to be STATUS, and nothing may be left behind: no
#                         process, no temporary folder. Sets $out and $err.
#   prints TEXT, says TEXT, prints_not TEXT, says_not TEXT
#                         what is on stdout (prints) and stderr (says), wherever lines are broken

bats_require_minimum_version 1.5.0

lab=$LAB_BUILD/lab
reap=$LAB_BUILD/tests/cli/tools/reap
here=$LAB_SOURCE/tests/cli
user=54321 # an ordinary one, without a name
usual_path=$PATH
ordinary=()

setup() {
  unset XDG_DATA_HOME XDG_STATE_HOME XDG_CONFIG_HOME LAB_PATH LAB_GRADERS LAB_BOX_INIT
  unset LAB_SANDBOX COLUMNS NO_COLOR PAGER LESS CC MAKEFLAGS
  T=$(mktemp -d "/tmp/lab cli-XXXXXX")
  chmod 755 "$T"
  mkdir "$T/home" "$T/tmp" "$T/results"
  chmod 1777 "$T/tmp"
  cp -r "$here/course" "$T/course"
  mkdir "$T/course/graders"
  cp "$LAB_BUILD"/tests/cli/graders/* "$T/course/graders/"
  export HOME=$T/home TMPDIR=$T/tmp LC_ALL=C.UTF-8 TERM=xterm LAB_HOME=$T/course
  export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
  cd "$T/home"
}

teardown() {
  cd /
  PATH=$usual_path
  chmod -R u+rwX "$T"
  rm -rf "$T"
}

# ---------------------------------------------------------------- running

show() {
  printf '%s\n-- stdout\n%s\n-- stderr\n%s\n' "$*" "$out" "$err"
  return 1
}

try() {
  local wanted=$1 status=0
  shift
  "$reap" "$@" </dev/null >"$T/results/out" 2>"$T/results/err" || status=$?
  out=$(tr '\0' '?' <"$T/results/out")
  err=$(tr '\0' '?' <"$T/results/err")
  [ "$status" = "$wanted" ] || show "status $status, expected $wanted: $*"
  nothing_left
}

# try, in a network where every port is free.
alone() {
  local wanted=$1 enter=(unshare --map-current-user --keep-caps)
  shift
  [ "$(id -u)" != 0 ] || enter=()
  try "$wanted" "${enter[@]}" "$reap" -n "$@"
}

# Temporary folders; the processes are waited for by reap.
nothing_left() {
  local left
  left=$(ls -A "$T/tmp")
  [ -z "$left" ] || show "left in TMPDIR: $left"
}

# From here on $lab is an installed one in a path with a blank, whose files anybody may read, and
# "${ordinary[@]}" before a command runs it as somebody who is not root.
be_ordinary() {
  ordinary=()
  DESTDIR= cmake --install "$LAB_BUILD" --prefix "$T/in stalled" >/dev/null
  lab="$T/in stalled/bin/lab"
  export XDG_CACHE_HOME=$T/home/.cache
  [ "$(id -u)" = 0 ] || return 0
  chmod -R a+rX "$T/in stalled" "$T/course"
  chown -R "$user:$user" "$T/home"
  ordinary=(setpriv "--reuid=$user" "--regid=$user" --clear-groups)
}

# PATH with all programs but the named ones.
without() {
  mkdir "$T/bin"
  ln -s /usr/bin/* /usr/sbin/* "$T/bin/" 2>/dev/null || true
  for program in "$@"; do rm -f "$T/bin/$program"; done
  export PATH=$T/bin
}

# ---------------------------------------------------------------- looking

# Messages are broken at 80 columns and indented: one blank for each break.
flat() { printf '%s' "$*" | tr '\n' ' ' | tr -s ' '; }

prints() { [[ "$(flat "$out")" == *"$(flat "$*")"* ]] || show "not printed: $*"; }
says() { [[ "$(flat "$err")" == *"$(flat "$*")"* ]] || show "not said: $*"; }
prints_not() { [[ "$(flat "$out")" != *"$(flat "$*")"* ]] || show "printed: $*"; }
says_not() { [[ "$(flat "$err")" != *"$(flat "$*")"* ]] || show "said: $*"; }
# LeakSanitizer, in a sanitized build, may tell of a thread that ends while it looks.
silent() { [ -z "$(grep -v 'Unable to get registers from thread' <<<"$err")" ] || show "stderr is not empty"; }

# No line of stdout or stderr is wider.
fits() {
  local widest
  widest=$(printf '%s\n%s\n' "$out" "$err" | wc -L)
  [ "$widest" -le "$1" ] || show "a line of $widest columns"
}

# An expression of jq about stdout is true.
json() { jq -e "$1" "$T/results/out" >/dev/null || show "not so: $1"; }

same() { cmp "$1" "$2" || show "$1 and $2 differ"; }

# ---------------------------------------------------------------- workspaces

# A workspace of the lab, in $T/home/NAME (the lab's id); becomes the current folder.
workspace() {
  try 0 "$lab" start "$1" "$T/home/${2:-$1}"
  cd "$T/home/${2:-$1}"
}

# The solution of hello, with some code at the start of main().
solve() {
  sed "/^int main/,/{/ s|{|{ $*|" "$here/course/labs/hello/solution/server.c" >server.c
}

# The progress file opens and is sound; its attempts are so many.
attempts() {
  local count
  count=$("$lab" list >/dev/null && ls "$T/home/.local/share/lab")
  [[ "$count" != *damaged* ]] || show "the progress file was damaged"
}
