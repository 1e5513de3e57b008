# SPDX-License-Identifier: MIT
# What all programs of a group share, below $T: a course, two labs (with: as it is, without: its
# mechanisms can be left out), and for each user a home with two workspaces and secrets, and somebody
# who stands outside. finish takes it away.

outside=() # descriptors: who stands outside ends when they are closed

finish() {
  local input
  for input in "${outside[@]}"; do exec {input}>&-; done
  wait
  chmod -R u+rwX "$T"
  rm -rf "$T"
}

# The lab that the programs of this group are for: `database` is `hostile` with a database beside it.
lab_id=hostile
[ "$group" != database ] || lab_id=database

make_lab() { # KIND LAB BOX-INIT GRADERS FIXTURES
  mkdir -p "$T/$1/graders"
  cp "$2" "$T/$1/lab"
  cp "$3" "$T/$1/box-init"
  cp "$4/$lab_id" "$T/$1/graders/"
  if [ "$lab_id" = database ]; then
    mkdir "$T/$1/fixtures"
    cp "$5/postgres" "$T/$1/fixtures/"
  fi
  # Beside box-init: failing programs are traced, as those of learners are. A proof needs no lines.
  [ "$1" != with ] || cp "$build/tracer" "$build/resolver" "$build/origin" "$T/$1/"
}

make_database_lab() {
  cp -r "$T/course/labs/hostile" "$T/course/labs/database"
  jq '.id = "database" | .order = 2 | .services = ["postgres"]
    | .packages = [{ "pkg_config": "libpq", "debian": "libpq-dev" }]' \
    "$here/course/labs/hostile/lab.json" >"$T/course/labs/database/lab.json"
}

make_labs() {
  local made=$build/tests/hostile
  cp -r "$here/course" "$T/course"
  make_database_lab
  chmod -R a+rX "$T/course"
  make_lab with "$build/lab" "$build/box-init" "$made/with" "$build/fixtures"
  make_lab without "$made/without/lab" "$made/without/box-init" "$made/without" "$made/without/fixtures"
}

as() { # USER COMMAND…
  if [ "$1" = root ] || [ "$(id -u)" != 0 ]; then
    "${@:2}"
  else
    setpriv --reuid="$nobody" --regid="$nobody" --clear-groups "${@:2}"
  fi
}

# lab_as USER KIND ARGUMENT…: lab, with a home of its own and what lies outside in its environment.
lab_as() {
  HOME=$T/$1/home TMPDIR=$T/$1/tmp LAB_HOME=$T/course LAB_BOX_INIT=$T/$2/box-init \
    LAB_GRADERS=$T/$2/graders LC_ALL=C.UTF-8 HOSTILE_FOLDER=$T \
    HOSTILE_TOKEN='attack: through: the environment was read' \
    as "$1" "$tools/leave" "${installed[@]}" "$T/$2/lab" "${@:3}" </dev/null
}

# Sets $installed, which runs a command where a course seems to be installed below /usr: as the
# built-in one (usr), or beside it (usr-other). Nothing is written to the machine.
installed=()
install_course() { # USER usr|usr-other
  local enter=(unshare --mount --map-current-user --keep-caps)
  [ "$1" != root ] || enter=(unshare --mount)
  local made='mount -t tmpfs none /usr/src && cp -r "$1" /usr/src/hostile && export LAB_HOME=/usr/src/hostile'
  [ "$2" = usr ] ||
    made+=' && mv /usr/src/hostile/labs/hostile /usr/src/hostile/labs/other && export LAB_PATH="$1"'
  local leave='exec setpriv --inh-caps=-all --ambient-caps=-all'
  [ "$1" != root ] || leave=exec
  installed=("${enter[@]}" sh -c "$made && shift && $leave"' "$@"' sh "$T/course")
}

make_user() {
  local home=$T/$1/home
  mkdir -p "$home/other" "$T/$1/tmp" "$T/$1/results"
  printf '"attack: " "through: a file of the home folder was read"\n' >"$home/secret.h"
  echo 'attack: through: a file of the home folder was read' >"$home/secret"
  echo '.error "attack: through: a file of the home folder was read"' >"$home/secret.s"
  echo '// attack: through: the work of somebody else was read' >"$home/other/server.c"
  mkdir "$home/files"
  cp "$home/secret" "$home/files/note"
  chmod 600 "$home"/secret*
  [ "$1" = root ] || [ "$(id -u)" != 0 ] || chown -R "$nobody:$nobody" "$T/$1"
  chmod 700 "$home"
  local input
  mkfifo "$T/$1/input" "$T/$1/output"
  as "$1" "$tools/outside" "$T/$1" <"$T/$1/input" >"$T/$1/output" &
  exec {input}>"$T/$1/input"
  outside+=("$input")
  head -n 5 "$T/$1/output" >"$T/$1/where.h"
  printf '#define %s "%s"\n' FOLDER "$T" HOME_FOLDER "$home" SECRET_PATH "$home/secret" \
    SECRET_HEADER "$home/secret.h" SOLUTION "$T/course/labs/hostile/solution/server.c" \
    >>"$T/$1/where.h"
  for workspace in ws beside; do
    lab_as "$1" with start "$lab_id" "$home/$workspace" >/dev/null || exit 1
    as "$1" cp "$T/$1/where.h" "$home/$workspace/"
  done
}
