/* What json_is_sound calls sound, the parser takes; and what is put as it is, is what was meant. */
#include "base/json_scan.h"
#include "base/json_sound.h"
#include "fuzz.h"

#include <jansson.h>

static void check_compact(const char *text, const json_t *tree, const struct json_sound *sound)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    json_compact(text, &out);
    fuzz_check(sound->compact == (strcmp(out.data, text) == 0));
    json_t *again = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    fuzz_check(json_equal(tree, again));
    json_decref(again);
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct json_sound sound;
    if (json_is_sound(text, &sound)) {
        json_t *tree = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        fuzz_check(json_is_object(tree));
        fuzz_check(sound.bytes == strlen(text));
        fuzz_check(sound.id == (json_object_get(tree, "id") != NULL));
        check_compact(text, tree, &sound);
        json_decref(tree);
    }
    free(text);
    return 0;
}
