// SPDX-License-Identifier: MIT
/*
 * A connection for each thread, which lives as long as the program; a write-ahead log; statements
 * that are prepared once and reset; tables that are STRICT, in another order of columns;
 * an upgrade that alters the old table; a cursor in hexadecimal; a busy handler of its own.
 */
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "database.h"
#include "http.h"

// ---------------------------------------------------------------- statements, prepared once

enum {
    INSERT_ITEM,
    FIND_SUPPLIER,
    GET_ITEM,
    SET_NAME,
    SET_PRICE,
    DELETE_ITEM,
    ALL_ITEMS,
    ITEMS_OF,
    INSERT_SUPPLIER,
    REPORT,
    INSERT_ORDER,
    INSERT_LINE,
    TAKE,
    ADD_STOCK,
    FIRST_PAGE,
    NEXT_PAGE,
    BEGIN,
    COMMIT,
    ROLLBACK,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [INSERT_ITEM] = "insert into items (sku, name, price_cents, stock, supplier_id) values "
                    "(:sku, :name, :price, :stock, :supplier)",
    [FIND_SUPPLIER] = "SELECT id FROM suppliers WHERE name = :name",
    [GET_ITEM] = "SELECT sku, name, price_cents, stock, id FROM items WHERE sku = :sku",
    [SET_NAME] = "update items set name = :name where sku = :sku",
    [SET_PRICE] = "update items set price_cents = :price where sku = :sku",
    [DELETE_ITEM] = "delete from items where sku = :sku",
    [ALL_ITEMS] = "SELECT sku, name, price_cents, stock, (SELECT name FROM suppliers WHERE id = "
                  "items.supplier_id) FROM items ORDER BY sku",
    [ITEMS_OF] = "SELECT sku, items.name, price_cents, stock, :name FROM items WHERE supplier_id = "
                 "(SELECT id FROM suppliers WHERE name = :name) ORDER BY sku",
    [INSERT_SUPPLIER] = "insert into suppliers (name) values (:name)",
    [REPORT] = "SELECT name, (SELECT count(*) FROM items WHERE supplier_id = s.id), (SELECT "
               "ifnull(sum(stock), 0) FROM items WHERE supplier_id = s.id), (SELECT "
               "ifnull(sum(stock * price_cents), 0) FROM items WHERE supplier_id = s.id) FROM "
               "suppliers s ORDER BY name",
    [INSERT_ORDER] = "insert into orders (customer) values (:name)",
    [INSERT_LINE] = "insert into order_lines (order_id, item_id, quantity, price_cents) values "
                    "(:order, :item, :stock, :price)",
    [TAKE] = "update items set stock = stock - :stock where sku = :sku and stock >= :stock",
    [ADD_STOCK] = "update items set stock = stock + :stock, price_cents = :price where sku = :sku",
    [FIRST_PAGE] = "SELECT sku, price_cents FROM items ORDER BY price_cents, sku LIMIT :stock",
    [NEXT_PAGE] = "SELECT sku, price_cents FROM items WHERE price_cents >= :price AND "
                  "(price_cents, sku) > (:price, :sku) ORDER BY price_cents, sku LIMIT :stock",
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
};

struct own {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    struct own *next;
};
static _Thread_local struct own *own;
static struct own *all; // to close them
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
#define db (own->db)
#define statements (own->statements)

static sqlite3_stmt *use(int which)
{
    if (statements[which] == NULL)
        sqlite3_prepare_v3(db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, &statements[which],
                           NULL);
    if (statements[which] != NULL)
        sqlite3_clear_bindings(statements[which]);
    return statements[which];
}

static void put_text(sqlite3_stmt *s, const char *name, const char *value)
{
    sqlite3_bind_text(s, sqlite3_bind_parameter_index(s, name), value, -1, SQLITE_STATIC);
}

static void put_number(sqlite3_stmt *s, const char *name, int64_t value)
{
    sqlite3_bind_int64(s, sqlite3_bind_parameter_index(s, name), value);
}

// The last error of the step, kept: reset can give another one.
static int run(sqlite3_stmt *s)
{
    if (s == NULL)
        return sqlite3_extended_errcode(db);
    int code = sqlite3_step(s);
    sqlite3_reset(s);
    return code;
}

static void refuse(struct answer *answer, int code)
{
    int status = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_FOREIGNKEY ? 409
                 : (code & 0xff) == SQLITE_CONSTRAINT                                     ? 400
                 : (code & 0xff) == SQLITE_BUSY                                           ? 503
                 : (code & 0xff) == SQLITE_FULL                                           ? 507
                                                                                          : 500;
    answer_error(answer, status, sqlite3_errstr(code));
}

