# The parts of the snapshot plugin that ask nothing of the host, and the whole on a test host.
pkg_check_modules(SNAPSHOT_ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(SNAPSHOT_ZSTD REQUIRED IMPORTED_TARGET libzstd)
set(snapshot_dir ${PROJECT_SOURCE_DIR}/plugins/snapshot)
set(snapshot_libraries gnswatch::testing PkgConfig::JANSSON PkgConfig::SODIUM
    PkgConfig::SNAPSHOT_ARCHIVE PkgConfig::SNAPSHOT_ZSTD Threads::Threads m)

gnswatch_unit_test(snapshot_retain ${snapshot_libraries})
target_sources(test_snapshot_retain PRIVATE ${snapshot_dir}/retain.c)
gnswatch_unit_test(snapshot_sigv4 ${snapshot_libraries})
target_sources(test_snapshot_sigv4 PRIVATE ${snapshot_dir}/sigv4.c)
gnswatch_unit_test(snapshot_verify ${snapshot_libraries})
target_sources(test_snapshot_verify PRIVATE ${snapshot_dir}/verify.c
    ${snapshot_dir}/verify_compare.c ${snapshot_dir}/listing.c)
gnswatch_unit_test(snapshot_pack ${snapshot_libraries})
target_sources(test_snapshot_pack PRIVATE ${snapshot_dir}/pack.c)

foreach(name retain sigv4 verify pack)
    target_include_directories(test_snapshot_${name} PRIVATE ${PROJECT_SOURCE_DIR}/plugins)
endforeach()

foreach(name snapshot_plugin snapshot_safety)
    gnswatch_plugin_test(${name} snapshot PkgConfig::JANSSON PkgConfig::SODIUM
        PkgConfig::SNAPSHOT_ARCHIVE PkgConfig::SNAPSHOT_ZSTD Threads::Threads m)
endforeach()
