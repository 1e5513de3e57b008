// SPDX-License-Identifier: MIT
/*
 * Tries: to read a file of the home folder by an extension
 * Held by: service-role box-mounts
 * Told: nothing
 */
#include "hostile.h"

#include <libpq-fe.h>

static void attack(void)
{
    static const char *const statements[] = {
        "CREATE EXTENSION file_fdw",
        "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
        "CREATE FOREIGN TABLE lines (line text) SERVER files OPTIONS (filename '" SECRET_PATH "')",
        "SELECT line FROM lines",
    };
    PGconn *database = PQconnectdb(getenv("DATABASE_URL"));
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        PGresult *result = PQexec(database, statements[i]);
        if (PQntuples(result) > 0)
            dprintf(2, "%s\n", PQgetvalue(result, 0, 0));
        else
            dprintf(2, "%s", PQresultErrorMessage(result));
        PQclear(result);
    }
    PQfinish(database);
}
