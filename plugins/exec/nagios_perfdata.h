/* nagios_perfdata.h - the numbers behind the bar of a check's output (Monitoring Plugins
 * guidelines, "Performance data"): 'label'=value[UOM];[warn];[crit];[min];[max] */
#ifndef EXEC_NAGIOS_PERFDATA_H
#define EXEC_NAGIOS_PERFDATA_H

#include "reader.h"

/* Says each item of `text`, which is in the reader's copy and is cut up. What is broken is told and
 * skipped by itself: a bad item, or only its bad range. Seconds and bytes come in one unit each,
 * their ranges and limits, too. */
void perfdata_read(struct reader *reader, const char *group, char *text);

#endif
