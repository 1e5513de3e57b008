# SPDX-License-Identifier: MIT
# A program that computes for ever fails each check, on a machine that is busy as well: the lab is
# never the one at fault.
load helpers

# A lab whose eight checks wait for an answer; the program has a second of CPU time in each.
spinning() {
  cp -r "$LAB_HOME/labs/hello" "$LAB_HOME/labs/spinning"
  jq '.id = "spinning" | .order = 7 | .limits = {"seconds": 1}
    | .steps = [{"id": "listen", "title": "answers", "points": 100}]' \
    "$here/course/labs/hello/lab.json" >"$LAB_HOME/labs/spinning/lab.json"
  workspace spinning
  solve
  sed -i '/accept(/s|$|\n        for (volatile unsigned long i = 0;; i++) continue;|' server.c
}

all_failed() {
  try 1 "$lab" check --json
  json '[.steps[].checks[].status] | length == 8 and all(. == "failed")'
  json '[.steps[].checks[].notes[]] | all(test("waits|at work|CPU time"))'
}

@test "busy loops on an idle machine" {
  spinning
  all_failed
}

@test "busy loops among others, which leave them little" {
  spinning
  local loops=() loop
  for loop in $(seq $((6 * $(nproc)))); do
    while :; do :; done 3>&- &
    loops+=($!)
  done
  all_failed || failed=1
  kill "${loops[@]}"
  [ -z "${failed:-}" ]
}
