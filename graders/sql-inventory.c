// SPDX-License-Identifier: MIT
/*
 * The grader of sql-inventory. It asks over HTTP, looks into the database on a connection of its
 * own, and makes certain what would else be luck: it holds locks, cuts the power in the middle of a
 * transaction (a trigger that calls power_failure(), a function that the lab gives), and fills the
 * disk (DISK_PAGES).
 */
#include <stdlib.h>
#include <string.h>

#include "kit.h"

#define FILE_NAME "inventory.db"
#define NUMBER(value) kit_format("%lld", (long long)(value))

static const struct kit_bytes nothing;
static const char rows_differ[] = "the rows that the check writes into the database differ";

// ---------------------------------------------------------------- what most checks begin with

static struct kit_database *open_database(void)
{
    return kit_sqlite(FILE_NAME);
}

// Its statements are watched: a failing check shows the last of them, and their line.
static struct kit_program *serve(void)
{
    kit_sql_watch();
    return kit_serve();
}

// Rows that the check writes itself, so that a step needs no other one.
static void put_item(struct kit_database *database, const char *sku, const char *name,
                     long long price, long long stock)
{
    kit_sql(database, "INSERT INTO items (sku, name, price_cents, stock) VALUES (?1, ?2, ?3, ?4)",
            sku, name, NUMBER(price), NUMBER(stock));
}

static void put_supplier(struct kit_database *database, const char *name)
{
    kit_sql(database, "INSERT INTO suppliers (name) VALUES (?1)", name);
}

static void set_supplier(struct kit_database *database, const char *sku, const char *supplier)
{
    kit_sql(database,
            "UPDATE items SET supplier_id = (SELECT id FROM suppliers WHERE name = ?2)"
            " WHERE sku = ?1",
            sku, supplier);
}

static void put_order(struct kit_database *database, const char *sku)
{
    kit_sql(database, "INSERT INTO orders (id, customer) VALUES (77, ?1)", kit_word());
    kit_sql(database,
            "INSERT INTO order_lines (order_id, item_id, quantity, price_cents)"
            " SELECT 77, id, 1, price_cents FROM items WHERE sku = ?1",
            sku);
}

static void expect_text(struct kit_reply *reply, const char *text)
{
    kit_expect_body(reply, kit_text(text));
}

static const char *item_row(const char *sku, const char *name, long long price, long long stock)
{
    return kit_format("%s\t%s\t%lld\t%lld\n", sku, name, price, stock);
}

#define expect_stock(database, sku, stock)                                                         \
    kit_expect_rows((database), kit_format("the stock of %s", (sku)),                              \
                    kit_format("SELECT stock FROM items WHERE sku = '%s'", (sku)), NUMBER(stock))

// ---------------------------------------------------------------- schema

START_TEST(tables_have_their_columns)
{
    kit_fixed_input("a schema has no input");
    serve();
    struct kit_database *database = open_database();
    kit_expect_rows(database, "the columns of items",
                    "SELECT name, upper(type) AS type FROM pragma_table_info('items')"
                    " WHERE name IN ('id', 'sku', 'name', 'price_cents', 'stock', 'supplier_id')"
                    " ORDER BY name",
                    "id | INTEGER", "name | TEXT", "price_cents | INTEGER", "sku | TEXT",
                    "stock | INTEGER", "supplier_id | INTEGER");
    kit_because("the lesson: these are the columns of items, with their types");
    kit_expect_rows(database, "the columns of suppliers",
                    "SELECT name, upper(type) AS type FROM pragma_table_info('suppliers')"
                    " WHERE name IN ('id', 'name') ORDER BY name",
                    "id | INTEGER", "name | TEXT");
    kit_because("the lesson: these are the columns of suppliers, with their types");
    kit_expect_rows(database, "the columns of orders",
                    "SELECT name, upper(type) AS type FROM pragma_table_info('orders')"
                    " WHERE name IN ('id', 'customer') ORDER BY name",
                    "customer | TEXT", "id | INTEGER");
    kit_because("the lesson: these are the columns of orders, with their types");
    kit_expect_rows(database, "the columns of order_lines",
                    "SELECT name, upper(type) AS type FROM pragma_table_info('order_lines')"
                    " WHERE name IN ('order_id', 'item_id', 'quantity', 'price_cents')"
                    " ORDER BY name",
                    "item_id | INTEGER", "order_id | INTEGER", "price_cents | INTEGER",
                    "quantity | INTEGER");
    kit_because("the lesson: these are the columns of order_lines, with their types");
}
END_TEST

START_TEST(keys_are_unique)
{
    serve();
    struct kit_database *database = open_database();
    const char *sku = kit_word(), *supplier = kit_word();
    put_item(database, sku, kit_word(), 1, 1);
    put_supplier(database, supplier);
    put_order(database, sku);
    kit_expect_refused(
        database, "two items can have the same sku",
        kit_format("INSERT INTO items (sku, name, price_cents, stock) VALUES ('%s', 'b', 1, 1)",
                   sku),
        "SQLITE_CONSTRAINT");
    kit_because("the lesson: sku is UNIQUE");
    kit_expect_refused(database, "two suppliers can have the same name",
                       kit_format("INSERT INTO suppliers (name) VALUES ('%s')", supplier),
                       "SQLITE_CONSTRAINT");
    kit_because("the lesson: a supplier's name is UNIQUE");
    kit_expect_refused(database, "an order can have two lines of one item",
                       "INSERT INTO order_lines SELECT * FROM order_lines", "SQLITE_CONSTRAINT");
    kit_because("the lesson: order and item together are the line's PRIMARY KEY");
}
END_TEST

START_TEST(values_are_checked)
{
    serve();
    struct kit_database *database = open_database();
    const char *sku = kit_word();
    put_item(database, sku, kit_word(), 1, 1);
    put_order(database, sku);
    kit_expect_refused(database, "a price below 0 is taken", "UPDATE items SET price_cents = -1",
                       "SQLITE_CONSTRAINT_CHECK");
    kit_because("the lesson: CHECK (price_cents >= 0)");
    kit_expect_refused(database, "a stock below 0 is taken", "UPDATE items SET stock = -1",
                       "SQLITE_CONSTRAINT_CHECK");
    kit_because("the lesson: CHECK (stock >= 0)");
    kit_expect_refused(database, "an item without a name is taken", "UPDATE items SET name = NULL",
                       "SQLITE_CONSTRAINT_NOTNULL");
    kit_because("the lesson: name is NOT NULL");
    kit_expect_refused(database, "a line of no pieces is taken",
                       "UPDATE order_lines SET quantity = 0", "SQLITE_CONSTRAINT_CHECK");
    kit_because("the lesson: CHECK (quantity > 0)");
}
END_TEST

