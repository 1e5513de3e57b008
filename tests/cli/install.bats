#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `cmake --install` gives a lab that works under any prefix, for everybody, and after a move.

load installed

setup_file() {
  install_lab
}

teardown_file() {
  remove_lab
}

setup() {
  unset LAB_BOX_INIT LAB_PATH LAB_HOME LAB_GRADERS XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME
  home="$base/home-$BATS_TEST_NUMBER"
  mkdir -m 755 "$home"
  cd "$home"
}

# From nothing to 100 points: climb HOME [COMMAND that becomes another user]
climb() {
  local home=$1
  shift
  local lab=("$@" env -i HOME="$home" "$prefix/bin/lab")
  "${lab[@]}" start http-basics "$home/my work" >"$base/said" || return
  cd "$home/my work" || return
  "$@" cp "$prefix/share/lab/labs/http-basics/solution/server.c" . || return
  "${lab[@]}" check
}

@test "nothing is installed outside the prefix" {
  grep -F 'bin/lab' "$base/installed.txt"
  run grep -vF -e " $prefix/" -e 'Install configuration' "$base/installed.txt"
  [ "$output" = "" ]
}

@test "the installation has its parts" {
  for part in bin/lab libexec/lab/box-init libexec/lab/graders/http-basics \
    share/lab/labs/roadmap.json share/lab/labs/lab.schema.json \
    share/lab/labs/http-basics/lab.json share/lab/graders/http-basics.c \
    share/lab/graders/README.md share/lab/example/graders/hello-http.c \
    share/lab/templates/server/grader.c share/lab/templates/tool/lab/wrong/first-word-alone.patch \
    include/lab/kit.h lib/liblabkit.a lib/pkgconfig/lab-kit.pc \
    share/man/man1/lab.1.gz share/bash-completion/completions/lab \
    share/zsh/site-functions/_lab share/fish/vendor_completions.d/lab.fish; do
    [ -f "$prefix/$part" ] || { echo "no $part" && false; }
  done
}

@test "the installed lab is as the one of the build tree: the same version of each lab" {
  run installed_lab "$home" --version
  [ "$status" -eq 0 ]
  [ "$output" = "$("$LAB_BUILD/lab" --version)" ]
  installed_lab "$home" start http-basics "$home/installed"
  env -i HOME="$home" "$LAB_BUILD/lab" start http-basics "$home/built"
  version=$(jq -er .lab_version "$home/installed/.lab/workspace.json")
  [ "$version" = "$(jq -er .lab_version "$home/built/.lab/workspace.json")" ]
}

@test "the labs are listed" {
  run installed_lab "$home" list
  [ "$status" -eq 0 ]
  [[ $output == *http-basics* ]]
}

@test "whoever installed it gets from nothing to 100 points, without PATH" {
  run climb "$home"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"http-basics 100/100"* ]]
}

@test "an ordinary user gets from nothing to 100 points with what root installed" {
  [ "$(id -u)" -eq 0 ] || skip "not root"
  chown 61999:61999 "$home"
  run climb "$home" setpriv --reuid 61999 --regid 61999 --clear-groups
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"http-basics 100/100"* ]]
}

@test "the solution opens on giving up, and not before" {
  run installed_lab "$home" solution http-basics
  [ "$status" -eq 2 ]
  run installed_lab "$home" solution http-basics --give-up
  [ "$status" -eq 0 ]
  [[ $output == *"int main(void)"* ]]
}

@test "the kit builds a course's grader, and lab validates the course" {
  cp -r "$prefix/share/lab/example" "$home/course"
  build_grader "$home/course" hello-http
  installed_lab "$home" allow "$home/course"
  LAB_PATH="$home/course" run installed_lab "$home" validate hello-http --runs 1
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "a grader run alone finds the installation through PATH" {
  cp -r "$prefix/share/lab/example" "$home/course"
  build_grader "$home/course" hello-http
  cc "$home/course/labs/hello-http/solution/server.c" -o "$home/program"
  PATH="$prefix/bin:$PATH" run "$home/course/build/graders/hello-http" "$home/program"
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "it works after the folder was renamed" {
  mv "$prefix" "$base/moved"
  prefix="$base/moved"
  run climb "$home"
  echo "$output"
  [ "$status" -eq 0 ]
  cp -r "$prefix/share/lab/example" "$home/course"
  mkdir -p "$home/course/build/graders"
  # Without a space in the prefix this is the line of graders/README.md.
  export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
  cc "$home/course/graders/hello-http.c" $(pkg-config --cflags --libs --static lab-kit) \
    -o "$home/course/build/graders/hello-http"
  "$home/course/build/graders/hello-http" --list
  run "$prefix/libexec/lab/graders/http-basics" "$home/no such program"
  [ "$status" -eq 4 ]
  [[ $output == *"no such program"* ]]
  mv "$base/moved" "$base/pre fix"
}
