// SPDX-License-Identifier: MIT
// A server that has made a database before it listens, and keeps a lock on it where MODE says so:
// "right"; "locks": for ever; "lets": until a client has come; "none": there is no database;
// "link": a link stands in its place; "text": it is none; "endless": a view of it has no end.
#include <sqlite3.h>

#include "start.h"

static sqlite3 *database;

static void run(const char *statement)
{
    if (sqlite3_exec(database, statement, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", statement, sqlite3_errmsg(database));
        exit(1);
    }
}

static void trace(const char *statement)
{
    FILE *file = fopen(getenv("SQL_TRACE"), "a");
    fprintf(file, "%s\n", statement);
    fclose(file);
}

int main(void)
{
    const char *mode = getenv("MODE");
    if (strcmp(mode, "link") == 0) {
        symlink("/etc/passwd", "/tmp/files/fruit.db");
    } else if (strcmp(mode, "text") == 0) {
        FILE *file = fopen("/tmp/files/fruit.db", "w");
        fprintf(file, "these are no fruit, and far from a database of any kind\n");
        fclose(file);
    } else if (strcmp(mode, "endless") == 0) {
        sqlite3_open("/tmp/files/fruit.db", &database);
        run("CREATE VIEW fruit (name, stock) AS WITH RECURSIVE n (i) AS"
            " (SELECT 1 UNION ALL SELECT i FROM n) SELECT 'fig', max(i) FROM n");
    } else if (strcmp(mode, "none") != 0) {
        sqlite3_open("/tmp/files/fruit.db", &database);
        run("CREATE TABLE fruit (name TEXT PRIMARY KEY, stock INTEGER CHECK (stock >= 0))");
        run("INSERT INTO fruit VALUES ('fig', 3), ('kiwi', NULL)");
    }
    if (getenv("SQL_TRACE") != NULL) {
        trace("SELECT 1");
        trace("SELECT 2");
    }
    if (strcmp(mode, "locks") == 0 || strcmp(mode, "lets") == 0)
        run("BEGIN IMMEDIATE");
    int listener = listen_here();
    int client = accept(listener, NULL, NULL);
    if (strcmp(mode, "lets") == 0)
        run("UPDATE fruit SET stock = 4 WHERE name = 'fig'; COMMIT");
    answer(client);
    answer_all(listener);
}
