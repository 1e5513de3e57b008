// SPDX-License-Identifier: 0BSD
// A server that greets. `lab lesson` says what it must do, `lab check` says how far it is.
int main(void)
{
    return 0;
}
