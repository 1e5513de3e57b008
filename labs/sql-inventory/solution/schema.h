// SPDX-License-Identifier: MIT
// The database: how a connection is opened, which tables there are, and how an old file gets them.
#ifndef SCHEMA_H
#define SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>

// A connection of one's own, or NULL. Close it with sqlite3_close().
sqlite3 *database_open(void);
// Runs statements that have no parameters and whose rows nobody wants; false: sqlite3_errmsg() says
// why.
bool database_run(sqlite3 *database, const char *statements);
// Makes the tables in a new file, upgrades those of an old one.
bool schema_prepare(sqlite3 *database);

#endif
