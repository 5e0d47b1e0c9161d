/* CRC-32C (RFC 3720, appendix B.4), by the processor where it can. */
#ifndef GW_STORE_CRC_H
#define GW_STORE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(uint32_t crc, const void *bytes, size_t count); /* begin with 0 */

#endif
