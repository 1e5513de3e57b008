# SPDX-License-Identifier: MIT
# The Debian package, as CPack makes it of the build.

# Makes it in the folder $1; $package is its path.
make_package() {
  cpack -G DEB --config "$LAB_BUILD/CPackConfig.cmake" -B "$1" >"$1/said" 2>&1 ||
    { cat "$1/said" && return 1; }
  package=$(ls "$1"/backend-lab_*.deb)
  export package
}
