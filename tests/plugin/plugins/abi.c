/* abi - descriptors as other versions of the interface would make them. Built once for each NAME,
 * with MAJOR, MINOR and BYTES. What lies beyond BYTES must not be read: it is poisoned. */
#include <gnswatch/plugin.h>
#include <stddef.h>

#define TEXT(x)  #x
#define QUOTE(x) TEXT(x)

GW_API extern const struct gw_descriptor gnswatch_plugin;
const struct gw_descriptor gnswatch_plugin = {
    .abi_major = MAJOR,
    .abi_minor = MINOR,
    .size = BYTES,
    .name = QUOTE(NAME),
    .version = "1.0",
    .summary = "Of another version",
#if defined(WITH_PAGES)
    .pages = (const struct gw_page *)16,
#else
    .stop = (void (*)(struct gw_plugin *, void *))16,
#endif
};
