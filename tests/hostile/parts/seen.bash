# SPDX-License-Identifier: MIT
# What is seen of a check that is over, in $results and on the machine.

got_through() {
  grep -q 'attack: through' "$results/out" "$results/err"
}

# What the learner is told: all sentences of the result, and lab's own.
told() {
  jq -r '[.build.stopped?, .build.diagnostics[]?.message,
    (.steps[]?.checks[]? | .message, .expected, .because, .notes[]?, .trace_notes[]?)] | map(select(. != null)) | .[]' \
    "$results/out" 2>/dev/null
  tr -s '\n ' ' ' <"$results/err"
}

mounts_now() {
  cut -d ' ' -f 3- /proc/self/mountinfo | sort
}

left_behind() {
  ls -A "$T/$user/tmp" | sed 's/^/a file in TMPDIR: /'
  # One that is gone was nobody's here; other tests make theirs in their own folders.
  mounts_now | comm -13 "$T/mounts" - | grep -vE " /tmp/lab[^ ]*-[A-Za-z0-9]{6}/" | sed 's/^/a mount: /'
  grep -F " $T/" /proc/self/mountinfo | sed 's/^/a mount: /'
  find "$T/$user" -type f -perm /6000 -print | sed 's/^/a setuid file: /'
  awk '$4 == 8388608 { print "shared memory" }' /proc/sysvipc/shm
  [ "$user" != root ] || ls -A /run/lab 2>/dev/null | grep -v '^user-[0-9]*$'
}

# The lines that are named, as "FILE LINE TEXT"; no TEXT where none is shown.
lines_named() {
  jq -r '.steps[]?.checks[]?.lines[]? | ([.file, .line, .text], (.called_from[]? | [.file, .line]))
    | map(select(. != null) | tostring) | join(" ")' "$results/out" 2>/dev/null
}

# Lines that are not the learner's own.
lines_of_others() {
  local source line text
  lines_named | while read -r source line text; do
    case $source in
    server.c | hostile.h) ;;
    *)
      echo "$source:$line"
      continue
      ;;
    esac
    read -r own < <(sed -n "${line}p" "$T/$user/home/ws/$source") || echo "$source:$line"
    [ -z "$text" ] || [ "$text" = "$own" ] || echo "$source:$line: $text"
  done
}
