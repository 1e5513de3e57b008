// SPDX-License-Identifier: 0BSD
// tool WORD…: prints how long each word is. `lab lesson` says what it must do, `lab check` says how
// far it is.
int main(void)
{
    return 0;
}
