/* match.h - whose is a process: by its container, by the ids of nodes in its directory or command
 * line, by the command line GNS3 tells. */
#ifndef SYSTEM_MATCH_H
#define SYSTEM_MATCH_H

#include "processes.h"

/* Finds the owner, or the project a dynamips serves, unless that is known already. */
void match_process(const struct lab *lab, const struct processes *processes,
                   struct process *process);

/* The next UUID in a text, from *at on, which moves behind it. Pure. */
bool next_uuid(const char **at, char out[ID_TEXT + 1]);
/* The project of a path ".../projects/ID/project-files/..."; NULL: none is known. *known_path: it
 * is such a path. */
struct project *match_project(const struct lab *lab, const char *path, bool *lab_path);

#endif
