# SPDX-License-Identifier: MIT
# Source that never stops compiling: each of these takes the compiler's whole time.
load helpers

@test "a source that never stops compiling" {
  workspace hello
  cat >server.c <<'EOS'
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(A(x))))
int main(void)
{
    B(B(int f = 1; f += 1;))
    return 0;
}
EOS
  cp server.c "$T/mine.c"
  try 1 "$lab" check
  fits 80
  prints "FAIL compile"
  prints "error: the compiler"
  same server.c "$T/mine.c"
}

@test "a source that includes what never ends" {
  workspace hello
  echo '#include "/dev/zero"' >server.c
  try 1 "$lab" check
  prints "FAIL compile"
}

@test "a source that makes the compiler's output endless" {
  workspace hello
  printf 'char a[1UL << 33] = { 1 };\nint main(void) { return a[0]; }\n' >server.c
  try 1 "$lab" check
  prints "FAIL compile"
}
