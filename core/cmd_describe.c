/* gnswatch describe: the tables, as text, as a sample file, or as OpenAPI. */
#include "cmd.h"

#include "api/api.h"
#include "daemon.h"
#include "nouns.h"

#include <stdio.h>
#include <stdlib.h>

const struct cli_option describe_options[] = {
    {.name = "conf", .letter = 'c', .arg = "DIR", .help = "Configuration, for its plugin_dirs"},
    {.name = "plugins", .arg = "DIR", .help = "Search here for plugins first", .repeats = true},
    {.name = "yaml", .help = "A commented sample file for conf.d"},
    {.name = "openapi", .help = "The HTTP interface as an OpenAPI 3.1 document"},
    {0},
};

enum { COMMON_SHOWN = 3 /* the sample begins with plugin and every; enabled speaks for itself */ };

static const char *role_name(enum gw_role role)
{
    return role == GW_ADMIN ? "admin" : role == GW_OPERATOR ? "operator" : "viewer";
}

static void add_commands(const struct gw_command *commands, struct buf *out)
{
    if (commands && commands->name)
        buf_adds(out, "\nCommands\n");
    for (const struct gw_command *command = commands; command && command->name; command++) {
        buf_printf(out, "  %s (%s)\n      %s\n", command->name, role_name(command->role),
                   command->help);
        table_text(command->params, 6, out);
    }
}

static void add_pages(const struct gw_page *pages, struct buf *out)
{
    if (pages && pages->path)
        buf_adds(out, "\nPages\n");
    for (const struct gw_page *page = pages; page && page->path; page++) {
        buf_printf(out, "  GET %s (%s; %s)\n      %s\n", page->path,
                   page->role ? role_name(page->role) : "everybody", page->types, page->help);
        table_text(page->params, 6, out);
    }
}

static void add_plugin(const struct gw_descriptor *descriptor, struct buf *out)
{
    buf_printf(out, "%s %s - %s\n", descriptor->name, descriptor->version, descriptor->summary);
    if (descriptor->every_ms)
        buf_printf(out, "A tick every %lld ms, unless its file says `every:`.\n",
                   (long long)descriptor->every_ms);
    if (descriptor->options && descriptor->options->name)
        buf_adds(out, "\nOptions\n");
    table_text(descriptor->options, 2, out);
    buf_adds(out, "\nOptions of every instance\n");
    table_text(conf_common_rows(), 2, out);
    if (descriptor->kinds && descriptor->kinds->name)
        buf_adds(out, "\nObjects\n");
    for (const struct gw_kind *kind = descriptor->kinds; kind && kind->name; kind++) {
        buf_printf(out, "  %s (/api/%s/%s)\n      %s\n", kind->name, descriptor->name, kind->plural,
                   kind->help);
        table_text(kind->fields, 6, out);
    }
    add_commands(descriptor->commands, out);
    add_pages(descriptor->pages, out);
}

static void add_plugin_yaml(const struct gw_descriptor *descriptor, struct buf *out)
{
    buf_printf(out,
               "# %s: %s\n# Save as conf.d/NAME.yaml; each file is one instance.\nplugin: %s\n",
               descriptor->name, descriptor->summary, descriptor->name);
    if (descriptor->every_ms)
        buf_printf(out, "# Interval of its ticks.\n#every: %lldms\n",
                   (long long)descriptor->every_ms);
    buf_addc(out, '\n');
    table_yaml(descriptor->options, 0, out);
    buf_adds(out, "# ---- What every instance may say ----\n\n");
    table_yaml(conf_common_rows() + COMMON_SHOWN, 0, out);
}

static void add_name(void *data, const char *name, const char *path)
{
    (void)path;
    buf_printf(data, " %s", name);
}

static void add_host(struct host *host, bool yaml, struct buf *out)
{
    if (yaml) {
        buf_adds(out, "# gnswatch.yaml: the host's own settings.\n\n");
        table_yaml(host_options, 0, out);
        return;
    }
    buf_adds(out, "Options of gnswatch.yaml\n");
    table_text(host_options, 2, out);
    add_commands(daemon_commands, out);
    buf_adds(out, "\nPlugins (see 'gnswatch describe PLUGIN'):");
    host_each_plugin(host, add_name, out);
    buf_addc(out, '\n');
}

static void show(void *data, const char *name, const char *path)
{
    char *why = NULL;
    (void)path;
    if (host_show(data, name, &why))
        fprintf(stderr, "gnswatch: %s\n", why ? why : "out of memory");
    free(why);
}

static int refuse(void *instance, struct gw_call *call)
{
    (void)instance, (void)call;
    return -1;
}

static void add_openapi(struct nouns *nouns, const char *plugin, struct buf *out)
{
    if (plugin)
        show(nouns->host, plugin, NULL);
    else
        host_each_plugin(nouns->host, show, nouns->host);
    commands_add(nouns->commands, "gnswatch", "gnswatch", nouns, refuse, daemon_commands);
    api_openapi(nouns->objects, nouns->commands, out);
    buf_addc(out, '\n');
}

static int describe(struct nouns *nouns, const struct cli_parsed *parsed, struct buf *out)
{
    const char *plugin = parsed->rest_count ? parsed->rest[0] : NULL;
    bool yaml = cli_value(parsed, "yaml") != NULL;
    char *why = NULL;
    const struct gw_descriptor *descriptor = plugin ? host_load(nouns->host, plugin, &why) : NULL;
    if (plugin && !descriptor) {
        fprintf(stderr, "gnswatch: %s\n", why ? why : "out of memory");
        free(why);
        return EXIT_FAILED;
    }
    free(why);
    if (cli_value(parsed, "openapi"))
        add_openapi(nouns, plugin, out);
    else if (!plugin)
        add_host(nouns->host, yaml, out);
    else if (yaml)
        add_plugin_yaml(descriptor, out);
    else
        add_plugin(descriptor, out);
    return EXIT_CLEAN;
}

int cmd_describe(const struct cli_command *command, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct setup setup;
    struct nouns nouns;
    struct buf out;
    int code;
    if (!cmd_setup(command, argc, argv, &parsed, &setup, &code))
        return code;
    buf_init(&out, 64 << 20);
    if (nouns_open(&nouns, &setup)) {
        code = describe(&nouns, &parsed, &out);
        nouns_close(&nouns);
    }
    if (out.data)
        fputs(out.data, stdout);
    buf_fini(&out);
    setup_fini(&setup);
    return code;
}
