/* Takes the files of packaging/skeleton into the program: the assembler reads them, and
 * SKELETON_DIR is where they are. Must not know what is in them. */
#include "skeleton.h"

#define FILE_OF(symbol, file)                                                    \
    __asm__(".pushsection .rodata\n"                                             \
            "skeleton_" #symbol ": .incbin \"" SKELETON_DIR "/" file "\"\n"      \
            "skeleton_" #symbol "_end: .byte 0\n"                                \
            ".popsection\n");                                                    \
    extern const char skeleton_##symbol[] __attribute__((visibility("hidden"))); \
    extern const char skeleton_##symbol##_end[] __attribute__((visibility("hidden")))

FILE_OF(plugin, "skeleton.c");
FILE_OF(test, "test_skeleton.c");
FILE_OF(cmake, "CMakeLists.txt");
FILE_OF(make, "Makefile");
FILE_OF(conf, "skeleton.yaml");
FILE_OF(readme, "README.md");

const struct skeleton_file skeleton_files[] = {
    {"skeleton.c", skeleton_plugin, skeleton_plugin_end},
    {"test_skeleton.c", skeleton_test, skeleton_test_end},
    {"CMakeLists.txt", skeleton_cmake, skeleton_cmake_end},
    {"Makefile", skeleton_make, skeleton_make_end},
    {"conf.d/skeleton.yaml", skeleton_conf, skeleton_conf_end},
    {"README.md", skeleton_readme, skeleton_readme_end},
};
const size_t skeleton_count = sizeof(skeleton_files) / sizeof(*skeleton_files);
