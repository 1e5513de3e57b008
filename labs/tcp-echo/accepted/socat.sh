#!/bin/sh
# SPDX-License-Identifier: MIT
# socat: a process for each client, echo through a pipe of its own.
# Differs: split/megabytes_through_full_buffers -- its two directions block each other when both are full
# Differs: half-close/megabytes_and_a_half_close -- the same
# Differs: shutdown/sigterm_ends_it_with_status_0 -- socat exits with 143 after SIGTERM
# Differs: shutdown/idle_clients_do_not_hold_it_up -- the same, and its children live on
# Differs: shutdown/what_was_read_is_sent_before_the_end -- the same
exec socat -t 30 "TCP6-LISTEN:$PORT,ipv6only=0,reuseaddr,fork,backlog=1024" PIPE
