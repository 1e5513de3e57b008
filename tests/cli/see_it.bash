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

# shows NAME…: for each of these wrong programs, each check that it must fail.
shows() {
  local name check number failed=0
  unset LAB_HOME # the lab of this repository, not of the tests' course
  workspace http-basics
  for name in "$@"; do
    local wrong=$T/wrong.$name right=$T/right.$name
    mkdir "$wrong" "$right"
    wrong_program "$name"
    "$lab" check --json --all >"$T/checked" || true
    number=0
    for check in $(broken_checks "$name"); do
      number=$((number + 1))
      [ -n "$(field "$check" reproduce)" ] || { echo "$name: $check has no command" && failed=1; continue; }
      field "$check" reproduce >"$wrong/$number.command"
      field "$check" reproduce_environment >"$wrong/$number.environment"
      field "$check" message >"$wrong/$number.message"
      echo "$check" >"$wrong/$number.check"
    done
    cp "$wrong"/* "$right/"
    see "$wrong"
    wrong_program solution
    see "$right"
    for number in "$wrong"/*.command; do
      number=$(basename "$number" .command)
      judge "$(cat "$wrong/$number.message")" "$wrong/$number.seen" "$right/$number.seen" || {
        echo "^ $name: $(cat "$wrong/$number.check"): $(cat "$wrong/$number.message")"
        cat "$wrong/$number.command"
        failed=1
      }
    done
  done
  [ $failed = 0 ]
}
