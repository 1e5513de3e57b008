// SPDX-License-Identifier: MIT
/*
 * Tries: to become more than its role is: superuser, other roles, other databases, the passwords
 * Held by: service-role
 * Told: nothing
 */
#include "hostile.h"

#include <libpq-fe.h>

static void attack(void)
{
    static const char *const statements[] = {
        "ALTER ROLE app SUPERUSER",
        "CREATE ROLE other SUPERUSER",
        "SET ROLE lab",
        "CREATE DATABASE other",
        "SELECT rolpassword FROM pg_authid",
        "ALTER SYSTEM SET log_statement = 'none'",
        "SELECT pg_reload_conf()",
    };
    PGconn *database = PQconnectdb(getenv("DATABASE_URL"));
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        PGresult *result = PQexec(database, statements[i]);
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
            through(statements[i]);
        PQclear(result);
    }
    PQfinish(database);
}
