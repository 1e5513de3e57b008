# SPDX-License-Identifier: MIT
# One program: its head, its workspace, a check of it. $file is its path, $name what it is called, $user
# who calls lab, $results where what was said is left.

# The value of a key in the head of a file, its continued lines joined.
head_of() { # FILE KEY
  sed -n '/^\/\*/,/\*\//p' "$1" | sed 's/^ \* \{0,1\}//; s/^ \*\/$//' | awk -v key="$2: " '
    index($0, key) == 1 { found = 1; printf "%s", substr($0, length(key) + 1); next }
    found && /^  / { sub(/^ +/, ""); printf " %s", $0; next }
    { found = 0 }'
}

complain() { # TEXT
  failures=$((failures + 1))
  printf 'FAIL %s as %s: %s\n' "$name" "$user" "$1"
  sed 's/^/     | /' "$results/out" "$results/err" | cut -c 1-${HOSTILE_WIDTH:-700}
}

# The same with a terminal that it could type into. script hands its command to $SHELL, which need not
# be a bash that takes functions from the environment: they go by a file.
check_at_terminal() {
  declare -f lab_as as >"$T/at-terminal"
  # shellcheck disable=SC2016
  echo 'lab_as "$user" "$@" >"$results/out" 2>"$results/err"' >>"$T/at-terminal"
  export T user tools nobody results
  (cd "$T/$user/home/ws" && HOSTILE_WITHOUT=$2 script -qec \
    "bash '$T/at-terminal' $1 check --json ${*:3}" /dev/null >/dev/null) || status=$?
}

# Runs lab check on the workspace; leaves stdout and stderr in $results; sets $status.
check() { # KIND WITHOUT ARGUMENT…
  status=0
  if [ -n "$(head_of "$file" Terminal)" ]; then
    check_at_terminal "$@"
    return
  fi
  (cd "$T/$user/home/ws" && HOSTILE_WITHOUT=$2 lab_as "$user" "$1" check --json "${@:3}") \
    >"$results/out" 2>"$results/err" || status=$?
}

prepare() {
  local workspace=$T/$user/home/ws
  find "$workspace" -mindepth 1 -maxdepth 1 ! -name '.lab' ! -name lab ! -name where.h \
    ! -name Makefile ! -name compile_commands.json -exec rm -rf {} +
  cp "$here/course/labs/hostile/stub/hostile.h" "$workspace/"
  cp "$file" "$workspace/server.c"
  local setup
  setup=$(head_of "$file" Setup)
  [ -z "$setup" ] || (cd "$workspace" && eval "$setup")
  [ "$user" = root ] || [ "$(id -u)" != 0 ] || chown -hR "$nobody:$nobody" "$workspace"
}
