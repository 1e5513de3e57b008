// SPDX-License-Identifier: MIT
// Counts the rows of a table.
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    char statement[200];
    PGconn *connection = PQconnectdb(getenv("DATABASE_URL"));
    char *table = PQescapeIdentifier(connection, argv[argc - 1], 60);
    snprintf(statement, sizeof statement, "SELECT count(*) FROM %s", table);
    PQfreemem(table);
    PGresult *result = PQexec(connection, statement);
    int status = PQntuples(result) == 1 ? 0 : 3;
    if (status == 0)
        puts(PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(connection);
    return status;
}
