/* A file like collectd's types.db. */
#include "fuzz.h"

#include "exec/types_db.h"

#include <math.h>

static void on_error(void *data, unsigned line, const char *why, const char *text)
{
    (void)data;
    fuzz_check(line > 0 && *why && text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct types_db db = {.keep = {.max_bytes = 65536}};
    char *text = fuzz_text(data, size);
    types_db_read(&db, text, on_error, NULL);
    for (const struct types_type *type = db.first; type; type = type->next) {
        fuzz_check(type->count >= 1 && type->count <= TYPES_SOURCES_MAX && *type->name);
        for (unsigned i = 0; i < type->count; i++)
            fuzz_check(*type->sources[i].name && type->sources[i].kind >= TYPES_GAUGE &&
                       !isinf(type->sources[i].min));
    }
    types_db_fini(&db);
    fuzz_check(db.keep.bytes == 0);
    free(text);
    return 0;
}
