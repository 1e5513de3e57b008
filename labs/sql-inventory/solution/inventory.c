// SPDX-License-Identifier: MIT
/*
 * An inventory: items, suppliers, orders. Each request opens a connection to the database of its
 * own, so that no thread sees another one's transaction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "schema.h"

// ---------------------------------------------------------------- statements

// What the database refused, as HTTP says it.
static void answer_refusal(sqlite3 *database, struct answer *answer)
{
    const char *why = sqlite3_errmsg(database);
    switch (sqlite3_extended_errcode(database)) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        answer_error(answer, 409, why);
        return;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL:
        answer_error(answer, 400, why);
        return;
    }
    switch (sqlite3_errcode(database) & 0xff) {
    case SQLITE_BUSY:
        answer_error(answer, 503, "the database is busy");
        return;
    case SQLITE_FULL:
        answer_error(answer, 507, "the disk is full");
        return;
    default:
        answer_error(answer, 500, why);
    }
}

// NULL when the database cannot even be read.
static sqlite3_stmt *prepare(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    return statement;
}

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}

// Runs a statement that gives no rows, and ends it. SQLITE_DONE, or an error.
static int finish(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    int end = sqlite3_finalize(statement);
    return end != SQLITE_OK ? end : code;
}

static void answer_columns(sqlite3_stmt *statement, struct answer *answer)
{
    for (int i = 0; i < sqlite3_column_count(statement); i++)
        answer_text(answer, (const char *)sqlite3_column_text(statement, i));
    answer_end_row(answer);
}

// All rows of a statement become rows of the answer; ends the statement. Returns how many; -1: an
// error, which is the answer.
static int answer_rows(sqlite3 *database, sqlite3_stmt *statement, struct answer *answer)
{
    int count = 0, code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        answer_columns(statement, answer);
        count++;
    }
    if (code != SQLITE_DONE) {
        answer_refusal(database, answer);
        count = -1;
    }
    sqlite3_finalize(statement);
    return count;
}

static void answer_item(sqlite3 *database, const char *sku, struct answer *answer)
{
    sqlite3_stmt *query =
        prepare(database, "SELECT sku, name, price_cents, stock FROM items WHERE sku = ?1");
    bind_text(query, 1, sku);
    if (answer_rows(database, query, answer) == 0)
        answer_error(answer, 404, "there is no such item");
}

static bool item_exists(sqlite3 *database, const char *sku)
{
    sqlite3_stmt *query = prepare(database, "SELECT 1 FROM items WHERE sku = ?1");
    bind_text(query, 1, sku);
    bool exists = sqlite3_step(query) == SQLITE_ROW;
    sqlite3_finalize(query);
    return exists;
}

// ---------------------------------------------------------------- items

static void item_insert(sqlite3 *database, const struct request *request, struct answer *answer)
{
    const char *sku = request_field(request, "sku");
    const char *name = request_field(request, "name");
    const char *supplier = request_field(request, "supplier");
    int64_t price, stock;
    if (sku == NULL || name == NULL || !request_integer(request, "price_cents", &price) ||
        !request_integer(request, "stock", &stock)) {
        answer_error(answer, 400, "an item needs sku, name, price_cents and stock");
        return;
    }
    // A supplier that is not there gives no row, and nothing is inserted.
    sqlite3_stmt *insert = prepare(
        database, supplier == NULL
                      ? "INSERT INTO items (sku, name, price_cents, stock) VALUES (?1, ?2, ?3, ?4)"
                      : "INSERT INTO items (sku, name, price_cents, stock, supplier_id) "
                        "SELECT ?1, ?2, ?3, ?4, id FROM suppliers WHERE name = ?5");
    bind_text(insert, 1, sku);
    bind_text(insert, 2, name);
    sqlite3_bind_int64(insert, 3, price);
    sqlite3_bind_int64(insert, 4, stock);
    if (supplier != NULL)
        bind_text(insert, 5, supplier);
    if (finish(insert) != SQLITE_DONE) {
        answer_refusal(database, answer);
    } else if (sqlite3_changes(database) == 0) {
        answer_error(answer, 400, "there is no such supplier");
    } else {
        answer_status(answer, 201);
        answer_item(database, sku, answer);
    }
}

static void item_update(sqlite3 *database, const char *sku, const struct request *request,
                        struct answer *answer)
{
    int64_t price;
    bool has_price = request_field(request, "price_cents") != NULL;
    if (has_price && !request_integer(request, "price_cents", &price)) {
        answer_error(answer, 400, "price_cents is no number");
        return;
    }
    // A parameter that is not bound is NULL: the column keeps its value.
    sqlite3_stmt *update =
        prepare(database, "UPDATE items SET name = coalesce(?2, name),"
                          " price_cents = coalesce(?3, price_cents) WHERE sku = ?1");
    bind_text(update, 1, sku);
    bind_text(update, 2, request_field(request, "name"));
    if (has_price)
        sqlite3_bind_int64(update, 3, price);
    if (finish(update) != SQLITE_DONE)
        answer_refusal(database, answer);
    else
        answer_item(database, sku, answer);
}

static void item_delete(sqlite3 *database, const char *sku, struct answer *answer)
{
    sqlite3_stmt *delete = prepare(database, "DELETE FROM items WHERE sku = ?1");
    bind_text(delete, 1, sku);
    if (finish(delete) != SQLITE_DONE)
        answer_refusal(database, answer);
    else if (sqlite3_changes(database) == 0)
        answer_error(answer, 404, "there is no such item");
    else
        answer_status(answer, 204);
}

static void item_list(sqlite3 *database, const struct request *request, struct answer *answer)
{
    const char *supplier = request_field(request, "supplier");
    sqlite3_stmt *query = prepare(
        database,
        supplier == NULL
            ? "SELECT sku, items.name, price_cents, stock, suppliers.name FROM items"
              " LEFT JOIN suppliers ON suppliers.id = supplier_id ORDER BY sku"
            : "SELECT sku, items.name, price_cents, stock, suppliers.name FROM suppliers"
              " JOIN items ON supplier_id = suppliers.id WHERE suppliers.name = ?1 ORDER BY sku");
    if (supplier != NULL)
        bind_text(query, 1, supplier);
    answer_rows(database, query, answer);
}

// One statement tests and changes: nobody comes in between.
static void item_take(sqlite3 *database, const char *sku, const struct request *request,
                      struct answer *answer)
{
    int64_t quantity;
    if (!request_integer(request, "quantity", &quantity) || quantity < 1) {
        answer_error(answer, 400, "quantity is no number above 0");
        return;
    }
    sqlite3_stmt *update =
        prepare(database, "UPDATE items SET stock = stock - ?2 WHERE sku = ?1 AND stock >= ?2");
    bind_text(update, 1, sku);
    sqlite3_bind_int64(update, 2, quantity);
    if (finish(update) != SQLITE_DONE) {
        answer_refusal(database, answer);
        return;
    }
    if (sqlite3_changes(database) == 1)
        answer_item(database, sku, answer);
    else if (item_exists(database, sku))
        answer_error(answer, 409, "there are not so many");
    else
        answer_error(answer, 404, "there is no such item");
}

// ---------------------------------------------------------------- suppliers

static void supplier_insert(sqlite3 *database, const struct request *request, struct answer *answer)
{
    const char *name = request_field(request, "name");
    sqlite3_stmt *insert = prepare(database, "INSERT INTO suppliers (name) VALUES (?1)");
    bind_text(insert, 1, name);
    if (finish(insert) != SQLITE_DONE) {
        answer_refusal(database, answer);
        return;
    }
    answer_status(answer, 201);
    answer_text(answer, name);
    answer_end_row(answer);
}

static void report(sqlite3 *database, struct answer *answer)
{
    sqlite3_stmt *query =
        prepare(database, "SELECT suppliers.name, count(items.id), coalesce(sum(stock), 0),"
                          " coalesce(sum(stock * price_cents), 0) FROM suppliers"
                          " LEFT JOIN items ON supplier_id = suppliers.id"
                          " GROUP BY suppliers.id ORDER BY suppliers.name");
    answer_rows(database, query, answer);
}

// ---------------------------------------------------------------- orders

// Takes the items out of the stock and writes the line. False: the answer says why not.
static bool order_add_line(sqlite3 *database, int64_t order, const char *sku, int64_t quantity,
                           struct answer *answer)
{
    sqlite3_stmt *insert =
        prepare(database, "INSERT INTO order_lines (order_id, item_id, quantity, price_cents)"
                          " SELECT ?1, id, ?3, price_cents FROM items WHERE sku = ?2");
    sqlite3_bind_int64(insert, 1, order);
    bind_text(insert, 2, sku);
    sqlite3_bind_int64(insert, 3, quantity);
    if (finish(insert) != SQLITE_DONE) {
        answer_refusal(database, answer);
        return false;
    }
    if (sqlite3_changes(database) == 0) {
        answer_error(answer, 404, "there is no such item");
        return false;
    }
    sqlite3_stmt *update =
        prepare(database, "UPDATE items SET stock = stock - ?2 WHERE sku = ?1 AND stock >= ?2");
    bind_text(update, 1, sku);
    sqlite3_bind_int64(update, 2, quantity);
    if (finish(update) != SQLITE_DONE) {
        answer_refusal(database, answer);
        return false;
    }
    if (sqlite3_changes(database) == 0) {
        answer_error(answer, 409, "there are not so many");
        return false;
    }
    return true;
}

static bool order_write(sqlite3 *database, const struct request *request, struct answer *answer)
{
    sqlite3_stmt *insert = prepare(database, "INSERT INTO orders (customer) VALUES (?1)");
    bind_text(insert, 1, request_field(request, "customer"));
    if (finish(insert) != SQLITE_DONE) {
        answer_refusal(database, answer);
        return false;
    }
    int64_t order = sqlite3_last_insert_rowid(database);
    const char *sku;
    for (int i = 0; (sku = request_field_at(request, "sku", i)) != NULL; i++) {
        int64_t quantity;
        if (!request_integer_at(request, "quantity", i, &quantity)) {
            answer_error(answer, 400, "each sku needs a quantity");
            return false;
        }
        if (!order_add_line(database, order, sku, quantity, answer))
            return false;
    }
    answer_status(answer, 201);
    answer_integer(answer, order);
    answer_end_row(answer);
    return true;
}

// All of the order, or nothing. Nothing is answered before COMMIT has succeeded.
static void order_insert(sqlite3 *database, const struct request *request, struct answer *answer)
{
    if (!database_run(database, "BEGIN IMMEDIATE")) {
        answer_refusal(database, answer);
        return;
    }
    if (!order_write(database, request, answer)) {
        database_run(database, "ROLLBACK");
    } else if (!database_run(database, "COMMIT")) {
        answer_refusal(database, answer);
        database_run(database, "ROLLBACK");
    }
}

// ---------------------------------------------------------------- deliveries

static void delivery(sqlite3 *database, const struct request *request, struct answer *answer)
{
    const char *sku = request_field(request, "sku");
    int64_t price, quantity;
    if (sku == NULL || !request_integer(request, "price_cents", &price) ||
        !request_integer(request, "quantity", &quantity) || quantity < 1) {
        answer_error(answer, 400, "a delivery needs sku, name, price_cents and quantity");
        return;
    }
    bool is_new = !item_exists(database, sku);
    sqlite3_stmt *upsert =
        prepare(database, "INSERT INTO items (sku, name, price_cents, stock)"
                          " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (sku) DO UPDATE SET"
                          " stock = stock + excluded.stock, price_cents = excluded.price_cents");
    bind_text(upsert, 1, sku);
    bind_text(upsert, 2, request_field(request, "name"));
    sqlite3_bind_int64(upsert, 3, price);
    sqlite3_bind_int64(upsert, 4, quantity);
    if (finish(upsert) != SQLITE_DONE) {
        answer_refusal(database, answer);
        return;
    }
    answer_status(answer, is_new ? 201 : 200);
    answer_item(database, sku, answer);
}

// ---------------------------------------------------------------- pages

/*
 * A page begins behind the last row of the one before, wherever that row would stand now: what was
 * inserted or deleted meanwhile moves nothing. The cursor is that row's place in the order: its
 * price and its sku, "250,bolt".
 */
