// SPDX-License-Identifier: 0BSD
/*
 * Given by the lab: where the database is, and ways to see and to disturb what SQLite does. You
 * call nothing here but database_file(). Each can be tried by hand, as the checks do:
 *
 *   SQL_TRACE=/dev/stderr ./lab run     each statement is shown, its parameters filled in
 *   DISK_PAGES=20 ./lab run             the disk is full when the file has 20 pages (of 4096 bytes)
 *
 * And SQL has one more function: power_failure() ends the program at once, as pulling the plug
 * does. A check puts it into a trigger.
 */
#ifndef DATABASE_H
#define DATABASE_H

// The database's file: $FILES_DIR/inventory.db. Do not free it.
const char *database_file(void);

#endif