START_TEST(references_are_declared)
{
    serve();
    struct kit_database *database = open_database();
    const char *sku = kit_word();
    put_item(database, sku, kit_word(), 1, 1);
    put_order(database, sku);
    kit_sql(database, "PRAGMA foreign_keys = ON");
    kit_expect_refused(database, "an item can have a supplier that is not there",
                       "UPDATE items SET supplier_id = 4711", "SQLITE_CONSTRAINT_FOREIGNKEY");
    kit_because("the lesson: supplier_id REFERENCES suppliers (id)");
    kit_expect_refused(database, "a line can belong to no order",
                       "UPDATE order_lines SET order_id = 4711", "SQLITE_CONSTRAINT_FOREIGNKEY");
    kit_because("the lesson: order_id REFERENCES orders (id)");
    kit_expect_refused(database, "a line can be of no item",
                       "UPDATE order_lines SET item_id = 4711", "SQLITE_CONSTRAINT_FOREIGNKEY");
    kit_because("the lesson: item_id REFERENCES items (id)");
}
END_TEST

START_TEST(second_start_keeps_the_rows)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, name, 250, 7);
    kit_sqlite_close(database);
    kit_terminate(server);
    kit_expect_exit(server, 0);
    serve();
    kit_expect_rows(open_database(), "after a second start",
                    "SELECT sku, name, price_cents, stock FROM items",
                    kit_format("%s | %s | 250 | 7", sku, name));
    kit_because("the lesson: tables are made in a new file only");
}
END_TEST

// ---------------------------------------------------------------- insert

START_TEST(item_is_inserted)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    long long price = (long long)kit_number(1, 9999), stock = (long long)kit_number(1, 500);
    struct kit_reply *reply = kit_submit(server, "POST", "/items", "sku", sku, "name", name,
                                         "price_cents", NUMBER(price), "stock", NUMBER(stock));
    kit_expect_status(reply, 201);
    kit_because("the lesson: an item that was inserted is answered with 201");
    expect_text(reply, item_row(sku, name, price, stock));
    kit_because("the lesson: the answer is the item: sku, name, price_cents, stock");
    kit_expect_rows(open_database(), "the item",
                    "SELECT sku, name, price_cents, stock, typeof(price_cents) FROM items",
                    kit_format("%s | %s | %lld | %lld | integer", sku, name, price, stock));
    kit_because("the lesson: the row is in the database when the answer comes");
}
END_TEST

// Each of these ends a statement that was put together as a string, or changes its meaning.
START_TEST(strange_text_is_unharmed)
{
    struct kit_program *server = serve();
    const char *word = kit_word();
    const char *names[] = {
        kit_format("O'%s", word),
        kit_format("'); DROP TABLE items; --%s", word),
        kit_format("%s' OR '1'='1", word),
        kit_format("\"%s\" ?1 :a @b $c %%s %%n", word),
        kit_format("gr\303\266\303\237e %s", word),
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *sku = kit_word();
        kit_suspect("name=", kit_percent(names[i]), "a value, whatever it looks like");
        struct kit_reply *reply = kit_submit(server, "POST", "/items", "sku", sku, "name", names[i],
                                             "price_cents", "1", "stock", "1");
        kit_expect_status(reply, 201);
        kit_because("the lesson: values are bound, so that none of them is ever read as SQL");
        expect_text(reply, item_row(sku, names[i], 1, 1));
        kit_because("the lesson: a text comes back as it was sent");
        kit_expect_rows(open_database(), "the name",
                        kit_format("SELECT hex(name) = '%s' FROM items WHERE sku = '%s'",
                                   kit_sql_value(open_database(), "SELECT hex(?1)", names[i]), sku),
                        "1");
        kit_because("the lesson: a text is stored as it was sent");
    }
}
END_TEST

START_TEST(large_numbers_are_exact)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    // From 2^53 on a double has no odd numbers.
    long long price = 9007199254740993 + 2 * (long long)kit_number(0, 1000000);
    kit_suspect("price_cents=", NUMBER(price), "a number that no double can hold");
    struct kit_reply *reply = kit_submit(server, "POST", "/items", "sku", sku, "name", name,
                                         "price_cents", NUMBER(price), "stock", "1");
    kit_expect_status(reply, 201);
    kit_expect_rows(open_database(), "the price", "SELECT price_cents FROM items", NUMBER(price));
    kit_because("the lesson: money is whole cents, in 64 bits, from end to end");
    expect_text(reply, item_row(sku, name, price, 1));
}
END_TEST

START_TEST(taken_sku_is_409)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    put_item(open_database(), sku, name, 3, 4);
    kit_suspect("sku=", sku, "an item has this sku already");
    kit_expect_status(kit_submit(server, "POST", "/items", "sku", sku, "name", kit_word(),
                                 "price_cents", "1", "stock", "1"),
                      409);
    kit_because("the lesson: what is there already is a conflict, 409 (RFC 9110 15.5.10)");
    kit_expect_rows(open_database(), "the item that was there",
                    "SELECT sku, name, price_cents, stock FROM items",
                    kit_format("%s | %s | 3 | 4", sku, name));
    kit_because("the lesson: what is refused changes nothing");
}
END_TEST

START_TEST(wrong_values_are_400)
{
    struct kit_program *server = serve();
    kit_suspect("", "name", "there is no sku");
    kit_expect_status(
        kit_submit(server, "POST", "/items", "name", kit_word(), "price_cents", "1", "stock", "1"),
        400);
    kit_because("the lesson: a field that is missing is answered with 400");
    kit_suspect("price_cents=", "cheap", "no number");
    kit_expect_status(kit_submit(server, "POST", "/items", "sku", kit_word(), "name", kit_word(),
                                 "price_cents", "cheap", "stock", "1"),
                      400);
    kit_because("the lesson: what is no number is answered with 400");
    kit_suspect("stock=", "-1", "less than none");
    kit_expect_status(kit_submit(server, "POST", "/items", "sku", kit_word(), "name", kit_word(),
                                 "price_cents", "1", "stock", "-1"),
                      400);
    kit_because("the lesson: a value that a CHECK refuses is answered with 400");
    kit_expect_rows(open_database(), "what was refused", "SELECT count(*) FROM items", "0");
}
END_TEST

// ---------------------------------------------------------------- read

START_TEST(item_is_read)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    long long price = (long long)kit_number(1, 9999);
    struct kit_database *database = open_database();
    put_item(database, kit_word(), kit_word(), 1, 1);
    put_item(database, sku, name, price, 12);
    put_item(database, kit_word(), kit_word(), 2, 2);
    struct kit_reply *reply = kit_get(server, "/items/%s", sku);
    kit_expect_status(reply, 200);
    expect_text(reply, item_row(sku, name, price, 12));
    kit_because("the lesson: GET /items/SKU answers with that item's row");
}
END_TEST

START_TEST(unknown_item_is_404)
{
    struct kit_program *server = serve();
    put_item(open_database(), kit_word(), kit_word(), 1, 1);
    kit_expect_status(kit_get(server, "/items/%s", kit_word()), 404);
    kit_because("RFC 9110 15.5.5: the server has nothing at that path");
}
END_TEST

