/* Makes the n-th allocation of a plugin fail. Calls to malloc and its kin are led here by rewriting
 * where the loaded libraries expect them (their relocations), so it needs no preloading and works
 * with a sanitizer's malloc below. An allocation is the plugin's when, going up the stack, the
 * plugin comes before the host: also one within libc or jansson that the plugin asked for, but none
 * of the host's own.
 *
 * The hooks get no pointer of ours, so what they count is static; only a child that has no other
 * purpose installs them. */
#include "conformance/conformance.h"

#include <elf.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { IN_TABLE = R_X86_64_GLOB_DAT, IN_CALLS = R_X86_64_JUMP_SLOT, IN_DATA = R_X86_64_64 };
#elif defined(__aarch64__)
enum { IN_TABLE = R_AARCH64_GLOB_DAT, IN_CALLS = R_AARCH64_JUMP_SLOT, IN_DATA = R_AARCH64_ABS64 };
#else
enum { IN_TABLE = -1, IN_CALLS = -1, IN_DATA = -1 };
#endif

enum { FRAMES_MAX = 40 };

struct range {
    uintptr_t from, to;
};

static struct {
    struct range plugin, host;
    long fail_at;
    long *counter; /* borrowed */
} state;
static __thread bool inside;

static bool within(const struct range *range, const void *address)
{
    return (uintptr_t)address >= range->from && (uintptr_t)address < range->to;
}

/* The first frames are our own, in the host; before them may be a sanitizer's backtrace(). */
static bool asked_by_plugin(void *const *frames, int count)
{
    int i = 0;
    while (i < count && !within(&state.host, frames[i]))
        i++;
    while (i < count && within(&state.host, frames[i]))
        i++;
    for (; i < count; i++) {
        if (within(&state.plugin, frames[i]))
            return true;
        if (within(&state.host, frames[i]))
            return false;
    }
    return false;
}

static __attribute__((noinline)) bool refuse(void)
{
    static const char words[] = "the allocation that failed:\n";
    void *frames[FRAMES_MAX];
    bool refused = false;
    if (inside)
        return false;
    inside = true;
    int count = backtrace(frames, FRAMES_MAX);
    if (asked_by_plugin(frames, count)) {
        long number = __atomic_add_fetch(state.counter, 1, __ATOMIC_RELAXED);
        refused = number == state.fail_at;
        if (refused && write(STDERR_FILENO, words, sizeof(words) - 1) > 0)
            backtrace_symbols_fd(frames, count, STDERR_FILENO);
    }
    inside = false;
    if (refused)
        errno = ENOMEM;
    return refused;
}

static void *hook_malloc(size_t bytes)
{
    return refuse() ? NULL : malloc(bytes);
}

static void *hook_calloc(size_t count, size_t bytes)
{
    return refuse() ? NULL : calloc(count, bytes);
}

static void *hook_realloc(void *old, size_t bytes)
{
    return refuse() ? NULL : realloc(old, bytes);
}

static void *hook_reallocarray(void *old, size_t count, size_t bytes)
{
    return refuse() ? NULL : reallocarray(old, count, bytes);
}

static void *hook_aligned_alloc(size_t alignment, size_t bytes)
{
    return refuse() ? NULL : aligned_alloc(alignment, bytes);
}

static int hook_posix_memalign(void **out, size_t alignment, size_t bytes)
{
    return refuse() ? ENOMEM : posix_memalign(out, alignment, bytes);
}

static uintptr_t hook_of(const char *name)
{
    static const struct {
        const char *name;
        void (*hook)(void);
    } hooks[] = {
        {"malloc", (void (*)(void))hook_malloc},
        {"calloc", (void (*)(void))hook_calloc},
        {"realloc", (void (*)(void))hook_realloc},
        {"reallocarray", (void (*)(void))hook_reallocarray},
        {"aligned_alloc", (void (*)(void))hook_aligned_alloc},
        {"posix_memalign", (void (*)(void))hook_posix_memalign},
    };
    for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
        if (strcmp(name, hooks[i].name) == 0)
            return (uintptr_t)hooks[i].hook;
    }
    return 0;
}

/* ---- Where libraries expect them ---- */

static const ElfW(Dyn) * dynamic_of(const struct dl_phdr_info *info)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            return (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    }
    return NULL;
}

static uintptr_t entry(const struct dl_phdr_info *info, ElfW(Sxword) tag)
{
    const ElfW(Dyn) *dynamic = dynamic_of(info);
    for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
        if (dynamic->d_tag == tag)
            return dynamic->d_un.d_ptr;
    }
    return 0;
}

static void replace(uintptr_t place, uintptr_t hook)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *begin = (void *)(place & ~(page - 1));
    if (mprotect(begin, page, PROT_READ | PROT_WRITE) == 0) /* RELRO had sealed it */
        memcpy((void *)place, &hook, sizeof(hook));
}

static void rewrite(const struct dl_phdr_info *info, uintptr_t table, size_t bytes)
{
    const ElfW(Sym) *symbols = (const ElfW(Sym) *)entry(info, DT_SYMTAB);
    const char *names = (const char *)entry(info, DT_STRTAB);
    const ElfW(Rela) *rela = (const ElfW(Rela) *)table;
    if (!symbols || !names || !rela)
        return;
    for (size_t i = 0; i < bytes / sizeof(*rela); i++) {
        int type = (int)ELF64_R_TYPE(rela[i].r_info);
        if (type != IN_TABLE && type != IN_CALLS && type != IN_DATA)
            continue;
        uintptr_t hook = hook_of(names + symbols[ELF64_R_SYM(rela[i].r_info)].st_name);
        if (hook)
            replace(info->dlpi_addr + rela[i].r_offset, hook);
    }
}

static struct range range_of(const struct dl_phdr_info *info)
{
    struct range range = {UINTPTR_MAX, 0};
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD)
            continue;
        uintptr_t from = info->dlpi_addr + part->p_vaddr;
        range.from = from < range.from ? from : range.from;
        range.to = from + part->p_memsz > range.to ? from + part->p_memsz : range.to;
    }
    return range;
}

/* The loader, the kernel's page and sanitizers allocate by ways of their own. */
static bool left_alone(const char *name)
{
    static const char *const parts[] = {"ld-linux", "vdso", "asan", "tsan", "ubsan", "libgcc_s"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (strstr(name, parts[i]))
            return true;
    }
    return false;
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
    const struct range range = range_of(info);
    const void *here = __extension__(const void *) & visit;
    (void)size;
    if (within(&range, here)) {
        state.host = range;
        return 0;
    }
    if (within(&range, data))
        state.plugin = range;
    if (left_alone(info->dlpi_name) || !dynamic_of(info))
        return 0;
    rewrite(info, entry(info, DT_RELA), entry(info, DT_RELASZ));
    rewrite(info, entry(info, DT_JMPREL), entry(info, DT_PLTRELSZ));
    return 0;
}

int fail_alloc_install(const void *in_plugin, long n, long *counter)
{
    void *frame[1];
    if (IN_TABLE < 0)
        return -ENOTSUP;
    backtrace(frame, 1); /* loads what it needs */
    state.fail_at = n;
    state.counter = counter;
    *counter = 0;
    dl_iterate_phdr(visit, (void *)in_plugin);
    return 0;
}
