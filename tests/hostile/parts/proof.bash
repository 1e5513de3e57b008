# SPDX-License-Identifier: MIT
# What is demanded of a program: complain says what does not hold.

seconds_since() { # FROM TO, as $EPOCHREALTIME has them
  local tenths=$(((${2/./} - ${1/./}) / 100000))
  echo "$((tenths / 10)).$((tenths % 10))"
}

# What a person sees of it: short, nothing that a terminal obeys, no line of somebody else's file.
prove_harmless() {
  local others
  others=$(lines_of_others)
  [ -z "$others" ] || complain "lines that are not its own: $others"
  (cd "$T/$user/home/ws" && lab_as "$user" with check) >"$results/shown" 2>&1
  ! LC_ALL=C grep -q '[[:cntrl:]]' "$results/shown" ||
    complain "the terminal gets: $(LC_ALL=C grep '[[:cntrl:]]' "$results/shown" | cat -v | head -n 3)"
  [ "$(wc -l <"$results/shown")" -le 60 ] && [ "$(wc -c <"$results/shown")" -le 6000 ] ||
    complain "$(wc -lc <"$results/shown") lines and bytes are shown"
  ! grep -q 'root:' "$results/shown" "$results/out" || complain "a file of somebody else is shown"
}

# As it is: nothing gets through, and what it says is right.
prove_held() {
  local wanted=$1 points=$2 beside=0 seen
  (cd "$T/$user/home/beside" && lab_as "$user" with check --json) >"$results/beside" 2>&1 &
  local pid=$!
  if [ -n "$(head_of "$file" Limits)" ]; then
    HOSTILE_SHORT=1 check without "" --no-cache
  else
    check with "" $uncached
  fi
  wait "$pid" || beside=$?
  [ "$beside" = 0 ] || { cat "$results/beside"; complain "the program beside it: status $beside"; }
  ! got_through || complain "it got through"
  seen=$(jq -r .points "$results/out" 2>/dev/null)
  grep -qxE -- "$points" <<<"${seen:-none}" || complain "points ${seen:-none}, expected $points"
  local expected=1
  [ "$seen" != 100 ] || points=100
  [ "$points" != 100 ] || expected=0
  [ "$points" != none ] || expected=4
  [ "$points" = none ] || jq -e '.sandbox == "full" or .sandbox == "namespaces"' "$results/out" >/dev/null ||
    complain "the result does not name the level of its sandbox"
  [ "$status" = "$expected" ] || complain "status $status, expected $expected"
  [ "$wanted" = nothing ] || told | grep -qE -- "$wanted" || complain "not told: $wanted"
  seen=$(left_behind)
  [ -z "$seen" ] || complain "left behind: $seen"
}

# With all that holds it left out it gets through; with any one of them it does not.
prove_by() { # MECHANISM…
  local step=greet mechanism others
  [ "$kind" = program ] || step=
  [ -z "$(head_of "$file" Step)" ] || step=$(head_of "$file" Step)
  local limits=
  [ -z "$(head_of "$file" Limits)" ] || limits=1
  # Only where living on is the attack does it count: others are left over where nothing ends them.
  [ "$group" = staying ] || export HOSTILE_QUIET=1
  HOSTILE_SHORT=$limits check without "$*" $uncached $step
  if ! got_through; then
    complain "a dud: it does not get through without $*"
    return
  fi
  [ $# -gt 1 ] || return 0
  for mechanism in "$@"; do
    others=$(printf '%s\n' "$@" | grep -vx "$mechanism" | tr '\n' ' ')
    prepare
    HOSTILE_SHORT=$limits check without "$others" $uncached $step
    ! got_through || complain "$mechanism alone does not hold it"
  done
}

# Sets what the head of $file says.
read_head() {
  held_by=$(head_of "$file" 'Held by')
  wanted=$(head_of "$file" Told)
  points=$(head_of "$file" Points)
  by=$(head_of "$file" As)
  kind=$(head_of "$file" Kind)
  : "${kind:=program}" "${by:=user}"
  uncached=
  [ "$kind" = program ] || uncached=--no-cache
  if [ -z "$points" ]; then
    points=0
    [ "$wanted" != nothing ] || points=100
  fi
  [ -n "$(head_of "$file" Tries)" ] && [ -n "$held_by" ] && [ -n "$wanted" ] ||
    complain "its head lacks Tries, Held by or Told"
  for mechanism in $held_by; do
    grep -q "^| \`$mechanism\` |" "$here/../../runner/box/README.md" ||
      complain "runner/box/README.md has no mechanism $mechanism"
  done
}

# As the user who could get through, or as anybody where there is no choice.
can_be_proved() {
  [ "$held_by" != construction ] && { [ "$by" = "$user" ] || [ "$(id -u)" != 0 ]; }
}

# All of it about one program, as $user; prints its line.
prove() { # FILE
  local begin=$EPOCHREALTIME held proved= course
  file=$1
  name=$group/$(basename "$file" .c)
  results=$T/$user/results
  read_head
  installed=()
  course=$(head_of "$file" Course)
  [ -z "$course" ] || install_course "$user" "$course"
  prepare
  prove_held "$wanted" "$points"
  [ "$group" != tracing ] || prove_harmless
  held=$EPOCHREALTIME
  if can_be_proved && [ "$by" = root ] && [ "$user" != root ]; then
    proved=", not proved: only root could do it"
  elif can_be_proved; then
    prepare
    # shellcheck disable=SC2086
    prove_by $held_by
    unset HOSTILE_QUIET
    proved=", proved in $(seconds_since "$held" "$EPOCHREALTIME") s"
  fi
  printf '%-36s %-4s %s s%s\n' "$name" "$user" "$(seconds_since "$begin" "$held")" "$proved"
}
