# SPDX-License-Identifier: MIT
# For who hears the screen, or sees no colours: --plain, LAB_PLAIN and a dumb terminal. Nothing is
# said by colours, columns or drawings alone.
load helpers

# Nothing but letters that are read aloud: no escapes, no lines, arrows, blocks or carets.
readable() {
  ! grep -nP '[\x00-\x08\x0b-\x1f\x7f]|[─-╿]|[←-⇿]|[▀-◿]|^\s*\^' "$T/results/out" "$T/results/err" ||
    show "a drawing"
}

# A wrong answer to the name.
wrong_answer() {
  solve
  sed -i 's/    send(client, answer, length, 0)/    send(client, "hallo\\n", 6, 0)/' server.c
}

@test "every command takes --plain, before or behind its name" {
  workspace hello
  wrong_answer
  try 1 "$lab" check --plain
  for command in "status" "list" "next" "hint" "lesson" "doctor" "reset --list" "build" ""; do
    # shellcheck disable=SC2086
    try 0 "$lab" --plain $command
    readable
    fits 80
  done
  try 0 "$lab" list --plain
  prints "hello: A server that greets; easy, 20 minutes, 2 of 3 steps"
  try 2 "$lab" list --plian
  says "did you mean --plain?"
  try 2 "$lab" list --plain=yes
  says "takes no value"
}

@test "status says in words what its bars say" {
  try 0 "$lab" status
  cp "$T/results/out" "$T/usual"
  LAB_PLAIN=1 try 0 "$lab" status
  prints "stage 1, First things: you are here, 0 of 1 lab passed; next: hello"
  prints "stage 2, Second things: not done, 0 of 1 lab passed"
  prints_not "["
  LAB_PLAIN= try 0 "$lab" status
  same "$T/results/out" "$T/usual"
}

@test "a failing check says in words what columns and carets say" {
  workspace hello
  wrong_answer
  try 1 "$lab" check --plain
  silent
  readable
  fits 80
  prints "ok: 1 listen, accepts a connection on \$PORT, 20/20"
  prints "FAIL: 2 greet, says hello and the name, 0/50"
  prints "differs here: a"
  prints "line $(grep -n hallo server.c | cut -d: -f1): send(client, \"hallo"
}

@test "what does not compile says in words where" {
  workspace hello
  printf 'int main(void)\n{\n    return "hello"\n}\n' >server.c
  try 1 "$lab" check --plain
  readable
  prints "server.c:3:19: error: expected ';' before '}' token"
  prints "line 3: return \"hello\""
}

@test "a trace is made of sentences" {
  workspace hello
  wrong_answer
  try 1 "$lab" check
  try 1 "$lab" trace greet --plain
  readable
  fits 80
  prints "client 1 connects"
  prints "s: server: recv "
  [[ "$(flat "$out")" == *"server: send server.c:"*"client 1 receives hallo"* ]] || show "the order"
}

@test "words carry the meaning: with the colours taken away nothing is lost" {
  workspace hello
  wrong_answer
  try 1 "$lab" check --seed 1 --color=never
  sed 's/[0-9.]*s$//' "$T/results/out" >"$T/without"
  try 1 "$lab" check --seed 1 --color=always
  sed 's/\x1b\[[0-9;]*m//g; s/[0-9.]*s$//' "$T/results/out" | diff - "$T/without"
}
