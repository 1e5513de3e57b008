# SPDX-License-Identifier: MIT
# lab grade: a class. One class is made and graded for all tests that look at what came of it.
load helpers
load terminal

class=$BATS_FILE_TMPDIR/class
graded=$BATS_FILE_TMPDIR/graded
alone=(solution stub deaf no-line-feed uncompiled crashes hangs floods)
rtl=$'\xd7\x90\xd7\x9c\xd7\x94 \xe2\x80\xaetxt' # as bytes: bash knows \\u in some locales alone
names=(solution stub deaf no-line-feed uncompiled crashes hangs floods empty no-sources given-only
  '=HYPERLINK("x")' $'two\nlines' 'a "quoted", name' "$rtl" '-dash')

source_of() { printf '%s\n' "$LAB_HOME/labs/hello/solution/server.c"; }

# The solution with some code at the start of main().
wrong() {
  mkdir "$class/$1"
  sed "/^int main/,/{/ s|{|{ $2|" "$(source_of)" >"$class/$1/server.c"
}

make_class() {
  local solution=$LAB_HOME/labs/hello/solution name
  [ ! -d "$class" ] || return 0
  mkdir "$class"
  cp -r "$solution" "$class/solution"
  cp -r "$LAB_HOME/labs/hello/stub" "$class/stub"
  for name in deaf no-line-feed; do
    cp -r "$solution" "$class/$name"
    patch -s -p1 -d "$class/$name" <"$LAB_HOME/labs/hello/wrong/$name.patch"
  done
  wrong uncompiled 'return "x" + ;'
  wrong crashes 'if (fork() == 0) abort(); *(volatile int *)16 = 1;'
  wrong hangs 'for (;;) pause();'
  wrong floods 'for (int i = 0; i < 100000; i++) fputs("flood &amp; <\\\\x01>\\\\n", stderr);'
  mkdir "$class/empty" "$class/no-sources" "$class/given-only"
  echo later >"$class/no-sources/README.md"
  cp "$solution/greeting.h" "$class/given-only"
  for name in '=HYPERLINK("x")' $'two\nlines' 'a "quoted", name' "$rtl" '-dash'; do
    mkdir -- "$class/$name"
    cp "$solution/server.c" "$class/$name/"
  done
  echo notes >"$class/notes.txt"
}

# $graded: the results of the class, $T/results/out the JSON that was printed.
grade_class() {
  make_class
  if [ ! -d "$graded" ]; then
    try 0 "$lab" grade hello "$class" --out "$graded" --json --junit "$graded.xml" --seed 4711
    cp "$T/results/out" "$graded.out"
    cp "$T/results/err" "$graded.err"
  fi
  cp "$graded.out" "$T/results/out"
  out=$(cat "$graded.out")
  err=$(cat "$graded.err")
}

verdicts() { jq -c '[.points, .build.ok, [.steps[].checks[] | [.id, .status, .message]]]' "$1"; }
small() { # a class of one or more solutions
  local name
  for name in "$@"; do
    mkdir -p "$T/small/$name"
    cp "$(source_of)" "$T/small/$name/"
  done
}

@test "each submission has the verdict that it gets alone, and so do its neighbours" {
  grade_class
  [ "$(jq -r '.submissions | length' "$graded.out")" = "${#names[@]}" ]
  [ "$(find "$graded/results" -name '*.json' | wc -l)" = "${#names[@]}" ]
  for name in "${alone[@]}"; do
    mkdir "$T/one"
    try 0 "$lab" start hello "$T/one"
    cp "$class/$name/server.c" "$T/one/server.c"
    (cd "$T/one" && "$lab" check --json --seed 4711 >"$T/alone.json") || true
    [ "$(verdicts "$graded/results/$name.json")" = "$(verdicts "$T/alone.json")" ] ||
      show "$name: $(verdicts "$graded/results/$name.json") and alone $(verdicts "$T/alone.json")"
    rm -r "$T/one"
  done
  grade_class
  json '[.submissions[] | select(.status == "graded" and .points == 100)] | length == 7'
  json '.submissions[] | select(.submission == "uncompiled") | .compiled == false and .points == 0 and .message != ""'
  json '[.submissions[] | select(.status == "broken" or .status == "open")] == []'
  says "notes.txt is no folder, no .zip and no .tar.gz: left out"
}