// A statement that was stepped to its row and neither reset nor finalized keeps its read lock: the
// check's own UPDATE then never gets by, or the next read sees the past.
START_TEST(reading_leaves_no_lock)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, name, 5, 1);
    for (long long stock = 2; stock < 5; stock++) {
        kit_expect_status(kit_get(server, "/items/%s", sku), 200);
        kit_sql(database, "UPDATE items SET stock = ?1", NUMBER(stock));
        expect_text(kit_get(server, "/items/%s", sku), item_row(sku, name, 5, stock));
        kit_because("the lesson: a statement is finalized as soon as its rows are read");
    }
}
END_TEST

START_TEST(many_reads_use_up_nothing)
{
    kit_limit_descriptors(64);
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    put_item(open_database(), sku, name, 5, 1);
    const char *unknown = kit_word();
    for (int i = 0; i < 60; i++) {
        struct kit_reply *reply = kit_get(server, "/items/%s", sku);
        kit_expect_status(reply, 200);
        kit_because("the lesson: a connection that was opened is closed");
        expect_text(reply, item_row(sku, name, 5, 1));
        kit_expect_status(kit_get(server, "/items/%s", unknown), 404);
        kit_because("the lesson: a statement is finalized on every way out of the function");
    }
    kit_terminate(server);
    kit_expect_exit(server, 0);
}
END_TEST

// ---------------------------------------------------------------- update-delete

START_TEST(update_changes_what_was_sent)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word(), *other = kit_word(), *renamed = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, name, 10, 3);
    put_item(database, other, name, 20, 4);
    const char *path = kit_format("/items/%s", sku);
    struct kit_reply *reply = kit_submit(server, "PATCH", path, "name", renamed);
    kit_expect_status(reply, 200);
    expect_text(reply, item_row(sku, renamed, 10, 3));
    kit_because("the lesson: PATCH changes the fields that were sent, and answers with the row");
    expect_text(kit_submit(server, "PATCH", path, "price_cents", "0"),
                item_row(sku, renamed, 0, 3));
    kit_because("the lesson: a price of 0 is a price");
    kit_expect_rows(
        database, "the items", "SELECT sku, name, price_cents, stock FROM items ORDER BY id",
        kit_format("%s | %s | 0 | 3", sku, renamed), kit_format("%s | %s | 20 | 4", other, name));
    kit_because("the lesson: PATCH changes one item and the fields that were sent");
}
END_TEST

START_TEST(update_of_nothing_is_404)
{
    struct kit_program *server = serve();
    put_item(open_database(), kit_word(), kit_word(), 1, 1);
    kit_expect_status(
        kit_submit(server, "PATCH", kit_format("/items/%s", kit_word()), "name", kit_word()), 404);
    kit_because("the lesson: an UPDATE that finds no row is no error of SQLite's");
}
END_TEST

START_TEST(delete_removes_one)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *other = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, kit_word(), 1, 1);
    put_item(database, other, kit_word(), 1, 1);
    kit_expect_status(kit_request(server, "DELETE", kit_format("/items/%s", sku), "", nothing),
                      204);
    kit_because("the lesson: an item that was deleted is answered with 204");
    kit_expect_rows(database, "what is left", "SELECT sku FROM items", other);
}
END_TEST

START_TEST(delete_of_nothing_is_404)
{
    struct kit_program *server = serve();
    put_item(open_database(), kit_word(), kit_word(), 1, 1);
    kit_expect_status(
        kit_request(server, "DELETE", kit_format("/items/%s", kit_word()), "", nothing), 404);
    kit_because("the lesson: sqlite3_changes() tells whether a row was found");
}
END_TEST

START_TEST(ordered_item_is_kept)
{
    struct kit_program *server = serve();
    const char *sku = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, kit_word(), 1, 1);
    put_order(database, sku);
    kit_expect_status(kit_request(server, "DELETE", kit_format("/items/%s", sku), "", nothing),
                      409);
    kit_because("the lesson: an item that an order has cannot go, and the answer is 409");
    kit_expect_rows(database, "the item that was ordered", "SELECT sku FROM items", sku);
}
END_TEST

// ---------------------------------------------------------------- joins

START_TEST(supplier_is_inserted)
{
    struct kit_program *server = serve();
    const char *name = kit_word();
    struct kit_reply *reply = kit_submit(server, "POST", "/suppliers", "name", name);
    kit_expect_status(reply, 201);
    expect_text(reply, kit_format("%s\n", name));
    kit_expect_rows(open_database(), "the supplier", "SELECT name FROM suppliers", name);
    kit_expect_status(kit_submit(server, "POST", "/suppliers", "name", name), 409);
    kit_because("the lesson: a supplier's name is unique");
}
END_TEST

START_TEST(item_gets_its_supplier)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word(), *supplier = kit_word();
    struct kit_database *database = open_database();
    put_supplier(database, kit_word());
    put_supplier(database, supplier);
    kit_suspect("supplier=", supplier, "the supplier's name");
    kit_expect_status(kit_submit(server, "POST", "/items", "sku", sku, "name", name, "price_cents",
                                 "1", "stock", "1", "supplier", supplier),
                      201);
    kit_expect_rows(database, "the item's supplier",
                    "SELECT sku, suppliers.name FROM items JOIN suppliers"
                    " ON suppliers.id = supplier_id",
                    kit_format("%s | %s", sku, supplier));
    kit_because("the lesson: supplier_id is the id of the supplier of that name");
    const char *unknown = kit_word();
    kit_suspect("supplier=", unknown, "there is no such supplier");
    kit_expect_status(kit_submit(server, "POST", "/items", "sku", kit_word(), "name", name,
                                 "price_cents", "1", "stock", "1", "supplier", unknown),
                      400);
    kit_because("the lesson: a supplier that is not there is answered with 400");
    kit_expect_rows(database, "the items", "SELECT count(*) FROM items", "1");
}
END_TEST

START_TEST(list_has_supplier_names)
{
    kit_fixed_input(rows_differ);
    struct kit_program *server = serve();
    const char *supplier = kit_word(), *name = kit_word();
    const char *first = kit_format("a-%s", kit_word()), *second = kit_format("b-%s", kit_word());
    struct kit_database *database = open_database();
    put_supplier(database, kit_word());
    put_supplier(database, supplier);
    put_item(database, second, name, 2, 20);
    put_item(database, first, name, 1, 10);
    set_supplier(database, second, supplier);
    struct kit_reply *reply = kit_get(server, "/items");
    kit_expect_status(reply, 200);
    expect_text(reply, kit_format("%s\t%s\t1\t10\t\\N\n%s\t%s\t2\t20\t%s\n", first, name, second,
                                  name, supplier));
    kit_because("the lesson: all items by sku, with their supplier's name, or NULL (\\N)");
}
END_TEST

static size_t count_selects(struct kit_statements statements)
{
    size_t count = 0;
    for (size_t i = 0; i < statements.count; i++)
        count += strstr(statements.texts[i], "SELECT") != NULL ||
                 strstr(statements.texts[i], "select") != NULL;
    return count;
}

