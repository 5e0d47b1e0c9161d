/* A table of 16 entries is enough where the processor has no instruction for it. */
#include "store/crc.h"

#include <string.h>

static uint32_t by_nibble(uint32_t crc, const unsigned char *p, size_t count)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    for (size_t i = 0; i < count; i++) {
        crc ^= p[i];
        crc = table[crc & 15] ^ (crc >> 4);
        crc = table[crc & 15] ^ (crc >> 4);
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_machine(uint32_t crc, const unsigned char *p,
                                                             size_t count)
{
    uint64_t wide = crc, word;
    for (; count >= sizeof(word); p += sizeof(word), count -= sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        wide = __builtin_ia32_crc32di(wide, word);
    }
    for (; count; p++, count--)
        wide = __builtin_ia32_crc32qi((uint32_t)wide, *p);
    return (uint32_t)wide;
}
#endif

uint32_t crc32c(uint32_t crc, const void *bytes, size_t count)
{
    crc = ~crc;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~by_machine(crc, bytes, count);
#endif
    return ~by_nibble(crc, bytes, count);
}
