// SPDX-License-Identifier: MIT
// A pointer to a variable of a function that has returned.
static char *volatile kept;

static void answer(void)
{
    char text[32] = "hello"; // variable
    kept = text;
}

int main(void)
{
    answer();
    return kept[0]; // crash
}
