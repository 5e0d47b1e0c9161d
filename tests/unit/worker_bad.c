/* Plugins that misbehave as they are loaded; which one is the macro's to say. */
#include <gnswatch/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEXT(x)    #x
#define NAME_OF(x) TEXT(x)

static void __attribute__((constructor)) on_load(void)
{
#if defined(BAD_CRASH)
    volatile uintptr_t nowhere = 16;
    *(volatile int *)nowhere = 1;
#elif defined(BAD_EXIT)
    fprintf(stderr, "I leave\n");
    _exit(3);
#elif defined(BAD_HANG)
    for (;;)
        pause();
#elif defined(BAD_FORK)
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        _exit(4);
    }
#elif defined(BAD_JUNK)
    printf("{\"name\":\"another\"}\n");
    fflush(stdout);
#endif
}

GW_PLUGIN(.name = NAME_OF(NAME), .version = "1.0", .summary = "Misbehaves as it is loaded");
