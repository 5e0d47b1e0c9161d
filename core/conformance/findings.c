/* What is found, in memory that the runner and all children share: a child that dies in the next
 * moment has told it already. */
#include "conformance/conformance.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void found_beat(struct run *run)
{
    __atomic_add_fetch(&run->findings->beats, 1, __ATOMIC_RELAXED);
}

void found_place(struct run *run, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(run->findings->place, PLACE_BYTES, format, args);
    found_beat(run);
    va_end(args);
}

static bool add(char *list, size_t size, size_t *used, const char *format, va_list args)
{
    if (*used + 1 >= size)
        return false;
    int bytes = vsnprintf(list + *used, size - *used, format, args);
    if (bytes < 0)
        return false;
    if ((size_t)bytes >= size - *used)
        bytes = (int)(size - *used) - 1;
    *used += (size_t)bytes + 1;
    return true;
}

void found_fault(struct run *run, const char *format, ...)
{
    struct findings *findings = run->findings;
    va_list args;
    va_start(args, format);
    if (findings->faults_found++ < FAULTS_MAX)
        add(findings->faults, FAULTS_BYTES, &findings->fault_bytes, format, args);
    va_end(args);
}

void found_note(struct run *run, const char *format, ...)
{
    struct findings *findings = run->findings;
    va_list args;
    va_start(args, format);
    add(findings->notes, sizeof(findings->notes), &findings->note_bytes, format, args);
    va_end(args);
}
