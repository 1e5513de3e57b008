# SPDX-License-Identifier: MIT
# Completion of lab for bash. What there is to complete, lab itself says (runner/cmd/complete.c).
# From a source tree: source runner/shell/lab.bash

_lab() {
  local program=lab words=() word candidate
  # Of the word in front of the cursor only what stands before it counts. bash takes words apart at
  # "=", which lab does not.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ ${#words[@]} -gt 0 && ($word == =* || ${words[-1]} == *=) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
  done
  COMPREPLY=()
  # What PATH has, and not a file of this folder that happens to be called lab; that one only where
  # there is no other.
  type -P lab >/dev/null || program=${COMP_WORDS[0]/#\~/$HOME}
  while IFS= read -r candidate; do
    candidate=${candidate%%$'\t'*}
    if [[ $candidate == :folders ]]; then
      compopt -o filenames -o plusdirs 2>/dev/null
    else
      [[ $COMP_WORDBREAKS != *=* ]] || candidate=${candidate#*=}
      COMPREPLY+=("$candidate")
    fi
  done < <("$program" __complete "${words[@]}" 2>/dev/null)
}

complete -F _lab lab
