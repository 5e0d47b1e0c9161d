# The gns3 plugin without its client, on a host and a client of the tests' own (gns3_lab.h).
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
set(gns3_inventory act commands commands_archive commands_bulk commands_capture commands_file commands_link commands_node
    commands_project commands_server commands_snapshot compute events find gns3 identity inventory
    kinds link model node node_doc notice operation poll project scan series server snapshot stops template
    text)
list(TRANSFORM gns3_inventory REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/plugins/gns3/\\1.c")

add_library(gns3-lab OBJECT ${gns3_inventory} ${PROJECT_SOURCE_DIR}/tests/unit/gns3_lab.c
            ${PROJECT_SOURCE_DIR}/tests/unit/gns3_lab_values.c
            ${PROJECT_SOURCE_DIR}/tests/unit/gns3_lab_client.c)
target_link_libraries(gns3-lab PUBLIC gnswatch-flags PkgConfig::JANSSON PkgConfig::XXHASH m)
target_include_directories(gns3-lab PUBLIC ${PROJECT_SOURCE_DIR}/plugins
                           ${PROJECT_SOURCE_DIR}/tests/unit)
target_compile_definitions(gns3-lab PRIVATE GNSWATCH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

foreach(name gns3_text gns3_inventory gns3_stops gns3_commands)
    gnswatch_unit_test(${name} gns3-lab)
endforeach()
