# SPDX-License-Identifier: MIT
# Services: what a learner sees of them, and that nothing of them stays.
load helpers

# The course of databases/ in the place of the usual one.
databases() {
  rm -rf "$T/course/labs"
  cp -r "$here/databases/labs" "$T/course/labs"
  workspace stock
  cp "$T/course/labs/stock/solution/client.c" .
}

# Where Debian has PostgreSQL there is nothing.
without_postgres() { bwrap --dev-bind / / --tmpfs /usr/lib/postgresql "$@"; }

# A program whose statement goes on and on; the file `up` says that it is about to send it.
sleeps() {
  sed -i -e 's/"SELECT count.*", table)/"SELECT pg_sleep(1000)")/' \
    -e 's/    PQfreemem(table);/&\n    fclose(fopen("up", "w"));/' client.c
  grep -q pg_sleep client.c
}

# Runs it, sends a signal to lab alone, and lets the next lab sweep.
cat_interrupted() {
  cat <<'EOS'
env --default-signal=INT "$1" run -- x >"$3" 2>&1 &
until [ -e up ]; do kill -0 $! || exit 1; done
kill -"$2" $!
status=0
wait $! || status=$?
rm up
"$1" build >/dev/null
exit $status
EOS
}

templates() { ls -d "$XDG_CACHE_HOME"/lab/services/postgres-*; }

@test "without PostgreSQL start names its package, and a check ends with the cure" {
  databases
  rm -r "$T/home/stock"
  cd "$T/home"
  export -f without_postgres
  try 0 bash -c 'without_postgres "$@"' - "$lab" start stock
  prints "this lab needs packages that are not installed: sudo apt-get install postgresql"
  cd stock
  try 4 bash -c 'without_postgres "$@"' - "$lab" check
  says "the service postgres: PostgreSQL is not installed"
  says "apt install postgresql"
  [ "$(grep -c 'apt install' "$T/results/err")" = 1 ]
  [ ! -e "$XDG_CACHE_HOME/lab/services" ] || [ -z "$(find "$XDG_CACHE_HOME/lab/services" -newer "$T/home/stock/client.c" -name sums)" ]
}

@test "a template is made once, kept, and made anew where it is broken" {
  databases
  export XDG_CACHE_HOME=$T/home/cache
  "$lab" check >"$T/results/other" 2>&1 & # two at once
  try 0 "$lab" check
  wait $!
  [ "$(templates | wc -l)" = 1 ]
  [ -z "$(find "$XDG_CACHE_HOME/lab/services" -name '.new-*')" ]
  local archive
  archive=$(templates)/cluster.tar
  touch -d '2020-01-01' "$archive"
  try 0 "$lab" check
  [ "$(date -r "$archive" +%Y)" = 2020 ]
  printf X | dd of="$archive" bs=1 seek=100000 conv=notrunc status=none
  try 0 "$lab" check
  prints "PASS stock 100/100"
  truncate -s 5000 "$archive"
  try 0 "$lab" check
  [ "$(stat -c %s "$archive")" -gt 1000000 ]
  # Of another version, or other settings.
  mv "$(templates)" "$XDG_CACHE_HOME/lab/services/postgres-0123"
  try 0 "$lab" check
  [ "$(templates | wc -l)" = 2 ]
}

@test "run has an empty database, and gives the program's status" {
  databases
  try 3 "$lab" run -- nothing
  prints "DATABASE_URL=postgresql://app:"
  sed -i 's/"SELECT count.*", table)/"SELECT 42")/' client.c
  try 0 "$lab" run -- nothing
  [ "$(tail -n 1 "$T/results/out")" = 42 ]
}

@test "run takes the services down when it is interrupted or killed" {
  databases
  sleeps
  cat_interrupted >"$T/interrupted"
  try 143 bash "$T/interrupted" "$lab" TERM "$T/results/run"
  try 143 bash "$T/interrupted" "$lab" INT "$T/results/run"
  try 137 bash "$T/interrupted" "$lab" KILL "$T/results/run"
}

@test "a check that is killed leaves no server and no shared memory" {
  databases
  # In shared memory of the test's own, so that nobody else's is counted.
  cat >"$T/killed" <<'EOS'
for level in '' none; do
  for moment in 100000 300000 600000; do
    LAB_SANDBOX=$level "$2" -s 9 -d "$moment" "$1" check >/dev/null 2>&1
  done
  LAB_SANDBOX=$level "$1" check || exit
done
ls -A /dev/shm
ipcs -m | grep 0x
exit 0
EOS
  try 0 bwrap --dev-bind / / --tmpfs /dev/shm --unshare-ipc bash "$T/killed" "$lab" "$reap"
  [[ $out == *"next: "* ]]
  [[ ${out##*next:} != *[pP]ostgres* && ${out##*next:} != *0x* ]] || show "left in shared memory"
}

@test "doctor starts the services of each lab" {
  databases
  try 0 "$lab" doctor
  prints "ok stock 1 checks, and starts postgres"
}
