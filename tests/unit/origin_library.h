// SPDX-License-Identifier: MIT
/*
 * A program that asks the C library for nearly everything that origin/calls.c and origin/format.c
 * know of, and questions about it: their answers do not matter, that there are some does.
 */
#ifndef LAB_ORIGIN_LIBRARY_H
#define LAB_ORIGIN_LIBRARY_H

// The second path is not there.
#define LIBRARY_MISSING "GET /abd HTTP/1.1\r\nContent-Length: 12\r\nX-Name: value\r\n\r\n"
#define LIBRARY_REQUEST "GET /abc HTTP/1.1\r\nContent-Length: 12\r\nX-Name: value\r\n\r\n"

#define LIBRARY_SOURCE                                                                             \
    "#define _GNU_SOURCE\n#include <fnmatch.h>\n#include <signal.h>\n#include <stdarg.h>\n"        \
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <strings.h>\n"         \
    "#include <sys/uio.h>\n#include <time.h>\n#include <unistd.h>\n"                               \
    "enum status { FINE = 200, MISSING = 404, WRONG = 400 };\n"                                    \
    "struct answer { int status; char body[400]; };\n"                                             \
    "static char *put(char *to, const char *format, ...)\n{\n    va_list list;\n"                  \
    "    va_start(list, format);\n    to += vsnprintf(to, 200, format, list);\n"                   \
    "    va_end(list);\n    return to;\n}\n"                                                       \
    "static int looks(char *in)\n{\n    char *end, *rest = strdup(in), *old = rest, *save;\n"      \
    "    int n = strncmp(in, \"GET \", 4) == 0 ? 0 : 1;\n"                                         \
    "    n += strncasecmp(in, \"get /ABC\", 8) + strcasecmp(in, \"get\") > 1000;\n"                \
    "    n += memcmp(in, \"GET /\", 5) != 0;\n    n += strcmp(in, \"GET\") == 0;\n"                \
    "    n += strstr(in, \"abd\") != NULL;\n    n += strcasestr(in, \"x-NAME\") == NULL;\n"        \
    "    n += strrchr(in, ':') == NULL;\n    n += strpbrk(in, \"?#\") != NULL;\n"                  \
    "    n += memchr(in, '/', 10) == NULL;\n"                                                      \
    "    n += memmem(in, strlen(in), \"\\r\\n\\r\\n\", 4) == NULL;\n"                              \
    "    n += strspn(in, \"GET\") != 3;\n    n += strcspn(in, \" \") != 3;\n"                      \
    "    n += strnlen(in, 9) < 9;\n    n += atoi(strstr(in, \"Length: \") + 8) != 12;\n"           \
    "    n += strtoul(strstr(in, \"Length: \") + 8, &end, 10) != 12;\n"                            \
    "    n += fnmatch(\"/a*\", \"/abc\", 0) != 0;\n    strsep(&rest, \" \");\n"                    \
    "    n += strtok_r(rest, \" \", &save) == NULL;\n    free(old);\n    return n;\n}\n"           \
    "static int status_of(char *in)\n{\n    int bad = looks(in);\n"                                \
    "    if (strncmp(in, \"GET /abd\", 8) == 0)\n        return MISSING;\n"                        \
    "    if (bad)\n        return WRONG;\n    return FINE;\n}\n"                                   \
    "int main(void)\n{\n" BEGIN "char in[200] = \"\", line[100], *grown = NULL, *word = NULL;\n"   \
    "size_t room = 0;\nread(1, in, sizeof in - 1);\n"                                              \
    "struct answer *a = calloc(1, sizeof *a);\na->status = status_of(in);\n"                       \
    "FILE *file = tmpfile();\nfputs(\"first\\nsecond\\nthird\\n\", file);\nrewind(file);\n"        \
    "fgets(line, sizeof line, file);\ngetline(&word, &room, file);\n"                              \
    "char tail[20] = \"\";\nfread(tail, 1, 6, file);\nfclose(file);\n"                             \
    "char *out = malloc(2000), *to = out;\nmemset(out, 0, 2000);\n"                                \
    "to += sprintf(to, \"HTTP/1.1 %d OK\\r\\nContent-Length: %-5d|\\r\\n\\r\\n\", a->status,\n"    \
    "    12);\n"                                                                                   \
    "to = put(to, \"%+d %05u %#x %o %hd %c %% %ld %s %zu %.3s %*d|\", 7, 42u, 255u, 8u,\n"         \
    "    (short)-3, 'z', 123456789L, word, room, \"abcdef\", 6, 5);\n"                             \
    "to += sprintf(to, \"%d,%d,%d,%d,%d,%s,%d|\", 1, 2, 3, 4, 5, line, a->status);\n"              \
    "to = stpcpy(to, line);\nstrcpy(to, tail);\nto += strlen(to);\nstrncat(to, \"joined\", 4);\n"  \
    "to += 4;\nstrncpy(to, \"copied\", 7);\nto += 6;\nchar *part = strndup(\"double\", 3);\n"      \
    "memmove(to, part, 3);\nto += 3;\ngrown = realloc(grown, 10);\nmemset(grown, 'g', 10);\n"      \
    "grown = realloc(grown, 100);\nto = mempcpy(to, grown, 10);\ntime_t zero = 0;\n"               \
    "struct tm *when = gmtime(&zero);\nto += strftime(to, 40, \"%Y-%m-%d\", when);\n"              \
    "write(1, out, (size_t)(to - out));\nchar last[] = \"vector\";\n"                              \
    "struct iovec parts[] = {{last, 6}};\nwritev(1, parts, 1);\n"                                  \
    "dprintf(1, \"<%s %d>\", last, 3);\nFILE *stream = fdopen(dup(1), \"w\");\n"                   \
    "FILE *whole = stdout;\nfwrite(last, 1, 3, whole);\nfputs(\"put\", whole);\n"                  \
    "fputc('c', whole);\nfprintf(whole, \"%d-%s\", 77, last);\nfflush(whole);\n"                   \
    "fclose(stream);\nclose(1);\n}\n"

#endif
