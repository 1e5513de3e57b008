// SPDX-License-Identifier: MIT
// An address that is none.
int main(void)
{
    char *volatile text = (char *)0x123456789000;
    *text = 'x'; // crash
}
