/* Any text as a template: refused with its line, or it renders, within its bounds. */
#include <gnswatch/template.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char json[] = "{\"a\":{\"b\":[1,{\"c\":\"<x>\\n\\\"\"},[]]},\"b\":1795439100000,"
                               "\"c\":\"é\",\"d\":-1.5e300,"
                               "\"l\":[{\"a\":1},{\"a\":null},3,\"\"]}";
    char *text = fuzz_text(data, size), why[300] = "";
    int error = gw_template_check(text, why, sizeof(why));
    fuzz_check(!error == !why[0]);
    for (int escape = GW_ESCAPE_NONE; escape <= GW_ESCAPE_JSON; escape++) {
        const struct gw_template_options options = {.size = sizeof(options),
                                                    .escape = (enum gw_escape)escape,
                                                    .zone = "Europe/Paris",
                                                    .bytes_max = 4096};
        char *result = gw_template_render(text, json, &options, why, sizeof(why));
        fuzz_check(result ? !error && strlen(result) <= 4096 : why[0] != '\0');
        free(result);
    }
    free(text);
    return 0;
}
