# The parts of the email plugin that need no host. python3's email package is the oracle.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(email_dir ${PROJECT_SOURCE_DIR}/plugins/email)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
add_library(email-mime OBJECT ${email_dir}/utf8.c ${email_dir}/header.c ${email_dir}/encode.c
            ${email_dir}/address.c ${email_dir}/message.c)
target_link_libraries(email-mime PUBLIC gnswatch-flags PkgConfig::XXHASH)
target_include_directories(email-mime PUBLIC ${PROJECT_SOURCE_DIR}/plugins)

gnswatch_unit_test(email_message email-mime)
set_tests_properties(unit.email_message PROPERTIES ENVIRONMENT
    "PYTHON3=${Python3_EXECUTABLE};EMAIL_ORACLE=${CMAKE_CURRENT_SOURCE_DIR}/email_oracle.py")

# What a mail says, and the plugin on a host where time is the test's own.
pkg_check_modules(ESMTP REQUIRED IMPORTED_TARGET libesmtp-1.0)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl)
set(email_libraries gnswatch-sink PkgConfig::ESMTP PkgConfig::OPENSSL PkgConfig::JANSSON
    PkgConfig::XXHASH Threads::Threads ${CMAKE_DL_LIBS} m)
gnswatch_plugin_test(email_content email ${email_libraries})
gnswatch_plugin_test(email email ${email_libraries})
gnswatch_plugin_test(email_picture email ${email_libraries})
