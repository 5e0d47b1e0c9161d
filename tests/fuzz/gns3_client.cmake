gnswatch_fuzz(gns3_feed PkgConfig::JANSSON PkgConfig::CURL)
target_sources(fuzz_gns3_feed PRIVATE ${PROJECT_SOURCE_DIR}/plugins/gns3/feed_lines.c
    ${PROJECT_SOURCE_DIR}/plugins/gns3/client_text.c)
target_include_directories(fuzz_gns3_feed PRIVATE ${PROJECT_SOURCE_DIR}/plugins)
