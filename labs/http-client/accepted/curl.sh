#!/bin/sh
# SPDX-License-Identifier: MIT
# curl 7.88; its exit statuses are put into those of the lesson.
# Differs: url/url_without_a_host_is_refused -- curl passes over slashes before the host
# Differs: length/head_that_is_cut_off_is_reported -- curl takes a head that ends early for a whole one
# Differs: malformed/status_has_three_digits -- curl reads three digits, and passes over what follows
# Differs: malformed/length_with_a_sign_is_refused -- curl takes a plus, and of -5 the digits do not count
# Differs: malformed/length_with_other_bytes_is_refused -- curl reads digits up to the first other byte
# Differs: malformed/two_lengths_that_differ_are_refused -- curl takes the last one
# Differs: malformed/length_beyond_64_bits_does_not_wrap -- curl then reads up to the close
# Differs: malformed/blank_before_the_colon_is_refused -- curl does not know the field, and reads on
# Differs: malformed/chunk_size_must_be_a_number -- curl reads digits up to the first other byte
# Differs: gzip/truncated_compression_is_refused -- curl writes what could be unpacked, and exits with 0
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
  23) status=10 ;;
  28) status=6 ;;
  18 | 52) status=8 ;;
  47) status=9 ;;
  56) case $said in *chunk* | *header*) status=7 ;; *) status=8 ;; esac ;;
  *) status=7 ;;
esac
case $said in *HTTP/0.9* | *"response code"* | *"HTTP version"*) status=7 ;; esac
printf '%s\n' "$said" | head -n 1 >&2
exit $status