START_TEST(list_needs_one_statement)
{
    kit_fixed_input(rows_differ);
    struct kit_program *server = serve();
    struct kit_database *database = open_database();
    for (int i = 0; i < 12; i++) {
        const char *sku = kit_word(), *supplier = kit_word();
        put_supplier(database, supplier);
        put_item(database, sku, kit_word(), 1, 1);
        set_supplier(database, sku, supplier);
    }
    kit_sql_statements();
    kit_expect_status(kit_get(server, "/items"), 200);
    size_t count = count_selects(kit_sql_statements());
    kit_expect(count > 0, "no SELECT was seen for a list of 12 items");
    kit_expect(count <= 2, "%zu SELECTs were sent for a list of 12 items, expected one", count);
    kit_because("the lesson: a join asks once, whatever the number of rows");
}
END_TEST

// ---------------------------------------------------------------- aggregates

START_TEST(report_sums_by_supplier)
{
    kit_fixed_input(rows_differ);
    struct kit_program *server = serve();
    const char *first = kit_format("a-%s", kit_word()), *second = kit_format("b-%s", kit_word());
    struct kit_database *database = open_database();
    put_supplier(database, second);
    put_supplier(database, first);
    long long stock = 0, value = 0;
    for (int i = 0; i < 3; i++) {
        const char *sku = kit_word();
        long long price = (long long)kit_number(1, 900), pieces = (long long)kit_number(1, 90);
        put_item(database, sku, kit_word(), price, pieces);
        set_supplier(database, sku, second);
        stock += pieces;
        value += price * pieces;
    }
    const char *sku = kit_word();
    put_item(database, sku, kit_word(), 7, 3);
    set_supplier(database, sku, first);
    put_item(database, kit_word(), kit_word(), 1, 1);
    struct kit_reply *reply = kit_get(server, "/report");
    kit_expect_status(reply, 200);
    expect_text(reply,
                kit_format("%s\t1\t3\t21\n%s\t3\t%lld\t%lld\n", first, second, stock, value));
    kit_because("the lesson: for each supplier its name, items, pieces and their value");
}
END_TEST

START_TEST(supplier_without_items_has_zeros)
{
    kit_fixed_input(rows_differ);
    struct kit_program *server = serve();
    const char *supplier = kit_word();
    put_supplier(open_database(), supplier);
    expect_text(kit_get(server, "/report"), kit_format("%s\t0\t0\t0\n", supplier));
    kit_because("the lesson: a sum of no rows is NULL, and the report says 0");
}
END_TEST

START_TEST(sums_are_exact)
{
    kit_fixed_input(rows_differ);
    struct kit_program *server = serve();
    const char *supplier = kit_word(), *sku = kit_word(), *other = kit_word();
    long long price = 9007199254740993 + 2 * (long long)kit_number(0, 1000000);
    struct kit_database *database = open_database();
    put_supplier(database, supplier);
    put_item(database, sku, kit_word(), price, 1);
    put_item(database, other, kit_word(), 10, 1);
    set_supplier(database, sku, supplier);
    set_supplier(database, other, supplier);
    expect_text(kit_get(server, "/report"), kit_format("%s\t2\t2\t%lld\n", supplier, price + 10));
    kit_because("the lesson: sum() of integers is an integer, total() and avg() are doubles");
}
END_TEST

// ---------------------------------------------------------------- transaction

START_TEST(order_takes_from_the_stock)
{
    struct kit_program *server = serve();
    const char *first = kit_word(), *second = kit_word(), *customer = kit_word();
    struct kit_database *database = open_database();
    put_item(database, first, kit_word(), 250, 10);
    put_item(database, second, kit_word(), 99, 2);
    struct kit_reply *reply = kit_submit(server, "POST", "/orders", "customer", customer, "sku",
                                         first, "quantity", "3", "sku", second, "quantity", "2");
    kit_expect_status(reply, 201);
    expect_text(reply, kit_format("%s\n", kit_sql_value(database, "SELECT max(id) FROM orders")));
    kit_because("the lesson: the answer is the order's id");
    kit_expect_rows(database, "the order",
                    "SELECT customer, sku, quantity, order_lines.price_cents FROM orders"
                    " JOIN order_lines ON order_id = orders.id JOIN items ON item_id = items.id"
                    " ORDER BY items.id",
                    kit_format("%s | %s | 3 | 250", customer, first),
                    kit_format("%s | %s | 2 | 99", customer, second));
    kit_because("the lesson: a line has the quantity, and the price of the day");
    kit_expect_rows(database, "the stock", "SELECT stock FROM items ORDER BY id", "7", "0");
}
END_TEST

static void expect_nothing_of_it(struct kit_database *database)
{
    kit_expect_rows(database, "the order that failed",
                    "SELECT (SELECT count(*) FROM orders) AS orders,"
                    " (SELECT count(*) FROM order_lines) AS order_lines",
                    "0 | 0");
    kit_because("the lesson: all of an order, or nothing (ROLLBACK)");
    kit_expect_rows(database, "the stock", "SELECT stock FROM items ORDER BY id", "10", "2");
    kit_because("the lesson: all of an order, or nothing (ROLLBACK)");
}

START_TEST(failed_order_changes_nothing)
{
    struct kit_program *server = serve();
    const char *first = kit_word(), *second = kit_word();
    struct kit_database *database = open_database();
    put_item(database, first, kit_word(), 250, 10);
    put_item(database, second, kit_word(), 99, 2);
    kit_expect_status(kit_submit(server, "POST", "/orders", "customer", kit_word(), "sku", first,
                                 "quantity", "3", "sku", second, "quantity", "3"),
                      409);
    kit_because("the lesson: more than there is cannot be ordered, 409");
    expect_nothing_of_it(database);
}
END_TEST

START_TEST(unknown_item_fails_the_order)
{
    struct kit_program *server = serve();
    const char *first = kit_word();
    struct kit_database *database = open_database();
    put_item(database, first, kit_word(), 250, 10);
    put_item(database, kit_word(), kit_word(), 99, 2);
    kit_expect_status(kit_submit(server, "POST", "/orders", "customer", kit_word(), "sku", first,
                                 "quantity", "3", "sku", kit_word(), "quantity", "1"),
                      404);
    kit_because("the lesson: an item that is not there fails the order, 404");
    expect_nothing_of_it(database);
}
END_TEST

