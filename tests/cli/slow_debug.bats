# SPDX-License-Identifier: MIT
# lab debug: a check waits for a program that is stopped, however long.
load helpers

@test "time stands still while the program does" {
  workspace hello
  solve
  # Longer than the 20 s after which a wait is given up, whoever is at fault.
  printf '%s\n' 'break greet' continue 'shell sleep 25' continue >"$T/commands"
  try 0 sh -c '"$@" <"$0"' "$T/commands" "$lab" debug greet/greets_by_name
  prints "Breakpoint 2, greet (client="
  prints "ok check greet/greets_by_name"
}
