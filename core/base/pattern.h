/* Patterns of names: "gns3.node.*". Only * is special; it stands for any text, also none. */
#ifndef GW_BASE_PATTERN_H
#define GW_BASE_PATTERN_H

#include <stdbool.h>

bool pattern_matches(const char *pattern, const char *text);

#endif
