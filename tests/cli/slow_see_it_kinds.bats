# SPDX-License-Identifier: MIT
# "See it" shows what the check complained about: one wrong program of http-basics for each kind of
# command. slow_see_it.bats has all of them.
load helpers
load see_it

@test "a body" { shows plus-is-blank; }
@test "a status, of bytes that curl does not send" { shows blank-in-name; }
@test "the form of an answer" { shows empty-line-without-cr; }
@test "a file" { shows file-is-a-string; }
@test "a body that was stored, in pieces" { shows body-from-one-recv; }
@test "an end that does not come" { shows close-by-strcmp; }
@test "an end that comes too early" { shows one-request-only; }
@test "no answer while another client waits" { shows peeks-before-the-thread; }
@test "many clients" { shows sixteen-clients; }
@test "a time-out of the server's own" { shows seconds-for-milliseconds; }

# What is printed on 80 columns is broken into lines: pasted, it has to be the same command.
@test "the command as it is printed" {
  unset LAB_HOME
  workspace http-basics
  for name in blank-in-name sixteen-clients seconds-for-milliseconds; do
    wrong_program $name
    check=$(broken_checks $name | cut -d' ' -f1)
    "$lab" check "$check" --seed 1 --json >"$T/checked" || true
    field "$check" reproduce >"$T/command"
    field "$check" reproduce_environment >"$T/environment"
    try 1 "$lab" check "$check" --seed 1
    fits 80
    sed -n '/^see it:/,/^again:/p' "$T/results/out" >"$T/printed"
    grep -qF "see it:   $(sed 's/..*/& /' "$T/environment")./lab run " "$T/printed"
    sed '1{/ then$/d; s/^see it:.* then *//}; /^again:/d' "$T/printed" >"$T/pasted"
    # as the shell has read it: the quotes that a break closes and opens again are next to each other
    for text in command pasted; do
      bash -c "read_it() { $(cat "$T/$text"); }; declare -f read_it" | sed "s/''//g" >"$T/$text.read"
    done
    grep -q 127.0.0.1 "$T/command.read"
    same "$T/command.read" "$T/pasted.read"
  done
}