static int rows(sqlite3_stmt *s, struct answer *answer, int columns)
{
    int count = 0, code;
    for (; (code = sqlite3_step(s)) == SQLITE_ROW; count++) {
        for (int i = 0; i < columns; i++) {
            if (sqlite3_column_type(s, i) == SQLITE_INTEGER)
                answer_integer(answer, sqlite3_column_int64(s, i));
            else
                answer_text(answer, (const char *)sqlite3_column_text(s, i));
        }
        answer_end_row(answer);
    }
    sqlite3_reset(s);
    if (code != SQLITE_DONE)
        refuse(answer, code);
    return count;
}

static int show(const char *sku, struct answer *answer)
{
    sqlite3_stmt *s = use(GET_ITEM);
    put_text(s, ":sku", sku);
    int count = rows(s, answer, 4);
    if (count == 0)
        answer_error(answer, 404, "no such item");
    return count;
}

// ---------------------------------------------------------------- requests

static void insert(const struct request *r, struct answer *answer)
{
    const char *sku = request_field(r, "sku"), *supplier = request_field(r, "supplier");
    int64_t price, stock;
    if (!request_integer(r, "price_cents", &price) || !request_integer(r, "stock", &stock)) {
        answer_error(answer, 400, "numbers are missing");
        return;
    }
    sqlite3_stmt *s = use(INSERT_ITEM);
    if (supplier != NULL) {
        sqlite3_stmt *find = use(FIND_SUPPLIER);
        put_text(find, ":name", supplier);
        if (sqlite3_step(find) == SQLITE_ROW)
            put_number(s, ":supplier", sqlite3_column_int64(find, 0));
        else
            supplier = "";
        sqlite3_reset(find);
        if (*supplier == '\0') {
            answer_error(answer, 400, "no such supplier");
            return;
        }
    }
    put_text(s, ":sku", sku);
    put_text(s, ":name", request_field(r, "name"));
    put_number(s, ":price", price);
    put_number(s, ":stock", stock);
    int code = run(s);
    if (code != SQLITE_DONE)
        refuse(answer, code);
    else if (show(sku, answer))
        answer_status(answer, 201);
}

static void patch(const char *sku, const struct request *r, struct answer *answer)
{
    int64_t price;
    int code = run(use(BEGIN));
    if (code == SQLITE_DONE && request_field(r, "name") != NULL) {
        sqlite3_stmt *s = use(SET_NAME);
        put_text(s, ":name", request_field(r, "name"));
        put_text(s, ":sku", sku);
        code = run(s);
    }
    if (code == SQLITE_DONE && request_integer(r, "price_cents", &price)) {
        sqlite3_stmt *s = use(SET_PRICE);
        put_number(s, ":price", price);
        put_text(s, ":sku", sku);
        code = run(s);
    }
    if (code == SQLITE_DONE)
        code = run(use(COMMIT));
    if (code != SQLITE_DONE) {
        run(use(ROLLBACK));
        refuse(answer, code);
    } else {
        show(sku, answer);
    }
}

static void erase(const char *sku, struct answer *answer)
{
    if (show(sku, answer) == 0)
        return;
    sqlite3_stmt *s = use(DELETE_ITEM);
    put_text(s, ":sku", sku);
    int code = run(s);
    if (code == SQLITE_DONE)
        answer_status(answer, 204);
    else
        refuse(answer, code);
}

static void take(const char *sku, const struct request *r, struct answer *answer)
{
    int64_t quantity = 0;
    request_integer(r, "quantity", &quantity);
    sqlite3_stmt *s = use(TAKE);
    put_text(s, ":sku", sku);
    put_number(s, ":stock", quantity);
    int code = run(s);
    int changed = sqlite3_changes(db);
    if (code != SQLITE_DONE)
        refuse(answer, code);
    else if (show(sku, answer) && changed == 0)
        answer_status(answer, 409);
}

static void supply(const struct request *r, struct answer *answer)
{
    sqlite3_stmt *s = use(INSERT_SUPPLIER);
    put_text(s, ":name", request_field(r, "name"));
    int code = run(s);
    if (code != SQLITE_DONE) {
        refuse(answer, code);
        return;
    }
    answer_status(answer, 201);
    answer_text(answer, request_field(r, "name"));
    answer_end_row(answer);
}

