#!/bin/sh
# SPDX-License-Identifier: MIT
# curl 7.88; its exit statuses are put into those of the lesson.
set -u
head=
case ${1-} in
  -I) head=--head; shift ;;
  -*) set -- ;;
esac
if [ $# = 0 ]; then
  echo 'usage: fetch [-I] URL [URL...]' >&2
  exit 2
fi

seconds() { # 300 -> 0.300
  printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
}

ask() {
  curl -q --silent --show-error --globoff --http1.1 --location --max-redirs 10 \
    --proto =http --proto-redir =http --proto-default https --compressed \
    --fail-with-body --fail-early ${head:+"$head"} \
    --connect-timeout "$(seconds "${CONNECT_TIMEOUT_MS:-30000}")" \
    --max-time "$(seconds "${REQUEST_TIMEOUT_MS:-30000}")" "$@"
}

if [ -n "$head" ]; then # curl would show the head
  exec 3>/dev/null
else
  exec 3>&1
fi
said=$(ask "$@" 2>&1 >&3 3>&-)
status=$?
case $status in
  0) exit 0 ;;
  22) status=1 ;;
  1 | 3) status=3 ;;
  6) status=4 ;;
  7) status=5 ;;
  28) status=6 ;;
  18 | 52) status=8 ;;
  47) status=9 ;;
  56) case $said in *chunk* | *header*) status=7 ;; *) status=8 ;; esac ;;
  *) status=7 ;;
esac
case $said in *HTTP/0.9*) status=7 ;; esac
printf '%s\n' "$said" | head -n 1 >&2
exit $status
