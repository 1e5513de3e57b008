#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# graders/README.md is true: the files that it shows are those of graders/example, and its commands,
# typed one after the other by somebody who has built lab, print what it says.

setup_file() {
  readme="$LAB_SOURCE/graders/README.md"
  example="$LAB_SOURCE/graders/example"
  export readme example
}

# The blocks behind lines that are nothing but a file's name, each to FOLDER/NAME.
shown_files() {
  awk -v folder="$1" '
    /^`(labs|graders)\/[^`]*`$/ { name = substr($0, 2, length($0) - 2); next }
    /^```/ && inside { inside = 0; name = ""; next }
    /^```/ && name != "" { inside = 1; gsub("/", "@", name); next }
    inside { print > (folder "/" name) }
  ' "$readme"
}

# The commands as a script: those of `sh` blocks as they stand, those of `console` blocks with
# their output to FOLDER/said-N. What the page says they print goes to FOLDER/expected-N.
session() {
  awk -v folder="$1" '
    /^```(sh|console)$/ {
      kind = substr($0, 4)
      if (kind == "console") {
        expected = folder "/expected-" ++n
        printf "" > expected
        print "exec >\"" folder "/said-" n "\" 2>&1"
      }
      next
    }
    /^```/ { kind = ""; next }
    kind == "sh" { print; next }
    kind == "console" && /^\$ / { print substr($0, 3); more = /\\$/; next }
    kind == "console" && more { print; more = /\\$/; next }
    kind == "console" { print > expected }
  ' "$readme"
}

# What differs from run to run: the home, seeds, ports, words, seconds; and which of several programs that
# run at the same time is done first.
masked() {
  sed -E "s|$2|/home/ada|g"'; s/[a-z]+-[0-9]{5}/WORD/g; s/[0-9]{5,}/N/g; s/[0-9.]+ s$/S s/; s/\([0-9]+\/[0-9]+\)/(N)/' \
    "$1" | grep . | sort
}

@test "the files that graders/README.md shows are those of the example" {
  folder="$BATS_TEST_TMPDIR/shown"
  mkdir "$folder"
  shown_files "$folder"
  run ls "$folder"
  [ "${#lines[@]}" -eq 4 ]
  for file in "$folder"/*; do
    name=${file##*/}
    diff -u "$example/${name//@//}" "$file"
  done
}

@test "the commands of graders/README.md do what it says" {
  folder="$BATS_TEST_TMPDIR/session"
  mkdir -p "$folder/home" "$folder/repository"
  ln -s "$LAB_BUILD" "$folder/repository/build"
  session "$folder" >"$folder/script"
  (cd "$folder/repository" && env -i HOME="$folder/home" PATH="$PATH" sh "$folder/script" \
    >"$folder/installed" 2>&1) || true
  [ -f "$folder/said-7" ] || { cat "$folder/installed" && false; }
  for expected in "$folder"/expected-*; do
    masked "$expected" /home/ada >"$expected.masked"
    masked "${expected/expected/said}" "$folder/home" | diff -u "$expected.masked" -
  done
}
