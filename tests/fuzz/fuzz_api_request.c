/* Targets, times and routes: whatever a client sends is read or refused. */
#include "api/request.h"
#include "api/route.h"
#include "fuzz.h"

static void match_all(const char *path)
{
    for (size_t t = 0; route_tables[t]; t++) {
        for (const struct route *route = route_tables[t]; route->path; route++) {
            char *captures[CAPTURES_MAX] = {0};
            bool matches = route_matches(route->path, path, captures);
            for (size_t i = 0; i < CAPTURES_MAX; i++) {
                fuzz_check(matches || !captures[i]);
                fuzz_check(!captures[i] || strstr(path, captures[i]));
                free(captures[i]);
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request *request = request_new(NULL, METHOD_GET);
    fuzz_check(request);
    char *copy = malloc(size + 1); /* without a NUL at its end, so reading past it is caught */
    fuzz_check(copy);
    if (size)
        memcpy(copy, data, size);
    if (request_parse_target(request, copy, size) == 0) {
        fuzz_check(request->path[0] == '/' && strlen(request->path) <= size);
        match_all(request->path);
        for (size_t i = 0; i < request->parameter_count; i++) {
            int64_t ms;
            const char *value = request->parameters[i].value;
            if (time_parse(value, INT64_C(1700000000000), &ms) == 0 && value[0] == '-')
                fuzz_check(ms <= INT64_C(1700000000000));
            request_int(request, request->parameters[i].name, 0, 100, 0, &ms);
        }
    }
    request_free(request);
    free(copy);
    return 0;
}
