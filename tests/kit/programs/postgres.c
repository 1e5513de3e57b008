// SPDX-License-Identifier: MIT
/*
 * Sends each argument to the database and prints what came: the first value, "ok", or the SQLSTATE.
 * "new" makes a further connection, which is used from there on; "to NAME" the same to another
 * database; "pause" waits for ever; MODE
 * "forgets" leaves COMMIT out.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// NULL: to the database that DATABASE_URL names.
static PGconn *connect_to(const char *database)
{
    const char *const words[] = {"dbname", database != NULL ? "dbname" : NULL, NULL};
    const char *const values[] = {getenv("DATABASE_URL"), database, NULL};
    PGconn *connection = PQconnectdbParams(words, values, 1);
    if (PQstatus(connection) != CONNECTION_OK)
        printf("%s\n", strstr(PQerrorMessage(connection), "too many connections") != NULL
                           ? "too many connections"
                       : strstr(PQerrorMessage(connection), "no pg_hba.conf entry") != NULL
                           ? "no entry"
                           : PQerrorMessage(connection));
    return connection;
}

static void send_statement(PGconn *connection, const char *statement)
{
    PGresult *result = PQexec(connection, statement);
    ExecStatusType status = PQresultStatus(result);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (status == PGRES_TUPLES_OK && PQntuples(result) > 0)
        printf("%s\n", PQgetvalue(result, 0, 0));
    else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        printf("ok\n");
    else
        printf("%s\n", state != NULL ? state : "lost");
    PQclear(result);
}

int main(int argc, char **argv)
{
    const char *mode = getenv("MODE") != NULL ? getenv("MODE") : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    PGconn *connection = connect_to(NULL);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "new") == 0)
            connection = connect_to(NULL);
        else if (strncmp(argv[i], "to ", 3) == 0)
            connection = connect_to(argv[i] + 3);
        else if (strcmp(argv[i], "pause") == 0)
            pause();
        else if (strcmp(argv[i], "COMMIT") != 0 || strcmp(mode, "forgets") != 0)
            send_statement(connection, argv[i]);
    }
    fflush(stdout);
    _exit(0); // connections that were left are no leak here
}
