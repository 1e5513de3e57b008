#include <stdio.h>

static int answer(void)
{
	int unused = 3;
	return 42
}

int main(void)
{
    printf("%d\n", answr());
    return 0;
}