// 0: the line is written; else the answer's status.
static int order_line(int64_t order, const char *sku, int64_t quantity, struct answer *answer)
{
    sqlite3_stmt *find = use(GET_ITEM), *line = use(INSERT_LINE), *lower = use(TAKE);
    put_text(find, ":sku", sku);
    bool there = sqlite3_step(find) == SQLITE_ROW;
    put_number(line, ":order", order);
    put_number(line, ":item", there ? sqlite3_column_int64(find, 4) : 0);
    put_number(line, ":price", there ? sqlite3_column_int64(find, 2) : 0);
    put_number(line, ":stock", quantity);
    sqlite3_reset(find);
    if (!there) {
        answer_error(answer, 404, "no such item");
        return 404;
    }
    put_text(lower, ":sku", sku);
    put_number(lower, ":stock", quantity);
    int code = run(lower);
    int changed = sqlite3_changes(db);
    if (code == SQLITE_DONE && changed == 0) {
        answer_error(answer, 409, "not so many");
        return 409;
    }
    if (code == SQLITE_DONE)
        code = run(line);
    if (code == SQLITE_DONE)
        return 0;
    refuse(answer, code);
    return 1;
}

static void order(const struct request *r, struct answer *answer)
{
    int code = run(use(BEGIN));
    if (code != SQLITE_DONE) {
        refuse(answer, code);
        return;
    }
    sqlite3_stmt *s = use(INSERT_ORDER);
    put_text(s, ":name", request_field(r, "customer"));
    code = run(s);
    int64_t id = sqlite3_last_insert_rowid(db), quantity = 0;
    int status = 0;
    for (int i = 0; code == SQLITE_DONE && status == 0 && request_field_at(r, "sku", i) != NULL;
         i++) {
        request_integer_at(r, "quantity", i, &quantity);
        status = order_line(id, request_field_at(r, "sku", i), quantity, answer);
    }
    if (code == SQLITE_DONE && status == 0)
        code = run(use(COMMIT));
    if (code != SQLITE_DONE)
        refuse(answer, code);
    if (!sqlite3_get_autocommit(db))
        run(use(ROLLBACK));
    if (code != SQLITE_DONE || status != 0)
        return;
    answer_status(answer, 201);
    answer_integer(answer, id);
    answer_end_row(answer);
}

// An UPDATE first; where it finds nothing, an INSERT, in one transaction.
static void deliver(const struct request *r, struct answer *answer)
{
    const char *sku = request_field(r, "sku");
    int64_t price = -1, quantity = -1;
    request_integer(r, "price_cents", &price);
    request_integer(r, "quantity", &quantity);
    int code = run(use(BEGIN)), status = 200;
    if (code == SQLITE_DONE) {
        sqlite3_stmt *s = use(ADD_STOCK);
        put_text(s, ":sku", sku);
        put_number(s, ":price", price);
        put_number(s, ":stock", quantity);
        code = run(s);
    }
    if (code == SQLITE_DONE && sqlite3_changes(db) == 0) {
        status = 201;
        sqlite3_stmt *s = use(INSERT_ITEM);
        put_text(s, ":sku", sku);
        put_text(s, ":name", request_field(r, "name"));
        put_number(s, ":price", price);
        put_number(s, ":stock", quantity);
        code = run(s);
    }
    if (code == SQLITE_DONE)
        code = run(use(COMMIT));
    if (code != SQLITE_DONE) {
        refuse(answer, code);
        if (!sqlite3_get_autocommit(db))
            run(use(ROLLBACK));
        return;
    }
    if (show(sku, answer))
        answer_status(answer, status);
}

static void page(const struct request *r, struct answer *answer)
{
    int64_t limit = 50;
    request_integer(r, "limit", &limit);
    const char *after = request_field(r, "after");
    char *end = NULL;
    sqlite3_stmt *s = use(after == NULL ? FIRST_PAGE : NEXT_PAGE);
    if (after != NULL) {
        put_number(s, ":price", (int64_t)strtoull(after, &end, 16));
        put_text(s, ":sku", end + (*end == ':'));
    }
    put_number(s, ":stock", limit + 1);
    char cursor[512] = "";
    while (sqlite3_step(s) == SQLITE_ROW) {
        if (limit-- == 0) {
            answer_text(answer, "next");
            answer_text(answer, cursor);
            answer_end_row(answer);
            break;
        }
        const char *sku = (const char *)sqlite3_column_text(s, 0);
        answer_text(answer, sku);
        answer_integer(answer, sqlite3_column_int64(s, 1));
        answer_end_row(answer);
        snprintf(cursor, sizeof cursor, "%llx:%s", (long long)sqlite3_column_int64(s, 1), sku);
    }
    sqlite3_reset(s);
}

// ---------------------------------------------------------------- all of it

