#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The levels of the sandbox: each gives the solution its points, and holds what it says it holds.
# levels/NAME.c is a hostile program; its second line says at which levels it may get through.
load helpers

forbidden=("$LAB_BUILD/tests/cli/tools/forbid_namespaces")

# What stands before a command so that it meets a machine of that level: namespaces are forbidden
# below `namespaces`.
prefix() { # LEVEL
  before=("${ordinary[@]}" env "LAB_SANDBOX=$1")
  case $1 in
  full | namespaces) ;;
  *) before+=("${forbidden[@]}") ;;
  esac
}

# Not every machine gives its users control groups, and CI's gives them to root.
need_groups() {
  "${ordinary[@]}" "$lab" doctor | tr -s ' \n' ' ' | grep -q 'level: full' || skip "no cgroups here"
}

# What lies outside, for levels/attack.h.
lay_out() {
  mkdir -p "$T/open"
  chmod 777 "$T/open"
  echo secret >"$T/home/secret"
  chmod 600 "$T/home/secret"
  [ ${#ordinary[@]} = 0 ] || chown "$user" "$T/home/secret"
  {
    printf '#define SOLUTION "%s"\n' "$LAB_HOME/labs/hello/solution/server.c"
    printf '#define COURSE "%s"\n' "$LAB_HOME/labs"
    printf '#define SECRET "%s"\n' "$T/home/secret"
    printf '#define OPEN_FOLDER "%s"\n' "$T/open"
  } >"$T/where.h"
}

# Every hostile program at this level.
attack_at() { # LEVEL
  local program level=$1 status
  prefix "$level"
  try 0 "${ordinary[@]}" "$lab" start hello "$T/home/ws"
  cd "$T/home/ws"
  lay_out
  for program in "$here"/levels/*.c; do
    cp "$program" "$T/home/ws/server.c"
    cp "$here/levels/attack.h" "$T/where.h" "$T/home/ws/"
    status=0
    rm -rf .lab/last
    "$reap" "${before[@]}" "$lab" check listen --json </dev/null \
      >"$T/results/out" 2>"$T/results/err" || status=$?
    out=$(cat "$T/results/out") err=$(cat "$T/results/err")
    [ "$status" -le 1 ] || show "$program at $level: status $status"
    json ".sandbox == \"$level\" or (.build.ok | not)"
    nothing_left
    if [ "$level" = none ] && sed -n 2p "$program" | grep -q 'Open at: none$'; then
      # Else the same attack, held elsewhere, would prove nothing.
      grep -qr 'attack: through' .lab/last || show "$program is a dud"
    fi
    sed -n 2p "$program" | grep -q "Open at:.*\b$level\b" || {
      ! grep -r 'attack: through' .lab/last || show "$program got through at $level"
      [ -z "$(ls -A "$T/open")" ] || show "$program wrote outside at $level"
    }
    rm -rf "$T"/open/*
  done
}

solution_at() { # LEVEL
  prefix "$1"
  try 0 "${ordinary[@]}" "$lab" start hello "$T/home/ws"
  cd "$T/home/ws"
  cp "$here/course/labs/hello/solution/server.c" .
  try 0 "${before[@]}" "$lab" check --json
  json ".sandbox == \"$1\" and .points == 100"
}

@test "the solution has its points at each level" {
  for level in namespaces container none; do
    solution_at "$level"
  done
}

@test "the solution has its points at each level, for an ordinary user" {
  be_ordinary
  for level in namespaces container none; do
    solution_at "$level"
  done
}

@test "the solution has its points at level full" {
  need_groups
  solution_at full
}

@test "hostile programs at level full" {
  need_groups
  attack_at full
}
@test "hostile programs at level namespaces" { attack_at namespaces; }
@test "hostile programs at level container" { attack_at container; }
@test "hostile programs at level none" { attack_at none; }

@test "hostile programs of an ordinary user at level container" {
  be_ordinary
  attack_at container
}

@test "without namespaces and without a word there is no check, outside of a container" {
  workspace hello
  solve
  try 4 "${forbidden[@]}" "$lab" check --sandbox namespaces
  says "namespace"
  says "for a program of your own: lab check --no-sandbox"
  try 0 "${forbidden[@]}" "$lab" check --no-sandbox --json
  json '.sandbox == "none"'
  try 0 env LAB_SANDBOX=none "${forbidden[@]}" "$lab" check --json
  json '.sandbox == "none"'
  if [ -e /.dockerenv ] || [ -e /run/.containerenv ]; then
    try 0 "${forbidden[@]}" "$lab" check --json
    json '.sandbox == "container"'
    try 0 "${forbidden[@]}" "$lab" doctor
    prints "(level: container)"
  else
    try 4 "${forbidden[@]}" "$lab" check
    says "lab check --no-sandbox"
  fi
}

@test "a level that there is not" {
  workspace hello
  try 2 "$lab" check --sandbox much
  says "much: no level of the sandbox"
  says "the levels are full, namespaces, container and none"
  try 2 env LAB_SANDBOX=much "$lab" check
  says "much: no level of the sandbox"
}
