#!/bin/sh
# SPDX-License-Identifier: MIT
# memcached itself. Called as user 0 of a namespace it wants to be told whom to be.
if [ "$(id -u)" = 0 ]; then
  set -- -u root
fi
exec memcached -p "$PORT" -U 0 -l 127.0.0.1 -t 2 -m "${CACHE_MEGABYTES:-64}" "$@"
