# SPDX-License-Identifier: MIT
# Folders that cannot be written, and disks without space: the check grades all the same, says what
# it could not keep and what to do, and loses nothing that was there.
load helpers

# Runs a script where some mounts are made first; the status has to be the first word.
#   mounted STATUS 'MOUNTS' SCRIPT
mounted() {
  local wanted=$1 enter=(unshare -Urm)
  [ "$(id -u)" != 0 ] || enter=(unshare -m)
  try "$wanted" "${enter[@]}" bash -c "set -e; $2
    $3" "$lab"
}

# Makes a folder read-only: read_only PATH, for MOUNTS.
read_only() { printf 'mount --bind "%s" "%s"; mount -o remount,ro,bind "%s";' "$1" "$1" "$1"; }
# A full disk of so many kilobytes with what the folder held.
full() {
  printf 'cp -a "%s" "%s.was"; mount -t tmpfs -o "size=%sk,mode=1777" none "%s"; ' "$1" "$1" "$2" "$1"
  printf 'cp -a "%s.was/." "%s"; rm -r "%s.was"; dd if=/dev/zero of="%s/filled" bs=4k 2>/dev/null || true;' \
    "$1" "$1" "$1" "$1"
}

solved() {
  workspace hello
  solve
  try 0 "$lab" check
  cp -r "$T/home/hello" "$T/before"
  unset XDG_CACHE_HOME
}

@test "a read-only workspace" {
  solved
  mounted 0 "$(read_only "$T/home/hello")" 'cd "$HOME/hello"; "$0" check'
  prints "PASS hello 100/100"
  says "$T/home/hello/.lab/last: Read-only file system"
  says "help: make the folder writable and see that its disk has space (df -h)"
  diff -r hello "$T/before" || diff -r "$T/home/hello" "$T/before"
  mounted 4 "$(read_only "$T/home/hello")" 'cd "$HOME/hello"; "$0" reset'
  says "Read-only file system"
  diff -r "$T/home/hello" "$T/before"
  mounted 0 "$(read_only "$T/home/hello")" 'cd "$HOME/hello"; "$0" next; "$0" hint greet; "$0" build'
  mounted 4 "$(read_only "$T/home")" 'cd /; "$0" start odd "$HOME/odd"'
  says "odd: Read-only file system"
  says "choose a folder that you may write"
}

@test "a workspace on a full disk" {
  solved
  mounted 0 "$(full "$T/home/hello" 64)" 'cd "$HOME/hello"; "$0" check; cat server.c >"$TMPDIR/../kept.c"'
  prints "PASS hello 100/100"
  says "No space left on device"
  says "see that its disk has space (df -h)"
  same "$T/kept.c" "$T/before/server.c"
  mounted 4 "$(full "$T/home/hello" 64)" 'cd "$HOME/hello"; "$0" reset || s=$?; cp server.c "$TMPDIR/../kept.c"; exit $s'
  says "No space left on device"
  same "$T/kept.c" "$T/before/server.c"
}

@test "a new workspace on a full disk leaves no half file" {
  mkdir "$T/home/full"
  mounted 4 "$(full "$T/home/full" 16)" '"$0" start hello "$HOME/full/new" || s=$?; ls -A "$HOME/full/new"/*.c && exit 1; exit $s'
  says "No space left on device"
}

@test "a read-only home" {
  solved
  mounted 0 "$(read_only "$T/home")" 'cd "$HOME/hello"; "$0" check; "$0" check'
  prints "PASS hello 100/100"
  says "progress.db: Read-only file system"
  says "XDG_DATA_HOME"
  [ "$(grep -c "make it writable for you" "$T/results/err")" = 2 ]
  mounted 0 "$(read_only "$T/home")" 'cd "$HOME/hello"; "$0" status; "$0" next; "$0" list; "$0" hint greet; "$0" solution >/dev/null'
  prints "1 done First things"
  try 0 "$lab" next
  prints "odd:"
}