@test "what cannot be graded says why" {
  grade_class
  json '.submissions[] | select(.submission == "empty") | .status == "refused" and .message == "the folder is empty"'
  json '.submissions[] | select(.submission == "no-sources") | .message == "there are no sources: no file that ends in .c"'
  json '.submissions[] | select(.submission == "given-only") | .status == "refused" and .points == 0'
}

@test "a result holds versions, seed, level and time, and is for the caller's eyes alone" {
  grade_class
  touch -d '2026-03-04 05:06:07.5 UTC' "$class/solution/server.c"
  file=$graded/results/solution.json
  jq -e '.lab == "hello" and .seed == 4711 and (.lab_version | length) == 32 and .program_version != ""
    and (.sandbox == "full" or .sandbox == "namespaces") and .status == "graded" and .submission == "solution"
    and (.submitted | test("^20.*Z$"))' "$file"
  [ "$(stat -c %a "$graded" "$graded/results" | sort -u)" = 700 ]
  [ "$(find "$graded" -type f -exec stat -c %a {} + | sort -u)" = 600 ]
  # what a check that passes sent and got tells nobody anything
  jq -e '[.steps[].checks[] | select(.status == "passed") | has("transcript")] | any | not' "$file"
  jq -e '[.steps[].checks[] | select(.status == "failed") | .where.file] | index("server.c") != null' "$graded/results/crashes.json"
}

@test "feedback to hand back: what lab check says, in 80 columns; a reason where nothing was graded" {
  grade_class
  out=$(cat "$graded/feedback/deaf.txt")
  err=
  fits 80
  prints "FAIL 3 quit ends when it is told to"
  prints "error: the program does not end after SIGTERM"
  prints "hello 70/100 points"
  prints_not $'\033'
  out=$(cat "$graded/feedback/uncompiled.txt")
  prints "FAIL compile"
  prints "server.c:"
  [ "$(cat "$graded/feedback/empty.txt")" = "refused: the folder is empty" ]
}

@test "grades.csv is read back by Python, and no cell is a formula" {
  grade_class
  python3 - "$graded/grades.csv" <<'PY'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
assert list(rows[0]) == ["assignment", "timestamp", "student_id", "raw_score", "score", "max_score"], rows[0]
by = {row["student_id"]: row for row in rows}
assert len(rows) == len(by) == 16, sorted(by)
assert by["solution"]["score"] == by["solution"]["raw_score"] == "100"
assert by["deaf"]["score"] == "70" and by["stub"]["score"] == "0"
assert by["two\nlines"]["score"] == by['a "quoted", name']["score"] == "100"
assert by["\u05d0\u05dc\u05d4 \u202etxt"]["score"] == "100"
assert by["'=HYPERLINK(\"x\")"] and by["'-dash"]
assert all(row["assignment"] == "hello" and row["max_score"] == "100" for row in rows)
assert all(row["timestamp"].endswith("Z") and "T" in row["timestamp"] for row in rows)
assert not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row.values() if cell)
PY
}

@test "JUnit: xmllint finds it right by the schema, and the counts agree" {
  grade_class
  xmllint --noout --schema "$here/class/junit.xsd" "$graded.xml"
  [ "$(xmllint --xpath 'count(//testsuite)' "$graded.xml")" = 16 ]
  [ "$(xmllint --xpath 'count(//testsuite[@name="solution"]/testcase[@classname="hello" and not(*)])' "$graded.xml")" = 5 ]
  xmllint --xpath '//testsuite[@name="deaf"]/testcase[@name="quit/ends_when_told"]/failure/@message' "$graded.xml"
  [ "$(xmllint --xpath 'count(//testsuite[@name="uncompiled"]/testcase/skipped)' "$graded.xml")" = 4 ]
  [ "$(xmllint --xpath 'string(//testsuite[@name="uncompiled"]/testcase[@name="compile"]/failure/@type)' "$graded.xml")" = compile ]
  [ "$(xmllint --xpath 'string(//testsuite[@name="empty"]/testcase/failure/@message)' "$graded.xml")" = "the folder is empty" ]
  [ "$(xmllint --xpath 'count(//testsuite[@tests != count(testcase) or @failures != count(testcase/failure)
    or @errors != count(testcase/error) or @skipped != count(testcase/skipped)])' "$graded.xml")" = 0 ]
  [ "$(xmllint --xpath 'count(//testsuite[contains(@name, "'$'\n''")])' "$graded.xml")" = 1 ]
}

