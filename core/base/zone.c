/* Finding zones, and moments in them. */
#include "base/zone.h"

#include "base/civil.h"
#include "base/clock.h"
#include "base/zone_inside.h"

#include <gnswatch/cron.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT_MAX = 32, KEPT_NAME_MAX = 64, KEEP_MS = 3600000, DAY_S = 86400 };

/* ---- Files ---------------------------------------------------------------------------------- */

static const struct zone *read_file(const char *path)
{
    struct stat info;
    const struct zone *zone = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool fits = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
                info.st_size <= ZONE_FILE_BYTES_MAX;
    size_t count = fits ? (size_t)info.st_size : 0, got = 0;
    char *bytes = fits ? malloc(count) : NULL;
    for (ssize_t n = 1; bytes && n > 0 && got<count; got += n> 0 ? (size_t)n : 0)
        n = read(fd, bytes + got, count - got);
    if (bytes && got == count)
        zone = zone_parse(bytes, count);
    free(bytes);
    if (fd >= 0)
        close(fd);
    return zone;
}

/* Names as the database has them: nothing leads out of its folder. */
static bool is_name(const char *name)
{
    bool begins = true;
    size_t length = 0;
    for (; name[length]; length++) {
        char c = name[length];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (begins && !letter)
            return false;
        begins = c == '/';
        if (!letter && !strchr("_+-/", c))
            return false;
    }
    return length > 0 && length < KEPT_NAME_MAX && !begins;
}

static const struct zone *of_rule(const char *text)
{
    struct zone *zone = calloc(1, sizeof(*zone));
    if (!zone)
        return NULL;
    zone->users = 1;
    zone->has_rule = true;
    if (zone_rule_parse(&zone->rule, text) == 0)
        return zone;
    zone_close(zone);
    return NULL;
}

static const struct zone *read_named(const char *name)
{
    char path[128];
    if (!is_name(name))
        return NULL;
    snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
    const struct zone *zone = read_file(path);
    return zone || strcmp(name, "UTC") != 0 ? zone : of_rule("UTC0"); /* without the database too */
}

static const struct zone *read_machine(void)
{
    const char *text = getenv("TZ");
    const struct zone *zone = NULL;
    if (text && *text) {
        text += *text == ':';
        zone = *text == '/' ? read_file(text) : read_named(text);
        if (!zone)
            zone = of_rule(text);
    } else if (!text) {
        zone = read_file("/etc/localtime");
    }
    return zone ? zone : of_rule("UTC0");
}

/* ---- What is kept --------------------------------------------------------------------------- */

struct kept {
    char name[KEPT_NAME_MAX];
    const struct zone *zone; /* NULL: free */
    int64_t read_ms, used_ms;
};

struct shelf {
    pthread_mutex_t lock;
    struct kept kept[KEPT_MAX];
};

static struct shelf *shelf(void)
{
    static struct shelf all = {.lock = PTHREAD_MUTEX_INITIALIZER};
    return &all;
}

static const struct zone *share(const struct zone *zone)
{
    atomic_fetch_add(&((struct zone *)(uintptr_t)zone)->users, 1);
    return zone;
}

/* The place of this name, else a free one or the one not used for longest. Locked. */
static struct kept *find_place(struct shelf *all, const char *name)
{
    struct kept *place = &all->kept[0];
    for (size_t i = 0; i < KEPT_MAX; i++) {
        struct kept *kept = &all->kept[i];
        if (kept->zone && strcmp(kept->name, name) == 0)
            return kept;
        if (place->zone && (!kept->zone || kept->used_ms < place->used_ms))
            place = kept;
    }
    return place;
}

const struct zone *zone_open(const char *name)
{
    if (!name)
        name = "";
    if (strlen(name) >= KEPT_NAME_MAX)
        return NULL;
    struct shelf *all = shelf();
    int64_t now_ms = clock_monotonic_ms(clock_system());
    pthread_mutex_lock(&all->lock);
    struct kept *place = find_place(all, name);
    bool known = place->zone && strcmp(place->name, name) == 0;
    const struct zone *zone = NULL;
    if (!known || now_ms - place->read_ms > KEEP_MS)
        zone = *name ? read_named(name) : read_machine();
    if (zone) {
        zone_close(place->zone);
        place->zone = zone;
        place->read_ms = now_ms;
        snprintf(place->name, sizeof(place->name), "%s", name);
    } else if (known) {
        zone = place->zone;
    }
    if (zone) {
        place->used_ms = now_ms;
        share(zone);
    }
    pthread_mutex_unlock(&all->lock);
    return zone;
}