@test "a home that never held anything, read-only" {
  mkdir "$T/w"
  mounted 1 "$(read_only "$T/home")" 'cd "$HOME/../w"; "$0" start hello; cd hello; "$0" check'
  prints "hello 0/100 points"
  says "$T/home/.local: Read-only file system"
  says "XDG_DATA_HOME"
  [[ "$(tail -n 1 "$T/results/out")" == "next: edit server.c"* ]]
}

@test "no home at all" {
  mkdir "$T/w"
  cd "$T/w"
  unset XDG_CACHE_HOME
  echo text >"$T/file"
  HOME=$T/file/home try 0 "$lab" start hello
  cd hello
  HOME=$T/file/home try 1 "$lab" check
  prints "hello 0/100 points"
  says "$T/file/home: Not a directory"
}

@test "a full disk below the progress file" {
  solved
  mounted 0 "$(full "$T/home/.local/share/lab" 256)" 'cd "$HOME/hello"; "$0" check'
  prints "PASS hello 100/100"
  says "progress.db: no space left on its disk"
  says "free some space there"
  mounted 0 "$(full "$T/home/.local/share/lab" 256)" '"$0" next'
  prints "odd:"
}

@test "no space in the cache" {
  solved
  mkdir -p "$T/home/.cache/lab"
  mounted 0 "$(full "$T/home/.cache/lab" 64)" 'cd "$HOME/hello"; "$0" check; "$0" check; find "$HOME/.cache/lab" -name ".new*"'
  prints "PASS hello 100/100"
  prints_not ".new"
  silent
  mounted 0 "$(read_only "$T/home/.cache")" 'cd "$HOME/hello"; "$0" check'
  silent
}

@test "no space for temporary files" {
  solved
  mounted 4 "$(full "$T/tmp" 256)" 'cd "$HOME/hello"; "$0" check --no-cache'
  says "No space left on device"
  says "help: free some space, or set TMPDIR to a folder that has some"
  diff -r "$T/home/hello" "$T/before"
}

@test "a folder for temporary files that cannot be used: another one is" {
  solved
  TMPDIR=/nonexistent try 0 "$lab" check
  TMPDIR=relative try 0 "$lab" check
  mounted 0 "mount -t tmpfs -o noexec,mode=1777 none \"$T/tmp\"" 'cd "$HOME/hello"; "$0" check'
  silent
}

@test "a damaged progress file is set aside with a message" {
  solved
  for damage in 'head -c 5000 /dev/urandom' 'echo text'; do
    $damage >"$T/home/.local/share/lab/progress.db"
    cp "$T/home/.local/share/lab/progress.db" "$T/damaged"
    try 0 "$lab" check
    says "progress.db was damaged; it is kept as progress.db.damaged-"
    same "$T/damaged" "$(ls -t "$T"/home/.local/share/lab/progress.db.damaged-* | head -n 1)"
    try 0 "$lab" next
    silent
    prints "odd:"
  done
}

@test "something else in the place of the progress file" {
  solved
  rm -r "$T/home/.local/share/lab"
  mkdir -p "$T/home/.local/share/lab/progress.db"
  try 0 "$lab" check
  says "progress.db"
  says "move it away"
  rmdir "$T/home/.local/share/lab/progress.db"
  try 0 "$lab" check
  silent
}

@test "progress is for its owner's eyes" {
  (umask 000; workspace hello)
  [ "$(stat -c %a "$T/home/.local/share/lab")" = 700 ]
  [ "$(stat -c %a "$T/home/.local/share/lab/progress.db")" = 600 ]
}

@test "a limit on the size of files is told, and leaves nothing behind" {
  workspace hello
  solve
  try 4 bash -c 'ulimit -f 400; exec "$0" check' "$lab"
  says "box-init: File too large"
  try 0 "$lab" check
  (ulimit -f 1 && try 0 "$lab" start odd "$T/home/small" && says "progress.db: no space left")
}
