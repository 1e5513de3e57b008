# SPDX-License-Identifier: MIT
# lab debug: gdb on the program of a check, here with its commands from a file.
load helpers

setup_file() {
  command -v gdb >/dev/null || skip "no gdb"
}

# debug STATUS ARGUMENTS… <COMMANDS
debug() {
  local wanted=$1
  shift
  cat >"$T/commands"
  try "$wanted" sh -c '"$@" <"$0"' "$T/commands" "$lab" debug "$@"
}

@test "the program stops in main, and the check goes on with it" {
  workspace hello
  solve
  debug 0 greet/greets_by_name <<'EOS'
info source
next
break greet
continue
backtrace
finish
continue
EOS
  prints "greet/greets_by_name with seed"
  prints "Temporary breakpoint 1, main () at ./server.c:42"
  prints "Current source file is ./server.c"
  prints "Breakpoint 2, greet (client="
  prints "in main () at ./server.c:46"
  prints "ok check greet/greets_by_name"
  prints "next: ./lab check greet"
}

@test "the request is the one of the attempt that failed, and the verdict the same" {
  workspace hello
  solve
  sed -i 's/answer, length, 0/answer, length - 1, 0/' server.c
  try 1 "$lab" check --seed 99
  sent=$(sed -n 's/^    \([a-z]*-[0-9]*\)\\n$/\1/p' .lab/last/greet.greets_by_name.txt | head -n 1)
  debug 1 <<'EOS'
break 24
continue
print answer
continue
EOS
  prints "hello $sent\\n"
  prints "FAIL check greet/greets_by_name: "
}

@test "whoever leaves gdb lets the program run" {
  workspace hello
  solve
  debug 0 greet/greets_by_name <<<"quit"
  prints "ok check greet/greets_by_name"
}

@test "a program that is killed in gdb fails its check" {
  workspace hello
  solve
  debug 1 greet/greets_by_name <<<"kill"
  prints "FAIL check greet/greets_by_name: the program was ended by SIGKILL"
}

@test "without gdb the package is named" {
  workspace hello
  solve
  without gdb
  try 4 "$lab" debug
  says "there is no gdb"
  says "sudo apt-get install gdb"
}

@test "what does not compile is not debugged" {
  workspace hello
  echo 'int main(void) { return 0 }' >server.c
  debug 1 <<<""
  prints "error: expected ';' before '}' token"
}
