# SPDX-License-Identifier: MIT
# Ctrl-C, kill -9 and two checks at once: no process stays, nothing of the learner's is harmed.
# Moments are random: whatever lab is doing then, the outcome has to be the same.
load helpers

# A folder ready to be checked; what is in it is remembered.
ready() {
  workspace "$1"
  cp "$LAB_HOME/labs/$1/solution/"* .
  cp server.c "$T/mine.c"
}

# The learner's file is as it was, and so is what is known of earlier attempts.
unharmed() {
  same server.c "$T/mine.c"
  try 0 "$lab" list
  silent
}

# A program that the compiler takes 10 s of CPU time to give up.
slow_to_compile() {
  {
    for letters in AB BC CD DE EF FG; do
      printf '#define %s(x)' "${letters:0:1}"
      printf " ${letters:1}(x)%.0s" 1 2 3 4 5 6 7 8
      echo
    done
    echo '#define G(x) x'
    echo 'int main(void) { volatile int a = 0; A(a++;) A(a++;) A(a++;) A(a++;) return a; }'
  } >server.c
  cp server.c "$T/mine.c"
}

# Up to 1.6 s, in microseconds; most of them short, as much happens at the start.
some_time() {
  echo $((RANDOM * RANDOM / (RANDOM + 1) % 1600000))
}

# Sends a signal to a check, N times, at random moments: interrupt N SIGNAL STATUS COMMAND…
interrupt() {
  local times=$1 signal=$2 wanted=$3 moment
  shift 3
  for ((; times > 0; times--)); do
    moment=$(some_time)
    echo "$signal after $moment µs: $*"
    try "$wanted" "$reap" -s "$signal" -d "$moment" "$@"
    same server.c "$T/mine.c"
  done
}

@test "Ctrl-C while the compiler is at work" {
  ready hello
  slow_to_compile
  interrupt 8 2 130 "$lab" check
  interrupt 3 2 130 "$lab" build
  unharmed
}

@test "Ctrl-C while a check is at work" {
  ready odd
  interrupt 10 2 130 "$lab" check hang
  interrupt 3 2 130 "$lab" check hang --no-cache --json
  unharmed
}

@test "Ctrl-C right at the start" {
  ready odd
  for ((i = 0; i < 30; i++)); do
    moment=$((RANDOM + 500))
    echo "after $moment µs"
    try 130 "$reap" -s 2 -d "$moment" "$lab" check hang --no-cache
  done
  unharmed
}

@test "Ctrl-C to a check that would pass: 130, or it was over" {
  ready hello
  try 0 "$lab" check
  for ((i = 0; i < 20; i++)); do
    "$reap" -s 2 -d $((RANDOM * 8)) "$lab" check </dev/null >"$T/results/out" 2>&1 || [ $? = 130 ]
    nothing_left
  done
  unharmed
  try 0 "$lab" check
}

@test "Ctrl-C says nothing but what was done" {
  ready odd
  interrupt 1 2 130 "$lab" check hang
  silent
  prints_not FAIL
  prints_not next:
}

# Makes $T/twice: signal after signal to the process group of a command, then its status.
write_twice() {
  cat >"$T/twice" <<'EOS'
#!/bin/bash
set -m
signal=$1 pause=$2
shift 2
mkfifo "$T/never"
exec 3<>"$T/never"
rm "$T/never"
env --default-signal "$@" 3<&- &
read -rt "0.$RANDOM" -u 3
kill -"$signal" -- -$!
read -rt "$pause" -u 3
kill -"$signal" -- -$! 2>/dev/null
wait $!
EOS
}

@test "Ctrl-C twice in a row" {
  ready odd
  write_twice
  for pause in 0.0001 0.001 0.004 0.01 0.02 0.05; do
    T=$T try 130 bash "$T/twice" INT "$pause" "$lab" check hang
  done
  unharmed
}

@test "SIGTERM and SIGHUP to lab alone" {
  ready odd
  for signal in 15 1; do
    for ((i = 0; i < 4; i++)); do
      status=0
      "$reap" -1 -s "$signal" -d "$(some_time)" "$lab" check hang </dev/null || status=$?
      [[ "$status" == 130 || "$status" == $((128 + signal)) ]]
      nothing_left
    done
  done
  unharmed
}

@test "kill -9: no process stays, and the next check sweeps up" {
  ready odd
  for ((i = 0; i < 10; i++)); do
    status=0
    "$reap" -1 -s 9 -d "$(some_time)" "$lab" check hang --no-cache </dev/null || status=$?
    [ "$status" = 137 ]
  done
  try 3 "$lab" check silent
  unharmed
}

@test "kill -9 while the compiler is at work" {
  ready hello
  slow_to_compile
  for ((i = 0; i < 6; i++)); do
    status=0
    "$reap" -1 -s 9 -d "$(some_time)" "$lab" check </dev/null || status=$?
    [ "$status" = 137 ]
  done
  same server.c "$T/mine.c"
  cp "$LAB_HOME/labs/hello/solution/server.c" .
  try 0 "$lab" check
  try 0 "$lab" list
  silent
}

@test "a folder of a killed check is swept away, one in use is not" {
  ready hello
  mkdir -m 700 "$T/tmp/lab-stage-AbCdE1" "$T/tmp/lab-stage-AbCdE2" "$T/tmp/lab-stage-other"
  mkdir "$T/tmp/lab-stage-AbCdE1/scratch"
  exec 7<"$T/tmp/lab-stage-AbCdE2"
  flock 7
  "$lab" check 7<&- </dev/null
  [ "$(ls -m "$T/tmp")" = "lab-stage-AbCdE2, lab-stage-other" ]
  exec 7<&-
  rmdir "$T/tmp/lab-stage-other"
  try 0 "$lab" check
}

@test "two checks at once in one workspace" {
  ready hello
  cat >"$T/both" <<'EOS'
#!/bin/bash
"$1" check >"$2/one" 2>&1 &
"$1" check >"$2/two" 2>&1
echo "two $?"
wait $!
echo "one $?"
EOS
  for ((i = 0; i < 5; i++)); do
    try 0 bash "$T/both" "$lab" "$T/results"
    prints "two 0 one 0"
    grep -q "PASS  hello 100/100" "$T/results/one"
    grep -q "PASS  hello 100/100" "$T/results/two"
  done
  try 0 "$lab" reset --to 10
  try 2 "$lab" reset --to 11
  unharmed
}
