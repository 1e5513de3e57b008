# SPDX-License-Identifier: MIT
# For tests that need an installation: one for each test file, in a folder that every user may read
# (bats' own folders are closed to others).

# Installs to "$base/pre fix".
install_lab() {
  base=$(mktemp -d "${TMPDIR:-/tmp}/lab-installed-XXXXXX")
  chmod 755 "$base"
  prefix="$base/pre fix"
  (umask 022 && cmake --install "$LAB_BUILD" --prefix "$prefix" >"$base/installed.txt")
  export base prefix
}

remove_lab() {
  rm -rf "$base"
}

# The installed lab with an environment of nothing but a home: installed_lab HOME ARGUMENT...
installed_lab() {
  local home=$1
  shift
  env -i HOME="$home" ${LAB_PATH:+LAB_PATH="$LAB_PATH"} "$prefix/bin/lab" "$@"
}

# Compiles a course's grader as its author would: build_grader COURSE ID
build_grader() {
  mkdir -p "$1/build/graders"
  # The prefix has a space, which pkg-config quotes: eval reads the quotes.
  eval "cc -Wall -Wextra -Werror \"$1/graders/$2.c\" $(
    PKG_CONFIG_PATH="$prefix/lib/pkgconfig" pkg-config --cflags --libs --static lab-kit
  ) -o \"$1/build/graders/$2\""
}
