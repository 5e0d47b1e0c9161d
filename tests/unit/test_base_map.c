/* The hash map against a plain table, and the arena. */
#include "base/arena.h"
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void what_is_put_is_found(void **state)
{
    (void)state;
    struct map map;
    int one = 1, two = 2;
    map_init(&map);
    assert_null(map_get(&map, "a"));
    assert_null(map_remove(&map, "a"));
    assert_int_equal(map_put(&map, "a", &one), 0);
    assert_int_equal(map_put(&map, "", &two), 0);
    assert_ptr_equal(map_get(&map, "a"), &one);
    assert_ptr_equal(map_get(&map, ""), &two);
    assert_int_equal(map_put(&map, "a", &two), 0);
    assert_ptr_equal(map_get(&map, "a"), &two);
    assert_int_equal(map.count, 2);
    assert_ptr_equal(map_remove(&map, "a"), &two);
    assert_null(map_get(&map, "a"));
    assert_int_equal(map.count, 1);
    map_fini(&map);
}

static void keys_are_copied_and_keep_their_order(void **state)
{
    (void)state;
    struct map map;
    char key[16];
    map_init(&map);
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "key%d", i);
        assert_int_equal(map_put(&map, key, &map), 0);
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "key%d", i);
        assert_string_equal(map.entries[i].key, key);
    }
    map_fini(&map);
}

/* Puts and removes in a random but repeatable order, beside a table that cannot be wrong. */
static void many_puts_and_removes_agree_with_a_plain_table(void **state)
{
    (void)state;
    enum { KEYS = 500 };
    static int values[KEYS];
    bool there[KEYS] = {false};
    size_t count = 0;
    uint32_t random = 1;
    struct map map;
    map_init(&map);
    for (int step = 0; step < 50000; step++) {
        random = random * 1664525 + 1013904223; /* Knuth, Numerical Recipes */
        size_t i = random >> 16 & 0x1ff;
        if (i >= KEYS)
            continue;
        char key[16];
        snprintf(key, sizeof(key), "%zu", i);
        assert_ptr_equal(map_get(&map, key), there[i] ? &values[i] : NULL);
        if (random >> 28 < 8) {
            assert_int_equal(map_put(&map, key, &values[i]), 0);
            count += !there[i];
            there[i] = true;
        } else {
            assert_ptr_equal(map_remove(&map, key), there[i] ? &values[i] : NULL);
            count -= there[i];
            there[i] = false;
        }
        assert_int_equal(map.count, count);
    }
    for (size_t i = 0; i < map.count; i++)
        assert_ptr_equal(map_get(&map, map.entries[i].key), map.entries[i].value);
    map_fini(&map);
}

static void hashes_are_those_of_fnv(void **state)
{
    (void)state;
    assert_true(hash_bytes("", 0) == (0xcbf29ce484222325u ^ 0xcbf29ce4u));
    assert_true(hash_bytes("a", 1) == (0xaf63dc4c8601ec8cu ^ 0xaf63dc4cu));
}

static void arena_pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    unsigned char *last = NULL;
    for (size_t bytes = 0; bytes < 300; bytes++) {
        unsigned char *piece = arena_alloc(&arena, bytes);
        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % 16, 0);
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(piece[i], 0);
        memset(piece, 0xff, bytes);
        assert_ptr_not_equal(piece, last);
        last = piece;
    }
    assert_string_equal(arena_text(&arena, "hello world", 5), "hello");
    assert_non_null(arena_alloc(&arena, 100000)); /* larger than a block */
    assert_false(arena_failed(&arena));
    arena_fini(&arena);
}

static void the_arenas_limit_is_held_and_sticks(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 100);
    assert_non_null(arena_alloc(&arena, 100));
    assert_null(arena_alloc(&arena, 1));
    assert_true(arena_failed(&arena));
    assert_null(arena_alloc(&arena, 0));
    arena_fini(&arena);
    arena_init(&arena, 100);
    assert_null(arena_array(&arena, SIZE_MAX / 2, 4));
    assert_true(arena_failed(&arena));
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_found),
        cmocka_unit_test(keys_are_copied_and_keep_their_order),
        cmocka_unit_test(many_puts_and_removes_agree_with_a_plain_table),
        cmocka_unit_test(hashes_are_those_of_fnv),
        cmocka_unit_test(arena_pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(the_arenas_limit_is_held_and_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