@test "lab check --junit writes one attempt" {
  workspace hello
  solve 'signal(SIGTERM, SIG_IGN);'
  try 1 "$lab" check --junit "$T/junit.xml"
  xmllint --noout --schema "$here/class/junit.xsd" "$T/junit.xml"
  [ "$(xmllint --xpath 'string(//testsuite[@name="hello"]/@failures)' "$T/junit.xml")" = 1 ]
  xmllint --xpath 'string(//testcase[@name="quit/ends_when_told"]/failure)' "$T/junit.xml" | grep -q 'server.c:'
  try 4 "$lab" check --junit "$T/nowhere/junit.xml"
  says "nowhere/junit.xml: No such file or directory"
}

# In a real browser, with a home of its own.
browser() {
  TMPDIR=$BATS_TEST_TMPDIR HOME=$BATS_TEST_TMPDIR chromium --headless --no-sandbox --disable-gpu \
    --disable-dev-shm-usage --user-data-dir="$BATS_TEST_TMPDIR/chromium" "$@" 2>"$BATS_TEST_TMPDIR/said"
}

@test "report.html is one page that Chromium shows, with nothing from elsewhere" {
  grade_class
  browser --dump-dom "file://$graded/report.html" >"$T/dom.html"
  xmllint --html --noout "$T/dom.html" 2>/dev/null
  names() { xmllint --html --xpath "$1" "$T/dom.html" 2>/dev/null; }
  [ "$(names 'count(//section[@aria-labelledby="submissions"]//tbody/tr)')" = 16 ]
  [ "$(names 'count(//script | //link | //img | //iframe | //@src | //@onclick)')" = 0 ]
  [ "$(names 'count(//th[not(@scope)])')" = 0 ]
  [ "$(names 'count(//@href[starts-with(., "feedback/")])')" = 16 ]
  [ "$(names 'count(//@href)')" = 16 ]
  link=$(python3 -c 'import re, sys, urllib.parse
print(*[urllib.parse.unquote(x) for x in re.findall("href=\"([^\"]*)\"", open(sys.argv[1]).read())], sep="\n")' "$graded/report.html")
  while IFS= read -r file; do [ -s "$graded/$file" ]; done <<<"$link" # each leads to a file
  [ "$(names 'string(//section[@aria-labelledby="steps"]//tbody/tr[last()]//summary)')" = "7 here" ]
  [ "$(names 'normalize-space(//section[@aria-labelledby="submissions"]//tr[th//bdi="deaf"]/td[1])')" = 70 ]
  [ "$(names 'string(//section[@aria-labelledby="checks"]//tbody/tr[1]/th/span/code)')" = greet/greets_by_name ]
  grep -q 'two\\nlines' "$T/dom.html"
  ! grep -qE 'https?:|url\(|@import' "$graded/report.html"
  browser --window-size=1000,1400 --screenshot="$BATS_TEST_TMPDIR/page.png" "file://$graded/report.html"
  [ "$(od -An -tu1 -j16 -N8 "$BATS_TEST_TMPDIR/page.png" | tr -s ' ')" = " 0 0 3 232 0 0 5 120" ]
}

@test "archives: the good ones are graded, each bad one is refused in one line" {
  mkdir "$T/archives"
  "$here/class/archives" "$T/archives" "$LAB_HOME"/labs/hello/solution/*
  mkdir "$T/archives/good-inside"
  cp "$T/archives/good-zip.zip" "$T/archives/good-inside/Work of Ada.zip"
  mkdir "$T/archives/doubled"
  cp "$T/archives/good-zip.zip" "$T/archives/doubled.zip"
  ln -s /etc "$T/archives/linked"
  try 0 "$lab" grade hello "$T/archives" --out "$T/graded" --json --no-lines
  json '[.submissions[] | select(.submission | startswith("good-"))] | length == 7 and all(.status == "graded" and .points == 100)'
  json '[.submissions[] | select(.submission | startswith("good-") | not)] | length == 22 and all(.status == "refused" and .points == 0)'
  json '[.submissions[].message | select(. != null) | test("\n|\u001b") | not] | all'
  refused() {
    jq -e --arg name "$1" --arg text "$2" '.submissions[] | select(.submission == $name) | .message | contains($text)' \
      "$T/results/out" >/dev/null || show "$1 does not say $2"
  }
  refused climbs "../evil.c climbs out of the archive"
  refused climbs-zip "climbs out of the archive"
  refused absolute "/tmp/evil.c is an absolute path"
  refused symlink "link.c is a symbolic link"
  refused hardlink "link.c is a hard link"
  refused device "null.c is a device"
  refused fifo "fifo.c is a named pipe"
  refused twice "server.c is there twice"
  refused file-folder "is a file and a folder"
  refused control "is no name that a source can have"
  refused bomb "more than 200 times its size"
  refused bomb-zip "more than"
  refused members "it has more than 10,000 members"
  refused none "there are no sources"
  refused cut "it is damaged or cut off"
  refused cut-zip "it is damaged or cut off"
  refused flipped "it is damaged or cut off"
  refused text "it is no .zip and no .tar.gz"
  refused nothing "the archive is empty"
  refused other "other.rar is an archive of a kind that lab does not read"
  refused doubled "there are two: doubled and doubled.zip"
  refused linked "it is a symbolic link"
}

@test "the summary: who is where, what fails most, who was refused; the seed at the end" {
  small ada bob
  mkdir "$T/small/carl" "$T/small/stub"
  cp "$LAB_HOME/labs/hello/stub/server.c" "$T/small/stub/"
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --seed 99
  silent
  fits 80
  prints "1 at 1 listen 2 passed all steps"
  prints "1 of 3 listen/accepts_a_connection"
  prints "refused carl: the folder is empty"
  prints "hello: 3 graded, 2 with all points, median 100 of 100, 1 refused"
  prints "(seed 99)"
  try 2 "$lab" grade hello "$T/small" --out "$T/graded"
  says "holds results of hello already"
  says "--resume goes on where it stopped, --again grades all anew"
}

# until_true (of the terminal) waits at a pipe that nobody writes to.
no_terminal() {
  mkfifo "$T/never"
  exec 7<>"$T/never"
}

# Whoever is graded while lab is killed is graded again, and nobody else.
killed() {
  small a b c d e f g h
  make_slow
  env --default-signal=INT "$lab" grade hello "$T/small" --out "$T/graded" >/dev/null 2>"$T/said" &
  local pid=$!
  until_true some_results
  kill "-$1" $pid
  wait $pid || status=$?
  [ "$status" = "$2" ]
  [ -z "$(find "$T/graded" -name '*.csv')" ]
  rm -rf "$T/kept"
  cp -rp "$T/graded/results" "$T/kept"
}
some_results() { [ -n "$(find "$T/graded/results" -name '*.json' 2>/dev/null)" ]; }
# The last ones wait for whoever looks at them, so that there is a middle.
make_slow() {
  for name in e f g h; do
    sed -i '/^int main/,/{/ s|{|{ for (;;) pause();|' "$T/small/$name/server.c"
  done
}
resumed() {
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --resume --json
  json '[.submissions[] | select(.status != "graded")] == []'
  json '[.submissions[] | .points] == [100, 100, 100, 100, 0, 0, 0, 0]'
  for file in "$T"/kept/*.json; do
    jq -e .status "$file" >/dev/null
    same "$file" "$T/graded/results/$(basename "$file")"
  done
  [ "$(find "$T/graded/results" ! -name '*.json' -type f)" = "" ]
}

@test "kill -9 in the middle, then --resume" {
  no_terminal
  status=0
  killed KILL 137
  echo half >"$T/graded/results/a.json.Xf3k2p"
  resumed
}

@test "Ctrl-C in the middle, then --resume" {
  no_terminal
  status=0
  killed INT 130
  grep -q -- "--resume goes on" <(tr '\n' ' ' <"$T/said" | tr -s ' ')
  nothing_left
  resumed
}

@test "--only grades some; --resume grades what was handed in anew" {
  small ada bob carl
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --only ada bob --json
  json '[.submissions[].status] == ["graded", "graded", "open"]'
  seed=$(jq .seed "$T/results/out")
  try 2 "$lab" grade hello "$T/small" --out "$T/graded" --only boby
  says "there is no submission boby"
  says "did you mean bob?"
  cp "$LAB_HOME/labs/hello/stub/server.c" "$T/small/bob/"
  touch -d 'now + 1 minute' "$T/small/bob/server.c"
  cp -p "$T/graded/results/ada.json" "$T/ada.json"
  touch "$T/small/ada/server.c" # the same work, copied
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --resume --json
  json '[.submissions[].points] == [100, 0, 100]'
  json ".seed == $seed"
  same "$T/ada.json" "$T/graded/results/ada.json"
  [ "$(stat -c %Y "$T/ada.json")" = "$(stat -c %Y "$T/graded/results/ada.json")" ]
}

@test "--again after the lab changed: old results are kept, times stay, differences are listed" {
  small ada bob
  sed -i '/^int main/,/{/ s|{|{ signal(SIGTERM, SIG_IGN);|' "$T/small/bob/server.c"
  touch -d '2026-03-04 05:06:07.5 UTC' "$T"/small/*/server.c
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --no-lines
  sed -i 's/"points": 30/"points": 40/; s/"points": 20/"points": 10/' "$LAB_HOME/labs/hello/lab.json"
  try 2 "$lab" grade hello "$T/small" --out "$T/graded" --resume
  says "holds results of another version of hello"
  says "--again"
  # the old lab had a step more
  jq -c '.steps += [{"id":"old","title":"t","points":0,"max_points":0,"status":"passed","checks":[{"id":"old/one","title":"one","status":"passed"}]}]' \
    "$T/graded/results/bob.json" >"$T/bob.json"
  cp "$T/bob.json" "$T/graded/results/bob.json"
  touch "$T"/small/*/server.c
  cp -r "$T/graded" "$T/first"
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --again --no-lines
  prints "changes since the grading before bob: 60 points, before 70"
  prints_not "ada:"
  diff -r "$T/first" "$T/graded/before-1"
  jq -e '.submitted == "2026-03-04T05:06:07.500000000Z"' "$T/graded/results/bob.json"
  grep -q '2026-03-04T05:06:07Z,bob,60' "$T/graded/grades.csv"
  # another program of bob's, and its time is a new one
  cp "$(source_of)" "$T/small/bob/"
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --again --no-lines --json
  json '.changes == [{"submission":"bob","points_before":60,"points":100,"other_sources":true,"passes_now":["quit/ends_when_told"]}]'
  jq -e '.submitted > "2026-03-05"' "$T/graded/results/bob.json"
  jq -e '.submitted < "2026-03-05"' "$T/graded/before-2/results/bob.json"
}

@test "a grader that breaks is told apart and costs nobody points" {
  small ada
  mkdir "$T/small/empty"
  mv "$T/course/graders/hello" "$T/course/graders/whole"
  cp "$T/course/graders/breaking" "$T/course/graders/hello"
  try 3 "$lab" grade hello "$T/small" --out "$T/graded"
  prints "broken: no fault of the submission, no points lost ada:"
  jq -e '.status == "broken" and .steps[0].status == "passed" and .steps[1].status == "broken"' \
    "$T/graded/results/ada.json"
  grep -q ',ada,,,100' "$T/graded/grades.csv"
  grep -q ',empty,0,0,100' "$T/graded/grades.csv"
  grep -q 'The grader or the machine failed' "$T/graded/report.html"
  # mended
  mv "$T/course/graders/whole" "$T/course/graders/hello"
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --again --json
  json '.submissions[0].points == 100 and .changes[0].submission == "ada"'
  # one that cannot even list its checks: nobody is graded
  printf '#!/bin/sh\nexit 1\n' >"$T/course/graders/hello"
  try 3 "$lab" grade hello "$T/small" --out "$T/other"
  [ ! -e "$T/other" ]
}

@test "folders that are none, foreign or in use" {
  small ada
  try 2 "$lab" grade hello "$T/small"
  says "lab grade needs a folder for its results"
  try 2 "$lab" grade hello "$T/nowhere" --out "$T/graded"
  says "nowhere: no folder of submissions"
  mkdir "$T/none"
  try 2 "$lab" grade hello "$T/none" --out "$T/graded"
  says "holds no submissions"
  try 2 "$lab" grade helo "$T/small" --out "$T/graded"
  [ ! -e "$T/graded" ]
  mkdir "$T/mine"
  touch "$T/mine/thesis.tex"
  try 2 "$lab" grade hello "$T/small" --out "$T/mine"
  says "is not empty, and holds no results of lab grade"
  [ "$(ls "$T/mine")" = thesis.tex ]
  # results among the submissions are none themselves
  try 0 "$lab" grade hello "$T/small" --out "$T/small/graded" --json
  json '[.submissions[].submission] == ["ada"]'
  try 2 "$lab" grade odd "$T/small" --out "$T/small/graded" --resume
  says "holds results of hello, not of odd"
  try 4 flock "$T/small/graded" "$lab" grade hello "$T/small" --out "$T/small/graded" --resume
  says "another lab grade writes its results there"
  try 2 "$lab" grade hello "$T/small" --out "$T/small/graded" --resume --seed 1
  says "holds results of another seed"
}

@test "results that cannot be written: read-only, and a full disk; --resume goes on" {
  small a b c d
  touch "$T/file"
  try 2 "$lab" grade hello "$T/small" --out "$T/file"
  says "lab: $T/file is a file, and results need a folder"
  says "help: name a new folder"
  mkdir "$T/graded"
  enter=(unshare -Urm)
  [ "$(id -u)" != 0 ] || enter=(unshare -m)
  try 4 "${enter[@]}" sh -c 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; "$0" grade hello "$2" --out "$1"' \
    "$lab" "$T/graded" "$T/small"
  says "Read-only file system"
  says "make the folder writable"
  try 4 "${enter[@]}" sh -c 'mount -t tmpfs -o size=16k none "$1"; "$0" grade hello "$2" --out "$1" || s=$?
    cp -r "$1/." "$3"; exit $s' "$lab" "$T/graded" "$T/small" "$T/kept"
  says "No space left on device"
  says "go on with --resume"
  for file in "$T"/kept/results/*.json; do jq -e . "$file" >/dev/null; done
  cp -r "$T/kept/." "$T/graded"
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --resume --json
  json '[.submissions[].points] == [100, 100, 100, 100]'
}

@test "levels: never without a sandbox unasked, a container's walls only when it is said" {
  small ada
  LAB_SANDBOX=none try 2 "$lab" grade hello "$T/small" --out "$T/graded"
  says "programs of others are not graded without a sandbox"
  says "help: unset LAB_SANDBOX; or, for programs of your own, say --no-sandbox"
  try 2 "$lab" grade hello "$T/small" --out "$T/graded" --sandbox none
  says "help: leave out --sandbox none; or, for programs of your own, say --no-sandbox"
  try 4 "$lab" grade hello "$T/small" --out "$T/graded" --sandbox container
  says "--in-container"
  [ ! -e "$T/graded" ]
  alone 0 "$lab" grade hello "$T/small" --out "$T/graded" --sandbox container --in-container
  jq -e '.sandbox == "container" and .points == 100' "$T/graded/results/ada.json"
  alone 0 "$lab" grade hello "$T/small" --out "$T/none" --no-sandbox
  jq -e '.sandbox == "none" and .points == 100' "$T/none/results/ada.json"
}

@test "on a terminal a bar shows how far it is, and is gone at the end" {
  small a b c d
  make_slow_one() { sed -i '/^int main/,/{/ s|{|{ for (;;) pause();|' "$T/small/$1/server.c"; }
  for name in a b c d; do make_slow_one "$name"; done
  terminal 80 24
  type_in "lab grade hello '$T/small' --out '$T/graded'"
  shows 'grading \[[#.]{30}\] [0-4] of 4'
  finish 0
  ! grep -q 'grading' <<<"$out"
  grep -q '4 at 1 listen' <<<"$out"
}

@test "lab pack: an archive that cannot be written is told with the cure" {
  workspace hello
  try 4 "$lab" pack --out "$T/nowhere/hello.tar.gz"
  says "lab: $T/nowhere/hello.tar.gz: No such file or directory"
  says "help: name a file in a folder that can be written: --out FILE"
}

@test "lab pack: the same sources make the same bytes, without .lab, and they are graded" {
  workspace hello
  solve
  try 0 "$lab" check
  try 0 "$lab" pack
  prints "hello.tar.gz: 2 files,"
  [ "$(tar tzf hello.tar.gz | tr '\n' ' ')" = "hello/greeting.h hello/server.c " ]
  cp hello.tar.gz "$T/first.tar.gz"
  touch server.c
  try 0 "$lab" pack --out "$T/second.tar.gz"
  same "$T/first.tar.gz" "$T/second.tar.gz"
  mkdir "$T/small"
  cp hello.tar.gz "$T/small/ada.tar.gz"
  try 0 "$lab" grade hello "$T/small" --out "$T/graded" --json
  json '.submissions == [{"submission":"ada","status":"graded","submitted":.submissions[0].submitted,"points":100,"max_points":100,"compiled":true,"steps_passed":3}]'
}
