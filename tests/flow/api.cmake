# The API with a small world around it, driven by python3's standard library.
add_executable(api_host api_host.c)
target_link_libraries(api_host PRIVATE gnswatch-flags gw-api)