START_TEST(killed_in_the_middle_nothing_remains)
{
    struct kit_program *server = serve();
    const char *first = kit_word(), *second = kit_word();
    struct kit_database *database = open_database();
    put_item(database, first, kit_word(), 250, 10);
    put_item(database, second, kit_word(), 99, 2);
    kit_sql(database, "CREATE TRIGGER plug AFTER INSERT ON order_lines"
                      " WHEN (SELECT count(*) FROM order_lines) = 2"
                      " BEGIN SELECT power_failure(); END");
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "%s",
             kit_submission(server, "POST", "/orders", "customer", kit_word(), "sku", first,
                            "quantity", "3", "sku", second, "quantity", "1"));
    kit_when_stuck("the order is never written to order_lines",
                   "the lesson: each sku of an order is a row of order_lines");
    kit_wait_for_exit(server);
    serve();
    kit_sql(database, "DROP TRIGGER plug");
    expect_nothing_of_it(database);
}
END_TEST

// A reader's lock holds up COMMIT where there is a rollback journal, and does not where there is a
// write-ahead log: either is right, as long as the answer says what happened.
START_TEST(answer_says_what_was_committed)
{
    kit_environment("BUSY_TIMEOUT_MS", "200");
    struct kit_program *server = serve();
    const char *sku = kit_word();
    struct kit_database *database = open_database(), *reader = open_database();
    put_item(database, sku, kit_word(), 250, 10);
    kit_sql(reader, "BEGIN");
    kit_sql(reader, "SELECT * FROM items");
    struct kit_reply *reply =
        kit_submit(server, "POST", "/orders", "customer", kit_word(), "sku", sku, "quantity", "4");
    kit_sql(reader, "COMMIT");
    kit_expect_status(reply, 201, 503);
    kit_because("the lesson: a database that stays busy is answered with 503");
    kit_expect_rows(database, "what the answer said",
                    "SELECT (SELECT count(*) FROM orders) AS orders, stock FROM items",
                    reply->status == 201 ? "1 | 6" : "0 | 10");
    kit_because("the lesson: COMMIT can fail, and the answer waits for it");
}
END_TEST

START_TEST(full_disk_is_survived)
{
    kit_environment("DISK_PAGES", "24");
    struct kit_program *server = serve();
    const char *name = kit_random_letters(3000);
    int inserted = 0, status = 201;
    while (status == 201 && inserted < 40) {
        struct kit_reply *reply = kit_submit(server, "POST", "/items", "sku", kit_word(), "name",
                                             name, "price_cents", "1", "stock", "1");
        kit_expect_status(reply, 201, 507);
        kit_because("the lesson: a disk that is full (SQLITE_FULL) is answered with 507");
        status = reply->status;
        inserted += status == 201;
    }
    kit_expect(status == 507, "%d items of 3000 bytes are said to fit into 24 pages", inserted);
    struct kit_database *database = open_database();
    kit_expect_rows(database, "the items on the full disk", "SELECT count(*) FROM items",
                    NUMBER(inserted));
    kit_because("the lesson: what was answered with 201 is there, and nothing else");
    const char *sku = kit_sql_value(database, "SELECT min(sku) FROM items");
    kit_expect_status(kit_get(server, "/items/%s", sku), 200);
    kit_expect_status(kit_request(server, "DELETE", kit_format("/items/%s", sku), "", nothing),
                      204);
    kit_because("the lesson: on a full disk reading and deleting go on");
    kit_expect_status(kit_submit(server, "POST", "/items", "sku", kit_word(), "name", name,
                                 "price_cents", "1", "stock", "1"),
                      201);
    kit_because("the lesson: the room that became free is used again");
}
END_TEST

// ---------------------------------------------------------------- upsert

static struct kit_reply *deliver(struct kit_program *server, const char *sku, const char *name,
                                 long long price, long long quantity)
{
    return kit_submit(server, "POST", "/deliveries", "sku", sku, "name", name, "price_cents",
                      NUMBER(price), "quantity", NUMBER(quantity));
}

START_TEST(delivery_of_a_new_item_inserts_it)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    struct kit_reply *reply = deliver(server, sku, name, 80, 5);
    kit_expect_status(reply, 201);
    kit_because("the lesson: an item that was new is answered with 201");
    expect_text(reply, item_row(sku, name, 80, 5));
    kit_expect_rows(open_database(), "the item", "SELECT sku, name, price_cents, stock FROM items",
                    kit_format("%s | %s | 80 | 5", sku, name));
}
END_TEST

START_TEST(delivery_adds_to_the_stock)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    long long quantity = (long long)kit_number(2, 50);
    struct kit_database *database = open_database();
    put_item(database, sku, name, 70, 30);
    struct kit_reply *reply = deliver(server, sku, name, 80, quantity);
    kit_expect_status(reply, 200);
    kit_because("the lesson: an item that was there is answered with 200");
    kit_expect_rows(database, "the item", "SELECT price_cents, stock FROM items",
                    kit_format("80 | %lld", 30 + quantity));
    kit_because("the lesson: a delivery adds to the stock, and brings the new price");
    expect_text(reply, item_row(sku, name, 80, 30 + quantity));
}
END_TEST

START_TEST(delivery_keeps_the_rest)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word(), *supplier = kit_word();
    struct kit_database *database = open_database();
    put_supplier(database, supplier);
    put_item(database, sku, name, 70, 30);
    put_item(database, kit_word(), kit_word(), 1, 1);
    set_supplier(database, sku, supplier);
    const char *statement = kit_format("SELECT id, sku, name, supplier_id FROM items"
                                       " WHERE sku = '%s'",
                                       sku);
    const struct kit_rows *before = kit_sql(database, statement);
    deliver(server, sku, kit_word(), 80, 1);
    kit_expect_rows(
        database, "the rest of the row", statement,
        kit_format("%s | %s | %s | %s", before->values[0], sku, name, before->values[3]));
    kit_because(
        "the lesson: ON CONFLICT DO UPDATE changes what it names, REPLACE writes a new row");
}
END_TEST

// ---------------------------------------------------------------- pages

struct page {
    const char *rows; // without the line that leads on
    const char *next; // the cursor, percent-encoded, or NULL
};

static struct page read_page(struct kit_program *server, int limit, const char *after)
{
    struct kit_reply *reply = after == NULL
                                  ? kit_get(server, "/catalogue?limit=%d", limit)
                                  : kit_get(server, "/catalogue?limit=%d&after=%s", limit, after);
    kit_expect_status(reply, 200);
    const char *body = kit_format("%.*s", (int)reply->body.length, (const char *)reply->body.data);
    const char *next = strncmp(body, "next\t", 5) == 0 ? body : strstr(body, "\nnext\t");
    if (next == NULL)
        return (struct page){body, NULL};
    next += *next == '\n';
    const char *cursor = kit_format("%.*s", (int)strcspn(next + 5, "\n"), next + 5);
    return (struct page){kit_format("%.*s", (int)(next - body), body), kit_percent(cursor)};
}

#define expect_page(page, expected)                                                                \
    kit_expect_equal("the page", kit_text((page).rows), kit_text(expected))

// Items in the order of the catalogue; the prices of all but the ends are the same, so that a page
// ends between two of them.
enum { ITEMS = 7 };
static const char *skus[ITEMS];

static const char *line_of(int item)
{
    return kit_format("%s\t%d\n", skus[item], item == 0 ? 5 : item == ITEMS - 1 ? 900 : 100);
}

