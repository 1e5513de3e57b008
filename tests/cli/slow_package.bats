# SPDX-License-Identifier: MIT
# The Debian package on a clean system: debootstrap makes one, apt installs the package with what it
# depends on, and lab runs in it, for root and for an ordinary user. It needs a mirror of Debian.
load helpers
load package

ada=54399 # nobody else's: a test elsewhere kills every process of its own user

setup_file() {
  base=$(mktemp -d /tmp/lab-clean-XXXXXX)
  chmod 755 "$base"
  export base
  [ "$(id -u)" = 0 ] || return 0
  make_package "$base"
  # shellcheck disable=SC1091
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  debootstrap --variant=minbase "$suite" "$base/root" >"$base/debootstrap" 2>&1 ||
    { tail "$base/debootstrap" && return 1; }
  cp "$package" "$base/root/package.deb"
}

teardown_file() {
  rm -rf "$base"
}

# A command in the clean system, which is a root of its own: in a chroot the kernel makes no
# namespaces. Of the control groups of this machine it sees none.
inside() {
  unshare --mount --pid --fork --kill-child --propagation private sh -c '
    mount --bind "$0" "$0" && cd "$0" && mkdir -p .outside &&
    mount -t proc proc proc && mount --rbind /dev dev && mount -t sysfs sysfs sys &&
    pivot_root . .outside && cd / && umount -l /.outside && exec "$@"' \
    "$base/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="${home:-/root}" LC_ALL=C.UTF-8 "$@"
}

@test "apt installs it with all that it needs, and nothing is started" {
  [ "$(id -u)" = 0 ] || skip "only root makes a system"
  # Whoever is asked to start a daemon would leave a word.
  printf '#!/bin/sh\necho "$@" >>/started\nexit 101\n' >"$base/root/usr/sbin/policy-rc.d"
  chmod +x "$base/root/usr/sbin/policy-rc.d"
  chroot "$base/root" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends /package.deb
  [ ! -e "$base/root/started" ] || { cat "$base/root/started" && false; }
  inside dpkg --verify backend-lab
}

@test "lab doctor finds all well there, for root and for an ordinary user" {
  [ "$(id -u)" = 0 ] || skip "only root makes a system"
  run inside lab doctor
  echo "$output"
  [ "$status" = 0 ]
  [[ "$output" == *"all is well"* ]]
  mkdir -m 755 "$base/root/home/ada"
  chown "$ada:$ada" "$base/root/home/ada"
  home=/home/ada run inside setpriv --reuid "$ada" --regid "$ada" --clear-groups lab doctor
  echo "$output"
  [ "$status" = 0 ]
  [[ "$output" == *"all is well"* ]]
}

@test "there one gets from nothing to a pass" {
  [ "$(id -u)" = 0 ] || skip "only root makes a system"
  home=/home/ada run inside setpriv --reuid "$ada" --regid "$ada" --clear-groups sh -c '
    cd && lab start tcp-echo && cd tcp-echo &&
    cp /usr/share/lab/labs/tcp-echo/solution/server.c . && lab check'
  echo "$output"
  [ "$status" = 0 ]
  [[ "$output" == *"PASS  tcp-echo 100/100"* ]]
}

@test "it is removed without a trace in the system" {
  [ "$(id -u)" = 0 ] || skip "only root makes a system"
  chroot "$base/root" env DEBIAN_FRONTEND=noninteractive apt-get purge -y backend-lab
  [ ! -e "$base/root/usr/bin/lab" ]
  [ ! -e "$base/root/usr/share/lab" ]
  [ ! -e "$base/root/usr/libexec/lab" ]
}
