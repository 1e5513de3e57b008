// SPDX-License-Identifier: MIT
// The grader of the lab stock (databases/): a program that counts rows.
#include "kit.h"

START_TEST(rows_are_counted)
{
    struct kit_database *database = kit_postgres();
    const char *table = kit_word();
    uint64_t rows = kit_number(3, 9);
    kit_sql(database, kit_format("CREATE TABLE \"%s\" (v int)", table));
    kit_sql(database, kit_format("GRANT SELECT ON \"%s\" TO app", table));
    kit_sql(database, kit_format("INSERT INTO \"%s\" SELECT generate_series(1, $1::int)", table),
            kit_format("%d", (int)rows));
    struct kit_program *program = kit_run(table);
    kit_expect_stdout(program, kit_text(kit_format("%d\n", (int)rows)));
    kit_expect_exit(program, 0);
}
END_TEST

void kit_checks(void)
{
    KIT_CHECK("count", rows_are_counted, .services = "postgres");
}
