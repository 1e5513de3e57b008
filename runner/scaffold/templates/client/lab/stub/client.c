// SPDX-License-Identifier: 0BSD
// client URL: prints what the URL names. `lab lesson` says what it must do, `lab check` says how
// far it is.
int main(void)
{
    return 0;
}
