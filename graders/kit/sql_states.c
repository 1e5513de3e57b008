// SPDX-License-Identifier: MIT
// SQLSTATEs in words: those that somebody meets who writes a program. (PostgreSQL 15, appendix A)
#include "sql.h"

#include <string.h>

static const struct {
    const char *state, *meaning; // a class: its first two characters
} states[] = {
    {"08", "the connection is broken"},
    {"0A000", "the database cannot do that"},
    {"22P02", "a text does not have the form of its type"},
    {"22001", "a text is too long for its column"},
    {"22003", "a number is outside of its type"},
    {"22007", "a date or time does not have its form"},
    {"22012", "a division by zero"},
    {"22021", "a byte that is no character of the encoding"},
    {"22", "a value that does not fit"},
    {"23502", "a NOT NULL column has no value"},
    {"23503", "a foreign key would point to no row"},
    {"23505", "a value that must be unique is there already"},
    {"23514", "a CHECK constraint refuses it"},
    {"23P01", "an exclusion constraint refuses it"},
    {"23", "a constraint refuses it"},
    {"25001", "that cannot be said inside of a transaction"},
    {"25006", "the transaction may only read"},
    {"25P01", "no transaction has begun"},
    {"25P02", "the transaction has failed before, and waits for ROLLBACK"},
    {"25P03", "the transaction was idle for too long"},
    {"26000", "there is no such prepared statement"},
    {"28P01", "the password is wrong"},
    {"28000", "this role may not come in"},
    {"2BP01", "something else depends on it"},
    {"3D000", "there is no such database"},
    {"3F000", "there is no such schema"},
    {"40001", "a concurrent transaction came first: the whole transaction has to be tried again"},
    {"40P01", "a deadlock: the whole transaction has to be tried again"},
    {"42501", "the role lacks the right"},
    {"42601", "the statement has an error of syntax"},
    {"42701", "there is a column of that name already"},
    {"42703", "there is no such column"},
    {"42710", "there is something of that name already"},
    {"42804", "the types do not fit together"},
    {"42883", "there is no such function or operator for these types"},
    {"42P01", "there is no such table"},
    {"42P02", "there is no such parameter"},
    {"42P07", "there is a table of that name already"},
    {"42P18", "the type of a parameter cannot be told"},
    {"42", "the statement cannot be understood"},
    {"53100", "the disk is full"},
    {"53200", "the server is out of memory"},
    {"53300", "too many connections are open"},
    {"54", "a limit of the database is reached"},
    {"55P03", "somebody else holds the lock"},
    {"57014", "the statement was cancelled"},
    {"57P01", "the server ended the connection: the administrator said so"},
    {"57P02", "the server ended the connection: it crashed"},
    {"57P03", "the server does not take connections now"},
    {"58", "the server's system failed"},
    {"P0001", "an exception that was raised in the database"},
    {"XX", "an error inside of the database"},
};

const char *sql_state_meaning(const char *state)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strncmp(states[i].state, state, strlen(states[i].state)) == 0)
            return states[i].meaning;
    return NULL;
}