static const char *lines_of(int first, int last)
{
    const char *lines = "";
    for (int i = first; i <= last; i++)
        lines = kit_format("%s%s", lines, line_of(i));
    return lines;
}

static void put_catalogue(struct kit_database *database)
{
    static const int order[ITEMS] = {3, 6, 0, 5, 2, 4, 1};
    for (int i = 0; i < ITEMS; i++)
        skus[i] = kit_format("%c-%s", "zbcdefa"[i], kit_word());
    for (int i = 0; i < ITEMS; i++)
        put_item(database, skus[order[i]], kit_word(),
                 strtoll(strchr(line_of(order[i]), '\t'), NULL, 10), 1);
}

START_TEST(pages_follow_each_other)
{
    struct kit_program *server = serve();
    put_catalogue(open_database());
    struct page page = read_page(server, 3, NULL);
    expect_page(page, lines_of(0, 2));
    kit_because("the lesson: by price, among the same price by sku");
    kit_expect(page.next != NULL, "the first of three pages has no line that leads on");
    kit_because("the lesson: where more follows, the last line is next and the cursor");
    page = read_page(server, 3, page.next);
    expect_page(page, lines_of(3, 5));
    kit_because("the lesson: a page begins behind the last row of the one before");
    kit_expect(page.next != NULL, "the second of three pages has no line that leads on");
    page = read_page(server, 3, page.next);
    expect_page(page, lines_of(6, 6));
    kit_expect(page.next == NULL, "the last page leads on, to nothing");
    kit_because("the lesson: the line is left out where nothing follows");
}
END_TEST

START_TEST(last_page_may_be_full)
{
    kit_fixed_input(rows_differ);
    struct kit_program *server = serve();
    put_catalogue(open_database());
    struct page page = read_page(server, ITEMS, NULL);
    expect_page(page, lines_of(0, ITEMS - 1));
    kit_expect(page.next == NULL, "a page that has all items leads on, to nothing");
    kit_because("the lesson: the line is left out where nothing follows");
}
END_TEST

START_TEST(changes_between_pages_move_nothing)
{
    struct kit_program *server = serve();
    struct kit_database *database = open_database();
    put_catalogue(database);
    struct page page = read_page(server, 3, NULL);
    kit_expect(page.next != NULL, "the first of three pages has no line that leads on");
    // Two come in front of what was read.
    put_item(database, kit_word(), kit_word(), 1, 1);
    put_item(database, kit_word(), kit_word(), 2, 1);
    page = read_page(server, 3, page.next);
    expect_page(page, lines_of(3, 5));
    kit_because("the lesson: what is inserted before the cursor moves nothing behind it");
}
END_TEST

START_TEST(deleted_row_still_leads_on)
{
    struct kit_program *server = serve();
    struct kit_database *database = open_database();
    put_catalogue(database);
    struct page page = read_page(server, 3, NULL);
    kit_expect(page.next != NULL, "the first of three pages has no line that leads on");
    kit_sql(database, "DELETE FROM items WHERE sku = ?1", skus[2]); // the last that was read
    kit_sql(database, "DELETE FROM items WHERE sku = ?1", skus[0]);
    page = read_page(server, 3, page.next);
    expect_page(page, lines_of(3, 5));
    kit_because("the lesson: the cursor is a place in the order, whether its row is there or not");
}
END_TEST

// ---------------------------------------------------------------- index

// The plan of the last statement about items that the program sent, on the check's connection: one
// string, its lines joined by "; ".
static const char *plan_of_last(struct kit_database *database)
{
    struct kit_statements statements = kit_sql_statements();
    const char *last = NULL;
    for (size_t i = 0; i < statements.count; i++)
        if (strncasecmp(statements.texts[i], "SELECT", 6) == 0 &&
            strstr(statements.texts[i], "items") != NULL)
            last = statements.texts[i];
    kit_expect(last != NULL, "no SELECT from items was seen");
    const struct kit_rows *rows = kit_sql(database, kit_format("EXPLAIN QUERY PLAN %s", last));
    const char *plan = "";
    for (size_t i = 0; i < rows->count; i++)
        plan = kit_format("%s%s%s", plan, i > 0 ? "; " : "", rows->values[i * rows->columns + 3]);
    return plan;
}

static void put_many(struct kit_database *database, const char *supplier)
{
    put_supplier(database, supplier);
    kit_sql(database,
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
            " INSERT INTO items (sku, name, price_cents, stock) SELECT ?1 || i, 'x', i % 50, 1"
            " FROM n",
            kit_word());
}

START_TEST(items_of_a_supplier_are_found_by_index)
{
    struct kit_program *server = serve();
    const char *supplier = kit_word(), *name = kit_word();
    const char *sku = kit_word();
    struct kit_database *database = open_database();
    put_many(database, supplier);
    put_item(database, sku, name, 4, 9);
    set_supplier(database, sku, supplier);
    kit_sql_statements();
    struct kit_reply *reply = kit_get(server, "/items?supplier=%s", supplier);
    kit_expect_status(reply, 200);
    expect_text(reply, kit_format("%s\t%s\t4\t9\t%s\n", sku, name, supplier));
    kit_because("the lesson: GET /items?supplier=NAME lists the items of that supplier");
    const char *plan = plan_of_last(database);
    kit_expect(strstr(plan, "SCAN items") == NULL && strstr(plan, "AUTOMATIC") == NULL,
               "the plan is %s: it reads every item", plan);
    kit_because("the lesson: an index on supplier_id finds the items of one supplier");
}
END_TEST

START_TEST(catalogue_is_read_in_the_order_of_an_index)
{
    struct kit_program *server = serve();
    struct kit_database *database = open_database();
    put_many(database, kit_word());
    struct page page = read_page(server, 3, NULL);
    kit_expect(page.next != NULL, "the first of 100 pages has no line that leads on");
    kit_sql_statements();
    read_page(server, 3, page.next);
    const char *plan = plan_of_last(database);
    kit_expect(strstr(plan, "TEMP B-TREE") == NULL, "the plan is %s: it sorts all of them", plan);
    kit_because("the lesson: an index on (price_cents, sku) has the rows in this order already");
    kit_expect(strstr(plan, "SCAN items") == NULL, "the plan is %s: it begins with the first",
               plan);
    kit_because("the lesson: the cursor is a place in the index, where the page begins");
}
END_TEST

// ---------------------------------------------------------------- concurrent-writers

static struct kit_connection *send_take(struct kit_program *server, const char *sku,
                                        const char *quantity)
{
    struct kit_connection *client = kit_connect(server);
    kit_send(
        client, "%s",
        kit_submission(server, "POST", kit_format("/items/%s/take", sku), "quantity", quantity));
    return client;
}

