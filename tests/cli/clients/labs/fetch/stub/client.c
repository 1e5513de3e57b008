// SPDX-License-Identifier: 0BSD
// Usage: fetch URL
int main(void)
{
    return 0;
}
