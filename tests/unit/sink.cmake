# What email, mqtt and webhook share, with a plugin of the test's own around it.
gnswatch_unit_test(sink gnswatch-sink gnswatch-testing-whole)
set_tests_properties(unit.sink PROPERTIES ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0") # it kills
