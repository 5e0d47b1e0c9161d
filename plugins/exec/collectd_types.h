/* collectd_types.h - the types every script may use, also where collectd is not installed. */
#ifndef EXEC_COLLECTD_TYPES_H
#define EXEC_COLLECTD_TYPES_H

/* As a types.db writes them. */
extern const char collectd_types_text[];

#endif
