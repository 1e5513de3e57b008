# SPDX-License-Identifier: MIT
# Earlier attempts: which there are, what has changed since, and a lab that is newer than its
# workspace.
load helpers

@test "attempts are listed, the latest first" {
  workspace hello
  try 0 "$lab" reset --list
  silent
  prints "no attempt was made here yet"
  prints "next: ./lab check"
  try 1 "$lab" check
  try 1 "$lab" check
  echo 'int main(void) { return }' >server.c
  try 1 "$lab" check
  solve
  try 0 "$lab" check
  cp server.c "$T/mine.c"
  try 0 "$lab" reset --list
  silent
  fits 80
  [ "$(sed 's/20[0-9-]* [0-9:]*/DATE/' "$T/results/out")" = "   4  DATE  all passed
   3  DATE  did not compile
   2  DATE  0/100 points, same files
   1  DATE  0/100 points
changes since one: ./lab reset --diff N
back to one: ./lab reset --to N" ] || show "the list"
  same server.c "$T/mine.c"
  [ ! -e .lab/backup ]
  COLUMNS=40 try 0 "$lab" reset --list
  fits 40
}

@test "what has changed since an attempt is shown, and nothing is touched" {
  workspace hello
  try 1 "$lab" check
  try 0 "$lab" reset --diff 1
  silent
  prints "nothing has changed since attempt 1"
  solve
  printf 'int more;\n' >more.c
  cp server.c "$T/mine.c"
  try 0 "$lab" reset --diff=1
  silent
  prints "--- attempt 1/server.c +++ server.c"
  prints "+static int listen_on(int port)"
  prints "--- /dev/null +++ more.c"
  [[ "$out" != *$'\033'* ]]
  same server.c "$T/mine.c"
  # It is a patch: undone, it gives the attempt.
  sed -n '/attempt 1\/server.c/,$p' "$T/results/out" >"$T/patch"
  patch -R server.c "$T/patch"
  same server.c "$LAB_HOME/labs/hello/stub/server.c"
  try 0 "$lab" reset --diff 1 --color=always
  [[ "$out" == *$'\033[32m+int more;'* ]] || show "no green"
}

@test "a file that is gone, or holds odd bytes, is shown all the same" {
  workspace hello
  printf 'int gone;\n' >gone.c
  try 1 "$lab" check
  rm gone.c
  printf '// \033[31m\t\377 x' >>server.c
  try 0 "$lab" reset --diff 1
  prints "--- attempt 1/gone.c +++ /dev/null"
  prints "-int gone;"
  [[ "$out" != *$'\033'* ]] || show "an escape reached the terminal"
}

@test "attempts that are not there are told, and where to look" {
  workspace hello
  try 1 "$lab" check
  for option in --to --diff; do
    try 2 "$lab" reset "$option" 7
    says "no attempt 7 of $T/home/hello is known"
    says "./lab reset --list names the attempts that are known"
    try 2 "$lab" reset "$option" mango
    says "$option is mango, and takes a whole number"
  done
  try 2 "$lab" reset --list --to 1
  says "only one of --to, --list and --diff can be said"
  same server.c "$LAB_HOME/labs/hello/stub/server.c"
}

@test "without diff it says what is missing" {
  workspace hello
  try 1 "$lab" check
  echo >>server.c
  without diff
  try 4 "$lab" reset --diff 1
  says "apt-get install diffutils"
}

@test "outside of its workspace a lab's last one is meant" {
  workspace hello
  try 1 "$lab" check
  solve
  cd /
  try 0 "$lab" reset hello --list
  prints "0/100 points"
  try 0 "$lab" reset hello --diff 1
  prints "+++ server.c"
}

@test "a lab newer than its workspace: a note once, given files renewed, the learner's untouched" {
  workspace hello
  solve
  cp server.c "$T/mine.c"
  echo notes >notes.txt
  echo '// newer' >>"$LAB_HOME/labs/hello/stub/greeting.h"
  echo '// newer' >>"$LAB_HOME/labs/hello/stub/server.c"
  try 0 "$lab" check
  says "hello has changed since you last checked: its lesson may say more; your files are as you left them"
  says "greeting.h belongs to the lab and is as it was"
  same greeting.h "$LAB_HOME/labs/hello/stub/greeting.h"
  same server.c "$T/mine.c"
  [ "$(cat notes.txt)" = notes ]
  try 0 "$lab" check
  silent
}

@test "what lab wrote follows a newer lab, what was changed does not" {
  workspace hello
  solve
  sed -i 's/-Wextra/-Wextra -Wold/' Makefile
  sed -i 's/"-Wextra"/"-Wextra", "-Wold"/' compile_commands.json .lab/generated/compile_commands.json
  sed -i 's/"lab_version":.*/"lab_version": "older"/' .lab/workspace.json
  cp Makefile "$T/Makefile"
  try 0 "$lab" check
  says "hello has changed"
  ! grep -e -Wold compile_commands.json
  same Makefile "$T/Makefile"
}
