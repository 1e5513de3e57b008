# SPDX-License-Identifier: MIT
# What editors are told: compile_commands.json for clangd, and messages that they can jump to.
load helpers

# clangd reads the file as an editor has it do, and finds nothing wrong.
clangd_agrees() {
  clangd --check="$1" >"$T/clangd" 2>&1 || { cat "$T/clangd" && false; }
  grep -qF "Loaded compilation database from $PWD/compile_commands.json" "$T/clangd"
  grep -q 'All checks completed, 0 errors' "$T/clangd"
  ! grep -iE 'unknown argument|unsupported option' "$T/clangd"
}

# ---------------------------------------------------------------- clangd

@test "clangd understands a workspace as it was made" {
  workspace hello
  clangd_agrees server.c
}

@test "clangd knows what the compiler is told: the standard with its GNU functions" {
  workspace hello
  solve
  # Plain C17 hides struct ip_mreq.
  sed -i 's/^int main/static int flags(void) { struct ip_mreq all = {0}; return (int)all.imr_interface.s_addr; }\n&/; s/^    for (;;)/    flags();\n&/' server.c
  clangd_agrees server.c
  sed -i 's/"-std=gnu17"/"-std=c17"/' compile_commands.json
  clangd --check=server.c >"$T/clangd" 2>&1 || true
  grep -q "incomplete type 'struct ip_mreq'" "$T/clangd"
}

@test "a source that was added is in compile_commands.json after the next check" {
  workspace hello
  solve
  mkdir more
  printf 'int more(void);\nint more(void) { return 1; }\n' >'more/a b.c'
  try 0 "$lab" check
  silent
  jq -e '[.[].file] | sort == ["more/a b.c", "server.c"]' compile_commands.json
  clangd_agrees 'more/a b.c'
}

@test "a workspace that was moved is told to clangd anew" {
  workspace hello
  cd ..
  mv hello elsewhere
  cd elsewhere
  try 1 "$lab" check
  jq -e --arg here "$PWD" '[.[].directory] | unique == [$here]' compile_commands.json
  clangd_agrees server.c
}

@test "a compile_commands.json of the learner's own stays as it is" {
  workspace hello
  jq '.[0].arguments += ["-DMINE"]' compile_commands.json >mine.json
  cp mine.json compile_commands.json
  touch more.c
  try 1 "$lab" check
  same compile_commands.json mine.json
  rm compile_commands.json
  try 1 "$lab" check
  says "compile_commands.json was missing and is back"
  jq -e 'length == 2' compile_commands.json
}

# ---------------------------------------------------------------- --format=gcc

# Every line of stdout has the form that editors read.
gcc_like() {
  ! grep -vE '^[^:]+:[0-9]+:[0-9]+: (error|warning|note): .' "$T/results/out" || show "other lines"
}

@test "a failure is told at the line that made it" {
  workspace hello
  solve
  sed -i 's/    send(client, answer, length, 0)/    send(client, "hallo", 5, 0)/' server.c
  line=$(grep -n hallo server.c | cut -d: -f1)
  try 1 "$lab" check --format=gcc
  silent
  gcc_like
  [[ "$out" == "server.c:$line:5: error: "* ]] || show "the first line"
  prints "[greet/greets_by_name]"
  prints "server.c:$line:5: note: sent by send()"
  prints "note: the lesson: a client that sends a name gets hello and the name"
  prints "note: 1 more check fails (./lab check --all)"
  try 1 "$lab" check --format gcc --all
  gcc_like
  prints "[greet/greets_a_second_client]"
}

@test "errors and warnings of the compiler are told as gcc does" {
  workspace hello
  printf 'int main(void)\n{\n    int unused;\n    return "hello"\n}\n' >server.c
  try 1 "$lab" check --format=gcc
  silent
  gcc_like
  prints "server.c:4:19: error: expected ';' before '}' token"
  solve 'int unused;'
  try 0 "$lab" check --format=gcc
  gcc_like
  prints "warning: unused variable 'unused'"
}

@test "a pass prints nothing at all" {
  workspace hello
  solve
  try 0 "$lab" check --format=gcc
  silent
  [ -z "$out" ]
}

@test "files are named so that they are found from where one is" {
  workspace hello
  mkdir below
  cd below
  try 1 "$lab" check --format=gcc
  [[ "$out" == "$T/home/hello/server.c:"* ]] || show "the path"
  cd /
  try 1 "$lab" check hello --format=gcc
  [[ "$out" == "$T/home/hello/server.c:"* ]] || show "the path"
}

@test "a broken lab is told on stderr, with its exit status" {
  workspace odd
  try 3 "$lab" check silent --format=gcc
  [ -z "$out" ] || show "something on stdout"
  says "the lab's grader is broken"
}

@test "a format that is none is told" {
  workspace hello
  try 2 "$lab" check --format=xml
  says "--format is xml, and takes gcc"
  try 2 "$lab" check --format=gcc --json
  says "--json and --format cannot both be said"
  [ -z "$out" ]
}
