gnswatch_unit_test(values gw-conf)
gnswatch_unit_test(conf gw-conf)
target_compile_definitions(test_conf PRIVATE CONF_BAD_FILE="${CMAKE_CURRENT_SOURCE_DIR}/conf_bad.txt")
gnswatch_unit_test(conf_load gw-conf)
gnswatch_unit_test(conf_scalar gw-conf)
gnswatch_unit_test(conf_tables gw-conf)
gnswatch_unit_test(conf_alloc gw-conf)
target_link_options(test_conf_alloc PRIVATE
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup)