static void catalogue(sqlite3 *database, const struct request *request, struct answer *answer)
{
    int64_t limit = 50, price = -1;
    const char *after = request_field(request, "after"), *sku = "";
    if (request_field(request, "limit") != NULL &&
        (!request_integer(request, "limit", &limit) || limit < 1 || limit > 100)) {
        answer_error(answer, 400, "limit is no number from 1 to 100");
        return;
    }
    if (after != NULL) {
        char *end;
        price = strtoll(after, &end, 10);
        if (*end != ',') {
            answer_error(answer, 400, "after is none of this server's");
            return;
        }
        sku = end + 1;
    }
    sqlite3_stmt *query =
        prepare(database, "SELECT sku, price_cents FROM items WHERE (price_cents, sku) > (?1, ?2)"
                          " ORDER BY price_cents, sku LIMIT ?3");
    sqlite3_bind_int64(query, 1, price);
    bind_text(query, 2, sku);
    sqlite3_bind_int64(query, 3, limit + 1); // one more than asked for: is there a next page?
    char *next = NULL;
    int64_t count = 0;
    int code;
    while ((code = sqlite3_step(query)) == SQLITE_ROW && count < limit) {
        answer_columns(query, answer);
        sqlite3_free(next);
        next = sqlite3_mprintf("%lld,%s", sqlite3_column_int64(query, 1),
                               sqlite3_column_text(query, 0));
        count++;
    }
    if (code == SQLITE_ROW) {
        answer_text(answer, "next");
        answer_text(answer, next);
        answer_end_row(answer);
    } else if (code != SQLITE_DONE) {
        answer_refusal(database, answer);
    }
    sqlite3_free(next);
    sqlite3_finalize(query);
}

