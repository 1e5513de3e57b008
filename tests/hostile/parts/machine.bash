# SPDX-License-Identifier: MIT
# Beside the programs: the tables of mechanisms, and the machine's memory.

compare_tables() {
  local readme without heads
  readme=$(sed -n '/^## Mechanisms/,/^## What remains/s/^| `\([a-z-]*\)` |.*/\1/p' \
    "$here/../../runner/box/README.md" | sort -u)
  without=$("$build/tests/hostile/without/lab" --mechanisms | sort -u)
  heads=$(sed -n 's/^ \* Held by: //p' "$here"/*/*.c | tr ' ' '\n' | sort -u)
  diff <(printf '%s\nconstruction\n' "$without" | sort -u) <(echo "$heads") ||
    echo "mechanisms of without/ (<) and of the programs (>) differ"
  diff <(echo "$heads") <(echo "$readme") || echo "mechanisms of the programs (<) and of the README (>) differ"
}

# Bytes in use that no cache is, in MiB.
memory_in_use() {
  awk '/^MemTotal/ { total = $2 } /^MemAvailable/ { free = $2 } END { print int((total - free) / 1024) }' \
    /proc/meminfo
}
