# SPDX-License-Identifier: MIT
# The Debian package backend-lab: what it says, what it holds, and that it works from wherever it was
# unpacked. slow_package.bats installs it on a clean system.
load helpers
load package

setup_file() {
  base=$(mktemp -d /tmp/lab-package-XXXXXX)
  chmod 755 "$base"
  export base
  make_package "$base"
}

teardown_file() {
  rm -rf "$base"
}

field() { dpkg-deb -f "$package" "$1"; }

@test "it is called backend-lab, and makes way for no other lab by accident" {
  [ "$(field Package)" = backend-lab ]
  [ "$(field Conflicts)" = lab ]
  [ "$(field Version)" = "$("$lab" --version | cut -d' ' -f2)" ]
  [ -n "$(field Maintainer)" ]
}

@test "it depends on what a check calls, and on the libraries that are linked" {
  depends=", $(field Depends),"
  for name in bubblewrap gcc libc6-dev binutils make patch pkg-config curl netcat-openbsd; do
    [[ "$depends" == *", $name,"* ]] || { echo "not on $name: $depends" && false; }
  done
  for name in libcjson1 libuv1 libsqlite3-0 libseccomp2; do
    [[ "$depends" == *", $name"* ]] || { echo "not on $name: $depends" && false; }
  done
}

@test "nothing runs when it is installed, and nothing is a daemon" {
  dpkg-deb -e "$package" "$T/control"
  [ "$(ls "$T/control" | tr '\n' ' ')" = "control md5sums " ]
  dpkg-deb -c "$package" >"$T/files"
  ! grep -E '/(systemd|init\.d|cron|xinetd|rc[0-9S]\.d)' "$T/files"
  ! grep -vE ' \./(usr/.*)?$' "$T/files"
  # Neither setuid nor writable by others, and all of it root's.
  ! grep -E '^...[sS]|^......[sS]|^.(.......w)' "$T/files"
  ! grep -v ' root/root ' "$T/files"
}

@test "the manual page and completion lie where Debian looks" {
  dpkg-deb -c "$package" >"$T/files"
  for file in bin/lab share/man/man1/lab.1.gz share/bash-completion/completions/lab \
    share/zsh/vendor-completions/_lab share/fish/vendor_completions.d/lab.fish \
    share/doc/backend-lab/copyright share/doc/backend-lab/changelog.gz; do
    grep -q " ./usr/$file\$" "$T/files" || { echo "no $file" && false; }
  done
}

@test "unpacked anywhere it gets from nothing to a pass, and doctor finds all well" {
  unset LAB_HOME
  dpkg-deb -x "$package" "$T/root"
  chmod 755 "$T/root"
  lab=$T/root/usr/bin/lab
  try 0 "$lab" doctor
  prints "all is well"
  workspace tcp-echo
  cp "$T/root/usr/share/lab/labs/tcp-echo/solution/server.c" .
  try 0 "$lab" check
  prints "PASS tcp-echo 100/100"
}
