// SPDX-License-Identifier: MIT
// A pointer to a variable of a block that has ended.
int main(void)
{
    int *status = 0;
    {
        int code = 404; // variable
        status = &code;
    }
    return *status; // crash
}
