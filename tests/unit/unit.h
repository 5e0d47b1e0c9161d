/* What every unit test needs before cmocka. */
#ifndef GW_TEST_UNIT_H
#define GW_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