void zone_close(const struct zone *zone)
{
    struct zone *own = (struct zone *)(uintptr_t)zone;
    if (!own || atomic_fetch_sub(&own->users, 1) > 1)
        return;
    free(own->changes_s);
    free(own->types_of);
    free(own);
}

/* ---- Moments -------------------------------------------------------------------------------- */

void zone_span_at(const struct zone *zone, int64_t time_s, struct zone_span *span)
{
    size_t low = 0, high = zone->change_count; /* the first change after time_s */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes_s[middle] <= time_s)
            low = middle + 1;
        else
            high = middle;
    }
    int64_t from_s = low ? zone->changes_s[low - 1] : INT64_MIN;
    if (low == zone->change_count && zone->has_rule) {
        zone_rule_span(&zone->rule, time_s, span);
        if (span->from_s < from_s)
            span->from_s = from_s;
        return;
    }
    const struct zone_type *type = &zone->types[low ? zone->types_of[low - 1] : 0];
    *span = (struct zone_span){
        .from_s = from_s,
        .until_s = low < zone->change_count ? zone->changes_s[low] : INT64_MAX,
        .offset_s = type->offset_s,
        .name = type->name,
    };
}

/* From well before, through the spans in their order. No offset is beyond 26 hours. */
int64_t zone_moment(const struct zone *zone, int64_t wall_s)
{
    struct zone_span span;
    zone_span_at(zone, wall_s - 2 * DAY_S, &span);
    for (;;) {
        int64_t time_s = wall_s - span.offset_s;
        if (time_s < span.from_s)
            return span.from_s;
        if (time_s < span.until_s)
            return time_s;
        zone_span_at(zone, span.until_s, &span);
    }
}

/* ---- gnswatch/cron.h: local time ------------------------------------------------------------ */

static const int64_t LIMIT_MS = INT64_C(8640000000000000);

int gw_local_time(const char *zone, int64_t time_ms, struct gw_local *out)
{
    const struct zone *found = zone_open(zone), *used = found ? found : zone_open("UTC");
    *out = (struct gw_local){0};
    if (!used)
        return -ENOMEM;
    time_ms = time_ms > LIMIT_MS ? LIMIT_MS : time_ms < -LIMIT_MS ? -LIMIT_MS : time_ms;
    struct zone_span span;
    int64_t time_s = floor_divide(time_ms, 1000);
    zone_span_at(used, time_s, &span);
    int64_t wall_s = time_s + span.offset_s, day = floor_divide(wall_s, DAY_S);
    int of_day = (int)(wall_s - day * DAY_S);
    struct civil civil = civil_of(day);
    *out = (struct gw_local){(int)civil.year,    civil.month,      civil.day,
                             of_day / 3600,      of_day / 60 % 60, of_day % 60,
                             civil_weekday(day), span.offset_s,    {0}};
    snprintf(out->zone, sizeof(out->zone), "%s", span.name);
    zone_close(used);
    return found ? 0 : -ENOENT;
}

int64_t gw_local_moment(const char *zone, const struct gw_local *local)
{
    const struct zone *used = zone_open(zone);
    if (!used)
        used = zone_open("UTC");
    if (!used)
        return 0;
    int64_t months = (int64_t)local->year * 12 + local->month - 1, year = floor_divide(months, 12);
    int64_t day = civil_day(year, (int)(months - year * 12) + 1, 1) + local->day - 1;
    int64_t wall_s =
        day * DAY_S + (int64_t)local->hour * 3600 + (int64_t)local->minute * 60 + local->second;
    int64_t time_s = zone_moment(used, wall_s);
    zone_close(used);
    return time_s * 1000;
}
