# SPDX-License-Identifier: MIT
# The command that a failed check offers at "see it", pasted into a shell beside `lab run`: it has
# to show the fault of a wrong program, and its absence in the solution.

lab_folder=$LAB_SOURCE/labs/http-basics

# wrong_program NAME: the workspace http-basics with the solution and that bug in it.
wrong_program() {
  cp "$lab_folder/solution/server.c" server.c
  [ "$1" = solution ] || patch -s -p1 <"$lab_folder/wrong/$1.patch"
}

# wrong_programs PATTERN: their names that begin like that.
wrong_programs() { (cd "$lab_folder/wrong" && ls $1*.patch | sed 's/\.patch$//'); }

# The checks that a wrong program must fail.
broken_checks() { sed -n 's/^Breaks: //p' "$lab_folder/wrong/$1.patch"; }

# field CHECK NAME: of the last `check --json`.
field() {
  jq -r --arg id "$1" '.steps[].checks[] | select(.id == $id) | .'"$2"' // ""' "$T/checked"
}

# see FOLDER: pastes the commands of FOLDER at the program that is in the workspace.
see() { alone 0 bash "$here/paste" "$lab" "$1"; }

# What the check complained about is in the one and not in the other.
judge() {
  local message=$1 wrong=$2 right=$3
  if cmp -s "$wrong" "$right"; then
    printf 'the same is seen of both:\n%s\n' "$(head -c 2000 "$wrong")"
    return 1
  fi
  if [[ $message =~ ^"status is "([0-9]+)", expected" ]]; then
    grep -aqE "HTTP/1\.1 ${BASH_REMATCH[1]}( |$)" "$wrong" || { echo "no status ${BASH_REMATCH[1]}"; return 1; }
  elif [[ $message =~ ^"no "([A-Za-z-]+)" field" ]]; then
    ! grep -aq "^${BASH_REMATCH[1]}:" "$wrong" || return 1
    grep -aq "^${BASH_REMATCH[1]}:" "$right" || { echo "no ${BASH_REMATCH[1]}"; return 1; }
  elif [[ $message =~ ^([A-Z][A-Za-z-]+)" is "([^,]+)", expected" ]]; then
    grep -aqF "${BASH_REMATCH[1]}: ${BASH_REMATCH[2]}" "$wrong" || { echo "no ${BASH_REMATCH[1]}"; return 1; }
  fi
}

# prepare NAME: the commands of the checks that this wrong program must fail, in $T/wrong.NAME and
# $T/right.NAME.
prepare() {
  local wrong=$T/wrong.$1 right=$T/right.$1 check number=0
  mkdir "$wrong" "$right"
  wrong_program "$1"
  "$lab" check --json --all >"$T/checked" || true
  for check in $(broken_checks "$1"); do
    number=$((number + 1))
    [ -n "$(field "$check" reproduce)" ] || { echo "$1: $check has no command" && return 1; }
    field "$check" reproduce >"$wrong/$number.command"
    field "$check" reproduce_environment >"$wrong/$number.environment"
    field "$check" message >"$wrong/$number.message"
    echo "$check" >"$wrong/$number.check"
  done
  cp "$wrong"/* "$right/"
}

# judge_all NAME: every command shows something else of the wrong program than of the solution.
judge_all() {
  local of failed=0
  for of in "$T/wrong.$1"/*.command; do
    of=$(basename "$of" .command)
    judge "$(cat "$T/wrong.$1/$of.message")" "$T/wrong.$1/$of.seen" "$T/right.$1/$of.seen" || {
      echo "^ $1: $(cat "$T/wrong.$1/$of.check" "$T/wrong.$1/$of.message" "$T/wrong.$1/$of.command")"
      failed=1
    }
  done
  return $failed
}

# shows NAME…: for each of these wrong programs, each check that it must fail. The commands give up
# after two or three seconds, as a person would; a machine that is so busy that this is too short
# gets more attempts.
shows() {
  local name attempt failed=0
  unset LAB_HOME # the lab of this repository, not of the tests' course
  workspace http-basics
  for name in "$@"; do
    prepare "$name"
    for attempt in 1 2 3; do
      wrong_program "$name"
      see "$T/wrong.$name"
      wrong_program solution
      see "$T/right.$name"
      judge_all "$name" && continue 2
    done
    failed=1
  done
  [ $failed = 0 ]
}