START_TEST(take_lowers_the_stock)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, name, 5, 10);
    struct kit_reply *reply = kit_read_reply(send_take(server, sku, "7"));
    kit_expect_status(reply, 200);
    expect_text(reply, item_row(sku, name, 5, 3));
    kit_because("the lesson: the answer is the row, with what is left");
    kit_expect_status(kit_read_reply(send_take(server, sku, "4")), 409);
    kit_because("the lesson: more than there is cannot be taken, 409");
    expect_stock(database, sku, 3);
    kit_expect_status(kit_read_reply(send_take(server, kit_word(), "1")), 404);
    kit_because("the lesson: an item that is not there is answered with 404");
}
END_TEST

START_TEST(writer_waits_for_a_lock)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, name, 5, 10);
    kit_sql(database, "BEGIN IMMEDIATE");
    struct kit_connection *client = send_take(server, sku, "4");
    kit_wait_until_read(client);
    kit_wait_until_idle(server);
    kit_sql(database, "COMMIT");
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 200);
    kit_because("the lesson: who meets a lock waits, sqlite3_busy_timeout(), and goes on");
    expect_text(reply, item_row(sku, name, 5, 6));
}
END_TEST

START_TEST(no_update_is_lost)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, name, 5, 10);
    // The program can read 10 while this is not committed; what it writes has to stand on 7.
    kit_sql(database, "BEGIN IMMEDIATE");
    kit_sql(database, "UPDATE items SET stock = stock - 3");
    struct kit_connection *client = send_take(server, sku, "4");
    kit_wait_until_read(client);
    kit_wait_until_idle(server);
    kit_sql(database, "COMMIT");
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 200);
    kit_because("the lesson: who meets a lock waits and goes on");
    expect_stock(database, sku, 3);
    kit_because("the lesson: 10 - 3 - 4 is 3; what was read before the lock is not true any more");
}
END_TEST

START_TEST(reads_go_on_beside_a_writer)
{
    struct kit_program *server = serve();
    const char *sku = kit_word(), *name = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, name, 5, 10);
    kit_sql(database, "BEGIN IMMEDIATE");
    struct kit_connection *client = send_take(server, sku, "4");
    kit_wait_until_read(client);
    kit_wait_until_idle(server);
    kit_when_stuck("a read waits while another request waits for a lock",
                   "the lesson: each request has a connection of its own, and waits alone");
    struct kit_reply *reply = kit_get(server, "/items/%s", sku);
    kit_expect(!kit_has_answer(client), "the writer was answered before the lock was given up");
    kit_expect_status(reply, 200);
    expect_text(reply, item_row(sku, name, 5, 10));
    kit_because("the lesson: readers need no lock that a waiting writer holds");
    kit_sql(database, "COMMIT");
    kit_expect_status(kit_read_reply(client), 200);
}
END_TEST

enum { TAKERS = 16, THERE = 9 };

START_TEST(parallel_takes_add_up)
{
    struct kit_program *server = serve();
    const char *sku = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, kit_word(), 5, THERE);
    struct kit_connection **clients = kit_connect_many(server, TAKERS);
    struct kit_bytes requests[TAKERS];
    for (size_t i = 0; i < TAKERS; i++)
        requests[i] = kit_text(
            kit_submission(server, "POST", kit_format("/items/%s/take", sku), "quantity", "1"));
    kit_sql(database, "BEGIN IMMEDIATE");
    kit_send_together(clients, TAKERS, requests);
    kit_wait_until_idle(server);
    kit_sql(database, "COMMIT");
    struct kit_reply **replies = kit_read_replies(clients, TAKERS);
    int taken = 0;
    for (size_t i = 0; i < TAKERS; i++) {
        kit_expect_status(replies[i], 200, 409);
        taken += replies[i]->status == 200;
    }
    kit_expect(taken == THERE, "%d of %d pieces are said to be taken, and there were %d", taken,
               TAKERS, THERE);
    kit_because("the lesson: the test for what is there and the change are one statement");
    expect_stock(database, sku, 0);
}
END_TEST

START_TEST(lock_that_stays_is_503)
{
    kit_environment("BUSY_TIMEOUT_MS", "200");
    struct kit_program *server = serve();
    const char *sku = kit_word();
    struct kit_database *database = open_database();
    put_item(database, sku, kit_word(), 5, 10);
    kit_sql(database, "BEGIN IMMEDIATE");
    kit_when_stuck("no answer comes while the lock stays",
                   "the lesson: after BUSY_TIMEOUT_MS the answer is 503");
    kit_expect_status(kit_read_reply(send_take(server, sku, "4")), 503);
    kit_because("the lesson: after BUSY_TIMEOUT_MS the answer is 503 (RFC 9110 15.6.4)");
    kit_sql(database, "COMMIT");
    kit_expect_status(kit_read_reply(send_take(server, sku, "4")), 200);
    kit_because("the lesson: when the lock is gone all goes on");
}
END_TEST

// ---------------------------------------------------------------- migration

// A file as the program's first version made it.
static struct kit_database *make_old_file(void)
{
    struct kit_database *database = kit_sqlite_new(FILE_NAME);
    kit_sql(database, "CREATE TABLE items ("
                      "id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
                      " price_cents INTEGER NOT NULL, stock INTEGER NOT NULL, supplier TEXT)");
    kit_sql(database, "PRAGMA user_version = 1");
    return database;
}

static void put_old_item(struct kit_database *database, int id, const char *sku, const char *name,
                         const char *supplier)
{
    kit_sql(database, "INSERT INTO items VALUES (?1, ?2, ?3, ?4, ?5, ?6)", NUMBER(id), sku, name,
            NUMBER(id * 10), NUMBER(id * 2), supplier);
}

START_TEST(old_rows_are_kept)
{
    const char *skus_of[] = {kit_word(), kit_word(), kit_word()}, *name = kit_word();
    const char *supplier = kit_word();
    struct kit_database *database = make_old_file();
    put_old_item(database, 3, skus_of[0], name, supplier);
    put_old_item(database, 8, skus_of[1], name, NULL);
    put_old_item(database, 21, skus_of[2], name, kit_word());
    kit_sqlite_close(database);
    struct kit_program *server = serve();
    database = open_database();
    kit_expect_rows(database, "the old items",
                    "SELECT id, sku, name, price_cents, stock FROM items ORDER BY id",
                    kit_format("3 | %s | %s | 30 | 6", skus_of[0], name),
                    kit_format("8 | %s | %s | 80 | 16", skus_of[1], name),
                    kit_format("21 | %s | %s | 210 | 42", skus_of[2], name));
    kit_because("the lesson: an upgrade loses nothing: each row, with its id");
    expect_text(kit_get(server, "/items/%s", skus_of[1]), item_row(skus_of[1], name, 80, 16));
    kit_expect_refused(database, "after the upgrade a stock below 0 is taken",
                       "UPDATE items SET stock = -1", "SQLITE_CONSTRAINT_CHECK");
    kit_because("the lesson: after the upgrade the tables are as those of a new file");
}
END_TEST

