// SPDX-License-Identifier: 0BSD
// Given by the lab. SQLite calls connection_opened() for each connection that the program opens.
#include "database.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char file[4096];
static int trace = -1;

const char *database_file(void)
{
    return file;
}

// One line, one write: those of several threads do not mix. Statements of triggers come as
// comments.
static int statement_begins(unsigned kind, void *context, void *statement, void *text)
{
    (void)kind, (void)context;
    if (strncmp(text, "--", 2) == 0)
        return 0;
    char *whole = sqlite3_expanded_sql(statement);
    char *line = sqlite3_mprintf("%s\n", whole != NULL ? whole : (char *)text);
    sqlite3_free(whole);
    if (line == NULL)
        return 0;
    for (char *c = line; c[0] != '\0' && c[1] != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    if (write(trace, line, strlen(line)) < 0)
        perror("SQL_TRACE");
    sqlite3_free(line);
    return 0;
}

static void power_failure(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)context, (void)count, (void)values;
    kill(getpid(), SIGKILL);
}

static int connection_opened(sqlite3 *connection, char **error, const void *more)
{
    (void)error, (void)more;
    sqlite3_create_function(connection, "power_failure", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL,
                            power_failure, NULL, NULL);
    const char *pages = getenv("DISK_PAGES");
    if (pages != NULL) {
        char *pragma = sqlite3_mprintf("PRAGMA max_page_count = %d", atoi(pages));
        sqlite3_exec(connection, pragma, NULL, NULL, NULL);
        sqlite3_free(pragma);
    }
    if (trace >= 0)
        sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, statement_begins, NULL);
    return SQLITE_OK;
}

// Before main().
__attribute__((constructor)) static void prepare(void)
{
    const char *folder = getenv("FILES_DIR");
    snprintf(file, sizeof file, "%s/inventory.db", folder != NULL ? folder : ".");
    const char *name = getenv("SQL_TRACE");
    if (name != NULL)
        trace = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    sqlite3_auto_extension((void (*)(void))connection_opened);
}
