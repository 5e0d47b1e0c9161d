# gnswatch_add_plugin(NAME source...) builds plugin NAME as NAME.so, inside this tree and, after
# find_package(gnswatch), outside of it.
#
#   find_package(gnswatch REQUIRED)
#   gnswatch_add_plugin(mine mine.c)
function(gnswatch_add_plugin name)
    add_library(${name} MODULE ${ARGN})
    target_link_libraries(${name} PRIVATE gnswatch::gnswatch)
    set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden)
    if(TARGET gnswatch-flags) # inside the tree
        target_link_libraries(${name} PRIVATE gnswatch-flags)
        set_target_properties(${name} PROPERTIES
            LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/gnswatch/plugins)
    endif()
    if(NOT DEFINED GNSWATCH_PLUGIN_DIR)
        set(GNSWATCH_PLUGIN_DIR ${CMAKE_INSTALL_LIBDIR}/gnswatch/plugins)
    endif()
    install(TARGETS ${name} LIBRARY DESTINATION ${GNSWATCH_PLUGIN_DIR})
endfunction()
