# Frames of a child, by the sources that read them.
gnswatch_fuzz(wire gw-conf)
foreach(source wire event_text series_text)
    target_sources(fuzz_wire PRIVATE ${PROJECT_SOURCE_DIR}/core/worker/${source}.c)
endforeach()
