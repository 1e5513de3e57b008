// SPDX-License-Identifier: MIT
// The tables. PRAGMA user_version says which form of them a file has: 0 is a new file.
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "database.h"

enum { OLD_VERSION = 1, VERSION = 2, BUSY_MS = 5000 };

static const char tables[] = "CREATE TABLE suppliers ("
                             "  id INTEGER PRIMARY KEY,"
                             "  name TEXT NOT NULL UNIQUE);"
                             "CREATE TABLE items ("
                             "  id INTEGER PRIMARY KEY,"
                             "  sku TEXT NOT NULL UNIQUE,"
                             "  name TEXT NOT NULL,"
                             "  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),"
                             "  stock INTEGER NOT NULL CHECK (stock >= 0),"
                             "  supplier_id INTEGER REFERENCES suppliers (id));"
                             "CREATE TABLE orders ("
                             "  id INTEGER PRIMARY KEY,"
                             "  customer TEXT NOT NULL);"
                             "CREATE TABLE order_lines ("
                             "  order_id INTEGER NOT NULL REFERENCES orders (id),"
                             "  item_id INTEGER NOT NULL REFERENCES items (id),"
                             "  quantity INTEGER NOT NULL CHECK (quantity > 0),"
                             "  price_cents INTEGER NOT NULL,"
                             "  PRIMARY KEY (order_id, item_id));"
                             "CREATE INDEX items_by_supplier ON items (supplier_id, sku);"
                             "CREATE INDEX items_by_price ON items (price_cents, sku);"
                             "CREATE INDEX order_lines_by_item ON order_lines (item_id);";

// What an old file's items need to become new ones: their suppliers are rows of their own now.
static const char old_rows[] =
    "INSERT INTO suppliers (name)"
    "  SELECT DISTINCT supplier FROM old_items WHERE supplier IS NOT NULL;"
    "INSERT INTO items (id, sku, name, price_cents, stock, supplier_id)"
    "  SELECT old_items.id, sku, old_items.name, price_cents, stock, suppliers.id"
    "  FROM old_items LEFT JOIN suppliers ON suppliers.name = old_items.supplier;"
    "DROP TABLE old_items;";

// ---------------------------------------------------------------- a connection

static int busy_ms(void)
{
    const char *text = getenv("BUSY_TIMEOUT_MS");
    return text != NULL ? atoi(text) : BUSY_MS;
}

bool database_run(sqlite3 *database, const char *statements)
{
    return sqlite3_exec(database, statements, NULL, NULL, NULL) == SQLITE_OK;
}

sqlite3 *database_open(void)
{
    sqlite3 *database;
    if (sqlite3_open(database_file(), &database) != SQLITE_OK) {
        sqlite3_close(database); // there is one even then
        return NULL;
    }
    sqlite3_extended_result_codes(database, 1);
    sqlite3_busy_timeout(database, busy_ms());
    // Off for each new connection, for the sake of old programs.
    database_run(database, "PRAGMA foreign_keys = ON");
    return database;
}

// ---------------------------------------------------------------- the schema

static int version_of(sqlite3 *database)
{
    int version = -1;
    sqlite3_stmt *query;
    if (sqlite3_prepare_v2(database, "PRAGMA user_version", -1, &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        version = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
    return version;
}

static bool change(sqlite3 *database, int version)
{
    if (version == OLD_VERSION && !database_run(database, "ALTER TABLE items RENAME TO old_items"))
        return false;
    if (!database_run(database, tables))
        return false;
    if (version == OLD_VERSION && !database_run(database, old_rows))
        return false;
    return database_run(database, "PRAGMA user_version = 2; COMMIT");
}

bool schema_prepare(sqlite3 *database)
{
    // In a transaction: a program that is killed in the middle leaves the file as it was.
    if (!database_run(database, "BEGIN IMMEDIATE")) {
        fprintf(stderr, "the database cannot be written: %s\n", sqlite3_errmsg(database));
        return false;
    }
    int version = version_of(database);
    if (version == VERSION)
        return database_run(database, "COMMIT");
    if (version > VERSION || version < 0) {
        fprintf(stderr, "the database has version %d, this program knows %d\n", version, VERSION);
        database_run(database, "ROLLBACK");
        return false;
    }
    if (change(database, version))
        return true;
    fprintf(stderr, "the tables cannot be made: %s\n", sqlite3_errmsg(database));
    database_run(database, "ROLLBACK");
    return false;
}
