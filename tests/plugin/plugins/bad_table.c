/* bad_table - built once for each mistake an author can make in a table: NAME, and one of BAD_*. */
#include <gnswatch/plugin.h>

#define TEXT(x)  #x
#define QUOTE(x) TEXT(x)

#if !defined(BAD_RUN)
static int run(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    return gw_reply(call, NULL);
}
#endif

static const struct gw_row options[] = {
#if defined(BAD_HELP)
    {.name = "size", .type = GW_INT},
#elif defined(BAD_DEFAULT)
    {.name = "size", .type = GW_INT, .def = "12", .min = 0, .max = 10, .help = "A size"},
#elif defined(BAD_LIST)
    {.name = "sizes", .type = GW_STRINGS, .def = "[big, small]", .help = "Sizes"},
#elif defined(BAD_TWICE)
    {.name = "size", .type = GW_INT, .help = "A size"},
    {.name = "size", .type = GW_INT, .help = "A size"},
#elif defined(BAD_RESERVED)
    {.name = "every", .type = GW_INT, .help = "A size"},
#elif defined(BAD_ENUM)
    {.name = "size", .type = GW_ENUM, .help = "A size"},
#endif
    {0},
};

static const struct gw_command commands[] = {
#if defined(BAD_PREFIX)
    {.name = "other.do", .help = "Does", .role = GW_VIEWER, .run = run},
#elif defined(BAD_ROLE)
    {.name = QUOTE(NAME) ".do", .help = "Does", .run = run},
#elif defined(BAD_RUN)
    {.name = QUOTE(NAME) ".do", .help = "Does", .role = GW_VIEWER},
#else
    {.name = QUOTE(NAME) ".do", .help = "Does", .role = GW_VIEWER, .run = run},
#endif
    {0},
};

static const struct gw_page pages[] = {
#if defined(BAD_PATH)
    {.path = "/api/other/report", .help = "A report", .types = "text/html", .run = run},
#elif defined(BAD_CAPTURE)
    {.path = "/api/" QUOTE(NAME) "/{day}", .help = "A day", .types = "text/html", .run = run},
#elif defined(BAD_TYPES)
    {.path = "/metrics", .help = "Metrics", .run = run},
#endif
    {0},
};

GW_PLUGIN(.name = QUOTE(NAME), .version = "1.0", .summary = "Has a mistake", .options = options,
          .commands = commands, .pages = pages);
