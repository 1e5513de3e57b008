// SPDX-License-Identifier: MIT
// The service postgres with mechanisms left out.
#include <libpq-fe.h>

#include "postgres/postgres.h"
#include "without.h"

bool __real_roles_renew(const char *password, struct err *err);
bool __wrap_roles_renew(const char *password, struct err *err);

bool __wrap_roles_renew(const char *password, struct err *err)
{
    bool done = __real_roles_renew(password, err);
    if (!done || !without("service-role"))
        return done;
    PGconn *connection = PQconnectdb(roles_admin_url());
    PQclear(PQexec(connection, "ALTER ROLE " POSTGRES_PROGRAM " SUPERUSER"));
    PQfinish(connection);
    return true;
}
