// SPDX-License-Identifier: 0BSD
/*
 * The tables of the inventory: steps schema, index and migration of the lab sql-inventory.
 *
 * `lab lesson` explains a step, `lab check` tries your program.
 */
#include "schema.h"

#include <stdio.h>

#include "database.h"

sqlite3 *database_open(void)
{
    sqlite3 *database;
    if (sqlite3_open(database_file(), &database) != SQLITE_OK) {
        sqlite3_close(database); // there is one even then
        return NULL;
    }
    // SQLITE_CONSTRAINT_UNIQUE and its like, in place of SQLITE_CONSTRAINT for all of them.
    sqlite3_extended_result_codes(database, 1);
    return database;
}

bool database_run(sqlite3 *database, const char *statements)
{
    return sqlite3_exec(database, statements, NULL, NULL, NULL) == SQLITE_OK;
}

bool schema_prepare(sqlite3 *database)
{
    // Your tables go here: CREATE TABLE items (…), and so on.
    if (!database_run(database, "SELECT 1")) {
        fprintf(stderr, "the tables cannot be made: %s\n", sqlite3_errmsg(database));
        return false;
    }
    return true;
}