// ---------------------------------------------------------------- all requests

static void route(sqlite3 *database, const struct request *request, struct answer *answer)
{
    const char *sku;
    if (request_is(request, "POST", "/items"))
        item_insert(database, request, answer);
    else if (request_is(request, "GET", "/items"))
        item_list(database, request, answer);
    else if ((sku = request_name(request, "GET", "/items/", "")) != NULL)
        answer_item(database, sku, answer);
    else if ((sku = request_name(request, "PATCH", "/items/", "")) != NULL)
        item_update(database, sku, request, answer);
    else if ((sku = request_name(request, "DELETE", "/items/", "")) != NULL)
        item_delete(database, sku, answer);
    else if ((sku = request_name(request, "POST", "/items/", "/take")) != NULL)
        item_take(database, sku, request, answer);
    else if (request_is(request, "POST", "/suppliers"))
        supplier_insert(database, request, answer);
    else if (request_is(request, "GET", "/report"))
        report(database, answer);
    else if (request_is(request, "POST", "/orders"))
        order_insert(database, request, answer);
    else if (request_is(request, "POST", "/deliveries"))
        delivery(database, request, answer);
    else if (request_is(request, "GET", "/catalogue"))
        catalogue(database, request, answer);
    else
        answer_error(answer, 404, "there is nothing here");
}

bool app_start(void)
{
    sqlite3 *database = database_open();
    if (database == NULL) {
        fprintf(stderr, "the database cannot be opened\n");
        return false;
    }
    bool ready = schema_prepare(database);
    sqlite3_close(database);
    return ready;
}

void app_answer(const struct request *request, struct answer *answer)
{
    sqlite3 *database = database_open();
    if (database == NULL) {
        answer_error(answer, 500, "the database cannot be opened");
        return;
    }
    route(database, request, answer);
    sqlite3_close(database);
}

void app_stop(void)
{
}
