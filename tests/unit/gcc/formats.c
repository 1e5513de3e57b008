#include <stdio.h>
#define SHOW(x) printf("%d\n", x)

int main(int argc, char **argv)
{
	long n = argc;
	SHOW(n);
	const char *s = "é"; int q;
	return argv[argc] == s + (1 + argc);
}
