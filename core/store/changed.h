/* What changed between two documents, for the history of an object. */
#ifndef GW_STORE_CHANGED_H
#define GW_STORE_CHANGED_H

/* {"member":[before,after],…} of the top-level members that differ; "{}" when there is only one
 * document. Both are sound JSON, as objects keep it. The caller frees; NULL: no memory. */
char *changed_members(const char *before, const char *after);

#endif