static void route(const struct request *r, struct answer *answer)
{
    const char *sku;
    if (request_is(r, "POST", "/items"))
        insert(r, answer);
    else if ((sku = request_name(r, "POST", "/items/", "/take")) != NULL)
        take(sku, r, answer);
    else if ((sku = request_name(r, "GET", "/items/", "")) != NULL)
        show(sku, answer);
    else if ((sku = request_name(r, "PATCH", "/items/", "")) != NULL)
        patch(sku, r, answer);
    else if ((sku = request_name(r, "DELETE", "/items/", "")) != NULL)
        erase(sku, answer);
    else if (request_is(r, "POST", "/suppliers"))
        supply(r, answer);
    else if (request_is(r, "POST", "/orders"))
        order(r, answer);
    else if (request_is(r, "POST", "/deliveries"))
        deliver(r, answer);
    else if (request_is(r, "GET", "/catalogue"))
        page(r, answer);
    else if (request_is(r, "GET", "/report"))
        rows(use(REPORT), answer, 4);
    else if (request_is(r, "GET", "/items")) {
        const char *supplier = request_field(r, "supplier");
        sqlite3_stmt *s = use(supplier == NULL ? ALL_ITEMS : ITEMS_OF);
        if (supplier != NULL)
            put_text(s, ":name", supplier);
        rows(s, answer, 5);
    } else
        answer_error(answer, 404, "nothing");
}

static int when_busy(void *context, int tries)
{
    (void)context;
    const char *text = getenv("BUSY_TIMEOUT_MS");
    if (tries * 5 > (text != NULL ? atoi(text) : 5000))
        return 0;
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    return 1;
}

static bool upgrade(void)
{
    static const char suppliers[] = "create table if not exists suppliers (name text not null "
                                    "unique, id integer primary key) strict;";
    static const char rest[] =
        "create table orders (customer text not null, id integer primary key) strict;"
        "create table order_lines (item_id integer not null references items (id), order_id "
        "integer not null references orders (id), price_cents integer not null, quantity integer "
        "not null check (quantity > 0), primary key (item_id, order_id)) strict;"
        "create index a on items (supplier_id); create index b on items (price_cents, sku);"
        "pragma user_version = 2;";
    static const char items[] =
        "create table new_items (supplier_id integer references suppliers (id), stock integer not "
        "null check (stock >= 0), price_cents integer not null check (price_cents >= 0), name "
        "text not null, sku text not null unique, id integer primary key) strict;";
    static const char move[] =
        "insert or ignore into suppliers (name) select supplier from items where supplier not "
        "null;"
        "insert into new_items select (select id from suppliers where name = supplier), stock, "
        "price_cents, name, sku, id from items; drop table items;";
    sqlite3_stmt *s;
    int version = -1;
    sqlite3_prepare_v2(db, "pragma user_version", -1, &s, NULL);
    if (sqlite3_step(s) == SQLITE_ROW)
        version = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    if (version == 2)
        return true;
    bool good = version == 0 || version == 1;
    good = good && sqlite3_exec(db, suppliers, NULL, NULL, NULL) == SQLITE_OK;
    good = good && sqlite3_exec(db, items, NULL, NULL, NULL) == SQLITE_OK;
    good = good && (version == 0 || sqlite3_exec(db, move, NULL, NULL, NULL) == SQLITE_OK);
    good = good &&
           sqlite3_exec(db, "alter table new_items rename to items", NULL, NULL, NULL) == SQLITE_OK;
    return good && sqlite3_exec(db, rest, NULL, NULL, NULL) == SQLITE_OK;
}

static bool connect_thread(void)
{
    own = calloc(1, sizeof *own);
    if (own == NULL || sqlite3_open(database_file(), &db) != SQLITE_OK)
        return false;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_handler(db, when_busy, NULL);
    sqlite3_exec(db, "pragma foreign_keys = on", NULL, NULL, NULL);
    pthread_mutex_lock(&turn);
    own->next = all;
    all = own;
    pthread_mutex_unlock(&turn);
    return true;
}

void app_answer(const struct request *r, struct answer *answer)
{
    if (own == NULL && !connect_thread())
        abort();
    route(r, answer);
}

bool app_start(void)
{
    bool good = connect_thread() &&
                sqlite3_exec(db, "begin exclusive", NULL, NULL, NULL) == SQLITE_OK && upgrade() &&
                sqlite3_exec(db, "commit", NULL, NULL, NULL) == SQLITE_OK;
    if (good)
        sqlite3_exec(db, "pragma journal_mode = wal", NULL, NULL, NULL);
    else
        fprintf(stderr, "no database: %s\n", sqlite3_errmsg(db));
    if (!good)
        app_stop();
    return good;
}

void app_stop(void)
{
    while ((own = all) != NULL) {
        all = own->next;
        for (int i = 0; i < STATEMENTS; i++)
            sqlite3_finalize(statements[i]);
        sqlite3_close(db);
        free(own);
    }
}