START_TEST(old_suppliers_become_rows)
{
    const char *skus_of[] = {kit_word(), kit_word(), kit_word(), kit_word()};
    const char *first = kit_format("a-%s", kit_word()), *second = kit_format("b-%s", kit_word());
    struct kit_database *database = make_old_file();
    put_old_item(database, 1, skus_of[0], kit_word(), second);
    put_old_item(database, 2, skus_of[1], kit_word(), first);
    put_old_item(database, 3, skus_of[2], kit_word(), second);
    put_old_item(database, 4, skus_of[3], kit_word(), NULL);
    kit_sqlite_close(database);
    serve();
    database = open_database();
    kit_expect_rows(database, "the suppliers", "SELECT name FROM suppliers ORDER BY name", first,
                    second);
    kit_because("the lesson: each supplier of the old file is one row of suppliers");
    kit_expect_rows(database, "the items' suppliers",
                    "SELECT sku, (SELECT name FROM suppliers WHERE suppliers.id = supplier_id)"
                    " AS supplier FROM items ORDER BY items.id",
                    kit_format("%s | %s", skus_of[0], second),
                    kit_format("%s | %s", skus_of[1], first),
                    kit_format("%s | %s", skus_of[2], second), kit_format("%s | NULL", skus_of[3]));
    kit_because("the lesson: an old item keeps its supplier");
}
END_TEST

// Without a page more than the file has, no table can be made.
START_TEST(failed_upgrade_changes_nothing)
{
    const char *sku = kit_word(), *name = kit_word(), *supplier = kit_word();
    struct kit_database *database = make_old_file();
    put_old_item(database, 5, sku, name, supplier);
    kit_sqlite_close(database);
    kit_environment("DISK_PAGES", NUMBER(kit_number(4, 6)));
    kit_when_stuck("the program serves a file that it could not upgrade",
                   "the lesson: app_start returns false, and the program ends with status 1");
    kit_sql_watch();
    kit_expect_exit(kit_run_arguments((const char *const[]){NULL}), 1);
    kit_because("the lesson: app_start returns false, and the program ends with status 1");
    database = open_database();
    kit_expect_rows(database, "the old file, after an upgrade that failed", "SELECT * FROM items",
                    kit_format("5 | %s | %s | 50 | 10 | %s", sku, name, supplier));
    kit_because("the lesson: the upgrade is one transaction");
    kit_expect_rows(database, "the tables, after an upgrade that failed",
                    "SELECT name FROM sqlite_schema WHERE type = 'table'", "items");
    kit_because("the lesson: the upgrade is one transaction");
}
END_TEST

START_TEST(newer_file_is_left_alone)
{
    const char *sku = kit_word();
    struct kit_database *database = make_old_file();
    put_old_item(database, 5, sku, kit_word(), NULL);
    kit_sql(database, kit_format("PRAGMA user_version = %lld", (long long)kit_number(3, 99)));
    kit_sqlite_close(database);
    kit_when_stuck("the program serves a file of a version that it does not know",
                   "the lesson: a version above 2 is none that this program knows");
    kit_sql_watch();
    kit_expect_exit(kit_run_arguments((const char *const[]){NULL}), 1);
    kit_because("the lesson: a version above 2 is none that this program knows");
    database = open_database();
    kit_expect_rows(database, "the newer file", "SELECT sku FROM items", sku);
    kit_expect_rows(database, "the tables of the newer file",
                    "SELECT name FROM sqlite_schema WHERE type = 'table'", "items");
    kit_because("the lesson: a file of a newer version is left alone");
}
END_TEST

// ---------------------------------------------------------------- all of them

void kit_checks(void)
{
    KIT_CHECK("schema", tables_have_their_columns);
    KIT_CHECK("schema", keys_are_unique);
    KIT_CHECK("schema", values_are_checked);
    KIT_CHECK("schema", references_are_declared);
    KIT_CHECK("schema", second_start_keeps_the_rows);
    KIT_CHECK("insert", item_is_inserted);
    KIT_CHECK("insert", strange_text_is_unharmed);
    KIT_CHECK("insert", large_numbers_are_exact);
    KIT_CHECK("insert", taken_sku_is_409);
    KIT_CHECK("insert", wrong_values_are_400);
    KIT_CHECK("read", item_is_read);
    KIT_CHECK("read", unknown_item_is_404);
    KIT_CHECK("read", reading_leaves_no_lock);
    KIT_CHECK("read", many_reads_use_up_nothing);
    KIT_CHECK("update-delete", update_changes_what_was_sent);
    KIT_CHECK("update-delete", update_of_nothing_is_404);
    KIT_CHECK("update-delete", delete_removes_one);
    KIT_CHECK("update-delete", delete_of_nothing_is_404);
    KIT_CHECK("update-delete", ordered_item_is_kept);
    KIT_CHECK("joins", supplier_is_inserted);
    KIT_CHECK("joins", item_gets_its_supplier);
    KIT_CHECK("joins", list_has_supplier_names);
    KIT_CHECK("joins", list_needs_one_statement);
    KIT_CHECK("aggregates", report_sums_by_supplier);
    KIT_CHECK("aggregates", supplier_without_items_has_zeros);
    KIT_CHECK("aggregates", sums_are_exact);
    KIT_CHECK("transaction", order_takes_from_the_stock);
    KIT_CHECK("transaction", failed_order_changes_nothing);
    KIT_CHECK("transaction", unknown_item_fails_the_order);
    KIT_CHECK("transaction", killed_in_the_middle_nothing_remains);
    KIT_CHECK("transaction", answer_says_what_was_committed, .waits = true);
    KIT_CHECK("transaction", full_disk_is_survived);
    KIT_CHECK("upsert", delivery_of_a_new_item_inserts_it);
    KIT_CHECK("upsert", delivery_adds_to_the_stock);
    KIT_CHECK("upsert", delivery_keeps_the_rest);
    KIT_CHECK("pages", pages_follow_each_other);
    KIT_CHECK("pages", last_page_may_be_full);
    KIT_CHECK("pages", changes_between_pages_move_nothing);
    KIT_CHECK("pages", deleted_row_still_leads_on);
    KIT_CHECK("index", items_of_a_supplier_are_found_by_index);
    KIT_CHECK("index", catalogue_is_read_in_the_order_of_an_index);
    KIT_CHECK("concurrent-writers", take_lowers_the_stock);
    KIT_CHECK("concurrent-writers", writer_waits_for_a_lock);
    KIT_CHECK("concurrent-writers", no_update_is_lost);
    KIT_CHECK("concurrent-writers", reads_go_on_beside_a_writer);
    KIT_CHECK("concurrent-writers", parallel_takes_add_up);
    KIT_CHECK("concurrent-writers", lock_that_stays_is_503, .waits = true);
    KIT_CHECK("migration", old_rows_are_kept);
    KIT_CHECK("migration", old_suppliers_become_rows);
    KIT_CHECK("migration", failed_upgrade_changes_nothing);
    KIT_CHECK("migration", newer_file_is_left_alone);
}
