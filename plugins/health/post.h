/* post.h - reports on their way to commands of other plugins. They wait in a queue on disk until
 * the command has taken them; then they are its to deliver. */
#ifndef HEALTH_POST_H
#define HEALTH_POST_H

#include <gnswatch/plugin.h>
#include <jansson.h>

struct post;

struct post *post_new(struct gw_plugin *self);
void post_free(struct post *post);
/* `sends`: [{command, with}]. Nothing is sent from within. */
void post_report(struct post *post, const json_t *report, const json_t *sends, const char *zone);
void post_pump(struct post *post); /* sends what is due, one at a time */

#endif
