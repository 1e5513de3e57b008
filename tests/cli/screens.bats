# SPDX-License-Identifier: MIT
# What a learner sees, whole: programs of screens/ that are wrong in one way each, checked by the
# built-in lab. Times are masked, and what a check draws at random: words, numbers, ports.
load helpers

# A workspace of the built-in lab with this program.
wrong() {
  unset LAB_HOME
  workspace http-basics
  cp "$here/screens/$1.c" server.c
}

mask() {
  sed -E -e 's/ +[0-9]+\.[0-9]{2}s$/ TIME/' -e 's/at [0-9]+\.[0-9]{3} s/at TIME/g' \
    -e 's/[a-z]+-[0-9]{3,}(\.bin)?/WORD/g' -e 's/(has|for) [0-9]+ bytes/\1 N bytes/g' \
    -e 's/127\.0\.0\.1:[0-9]+/HOST/g' -e 's/-c [0-9]+ /-c N /' -e 's/[0-9]+-byte/N-byte/' \
    "$T/results/out"
}

# The report is what stands on stdin.
is_screen() {
  local wanted
  wanted=$(cat)
  diff <(printf '%s\n' "$wanted") <(mask) || show "not this screen"
}

@test "a failing check" {
  wrong wrong_length
  try 1 "$lab" check echo/content_length_matches_body --seed 7
  silent
  fits 80
  is_screen <<'EOF'
ok    compile TIME
FAIL  4  echo            /echo/{text} comes back as the body              0/10

echo/content_length_matches_body
error: Content-Length says 64, the body has N bytes
  sent      GET /echo/WORD HTTP/1.1\r\n
            Host: HOST\r\n
            Connection: close\r\n
            \r\n
  received  HTTP/1.1 200 OK\r\n
            Content-Length: 64\r\n
                            ^^
            \r\n
            WORD
  made by   server.c:28 in add_length()
         28 |     append(reply, "Content-Length: %zu\r\n", sizeof text);
  sent by   server.c:33 in flush(), called from respond() server.c:42
note: a client waits for N bytes that never come (RFC 9112 6.3)
see it:   ./lab run      then
printf 'GET /echo/WORD HTTP/1.1\r\nHost: HOST\r\nConnection: '\
'close\r\n\r\n' | timeout 2 nc 127.0.0.1 8080
again:    ./lab check echo --seed 7        hint: ./lab hint echo  (1 of 3)

http-basics  0/10 points   1 step run, 0 passed
next: edit server.c:28, then `./lab check`
EOF
}

@test "it does not compile" {
  wrong no_compile
  try 1 "$lab" check
  silent
  is_screen <<'EOF'
FAIL  compile TIME
server.c:8:23: error: expected ';' before 'return'
    8 |         return "hello"
      |                       ^
help: each statement ends with a ; and the one before this place has none
note: 2 more errors, 1 warning (./lab check -v)
next: edit server.c:8, then `./lab check`
EOF
}

@test "it crashes" {
  wrong crash
  try 1 "$lab" check post-file/binary_body_is_stored_whole --seed 7
  silent
  fits 80
  is_screen <<'EOF'
ok    compile TIME
FAIL  9  post-file       POST stores the body                             0/10

post-file/binary_body_is_stored_whole
error: heap-buffer-overflow, a write of 1 byte
  crashed   server.c:30 in read_body()
         30 |     body[length] = '\0';
  called    from serve() server.c:40, main() server.c:56
note: the N-byte block was allocated at server.c:23;
      the write is 0 bytes past its end
note: the check was waiting for the answer to POST /files/WORD
help: room for n bytes and a final NUL is n + 1 bytes
note: the whole report: .lab/last/post-file.binary_body_is_stored_whole.stderr
see it:   ./lab run      then
head -c N /dev/urandom | curl -i --data-binary @- \
http://HOST/files/WORD
again:    ./lab check post-file --seed 7    hint: ./lab hint post-file  (1 of 3)

http-basics  0/10 points   1 step run, 0 passed
next: edit server.c:30, then `./lab check`
EOF
  grep -q 'server.c:30 in read_body' .lab/last/post-file.binary_body_is_stored_whole.stderr ||
    show "the report was not kept"
}

@test "it hangs" {
  wrong hang
  try 1 "$lab" check concurrent/second_client_is_answered_while_first_is_idle --seed 7
  silent
  fits 80
  is_screen <<'EOF'
ok    compile TIME
FAIL  7  concurrent      an idle client blocks nobody                     0/10

concurrent/second_client_is_answered_while_first_is_idle
error: the second client gets no answer while the first one is idle
  client 1  connected at TIME, sent nothing
  client 2  connected at TIME, sent GET /echo/WORD HTTP/1.1,
            received nothing
  stuck in  recv() on client 1, server.c:11 in read_request()
         11 |     ssize_t n = recv(fd, buffer, sizeof buffer, 0);
note: no other thread is there to answer client 2
note: an idle client may not hold up the next one
see it:   ./lab run      then
bash -c "exec 3<>/dev/tcp/127.0.0.1/8080; sleep 1; curl -i -m 3 http://127.0.0\
.1:8080/echo/WORD"
again:    ./lab check concurrent --seed 7
hint:     ./lab hint concurrent  (1 of 3)

http-basics  0/10 points   1 step run, 0 passed
next: edit server.c:11, then `./lab check`
EOF
}

# Two clients connect at about the same time: their rows may stand in either order, and what comes
# at one moment may stand in one row or in two.
@test "the exchange as a ladder" {
  wrong hang
  try 1 "$lab" trace concurrent/second_client_is_answered_while_first_is_idle --seed 7
  silent
  fits 80
  for row in 'time   client 1 +client 2 +server' 'TIME  connect ─+►( accept +server.c:27)?' \
    'TIME {10,}connect ─+► \(in the backlog\)' 'TIME {10,}GET /echo/[^ ]+ ─► \(not read\)' \
    'TIME( +| .* )accept( client 1)? +server.c:27' \
    'TIME +recv client 1 +server.c:11 +waiting' 'TIME +stuck: nothing can happen any more'; do
    sed -E 's/^  [0-9]+[.][0-9]{3}/  TIME/' "$T/results/out" | grep -qE "^  $row\$" ||
      show "no row $row"
  done
  prints "FAIL  concurrent/second_client_is_answered_while_first_is_idle
    error: the second client gets no answer while the first one is idle
    next: edit server.c:11, then \`./lab check concurrent\`"
}

@test "a crash in JSON: where it is, what is known of it, what mends it" {
  wrong crash
  try 1 "$lab" check post-file/binary_body_is_stored_whole --seed 7 --json
  json '[.steps[].checks[] | select(.status == "failed")] | length == 1'
  json '.steps[].checks[] | select(.status == "failed") | .where ==
    {file: "server.c", line: 30, function: "read_body", how: "crashed_at"}'
  json '.steps[].checks[] | select(.status == "failed") | .lines[0].called_from ==
    [{file: "server.c", line: 40, function: "serve"}, {file: "server.c", line: 56, function: "main"}]'
  json '.steps[].checks[] | select(.status == "failed") | .lines[0].text | contains("body[length] = ")'
  json '.steps[].checks[] | select(.status == "failed") | .trace_notes[0] | contains("server.c:23")'
  json '.steps[].checks[] | select(.status == "failed") | .help | contains("n + 1 bytes")'
}
