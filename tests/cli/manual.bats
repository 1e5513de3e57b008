# SPDX-License-Identifier: MIT
# The manual page: made from the same table as --help, and clean.
load helpers

setup_file() {
  export COLUMNS=80
}

# The page as man shows it, one line, without hyphenation and double blanks.
page() {
  gzip -dc "$LAB_BUILD/lab.1.gz" >"$T/lab.1"
  text=$(flat "$(MANWIDTH=80 MANROFFOPT=-c man -l "$T/lab.1" | col -bx)")
}

has() { [[ "$text" == *"$(flat "$1")"* ]] || { echo "not in the manual page: $1" && false; }; }

@test "the page is the one of this lab" {
  page
  try 0 "$lab" __manual
  same "$T/results/out" "$T/lab.1"
}

@test "mandoc and groff find nothing to warn about" {
  page
  mandoc -T lint "$T/lab.1"
  groff -man -ww -K utf8 -T utf8 "$T/lab.1" 2>"$T/warnings" >/dev/null
  [ ! -s "$T/warnings" ] || { cat "$T/warnings" && false; }
}

@test "every command of --help is in the page, with its arguments, text and options" {
  page
  try 0 "$lab" --help
  has "$(sed -n '/^commands/,/^for instructors/{ s/^  [a-z]*  *//p }' "$T/results/out" | head -n 1)"
  for command in $(sed -n 's/^  \([a-z]*\) .*/\1/p' "$T/results/out"); do
    summary=$(sed -n "s/^  $command  *//p" "$T/results/out")
    has "$command $summary"
    "$lab" "$command" --help >"$T/help"
    has "$(sed -n '1s/^usage: //p' "$T/help" | sed 's/…/.../g')"
    # Its text, between the usage and the options.
    has "$(sed '1,2d; /^options$/,$d; s/…/.../g' "$T/help")"
    sed -n '/^options$/,$p' "$T/help" | sed -n 's/^  *\(-., \)\{0,1\}\(--[^ ]*\)  *\(.*\)/\1\2 \3/p' >"$T/options"
    [ -s "$T/options" ]
    while IFS= read -r option; do has "$option"; done <"$T/options"
  done
}

@test "every exit status that check names is in the page" {
  page
  for status in 0 1 2 3 4 70 130; do has " $status "; done
}
