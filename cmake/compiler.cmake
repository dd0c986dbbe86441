# How everything is compiled: one standard, one set of warnings, all of them errors.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(MQTTIO_CCACHE ccache)
if(MQTTIO_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MQTTIO_CCACHE})
endif()

option(MQTTIO_FUZZ "Build the fuzz targets (clang only)" OFF)
set(MQTTIO_SANITIZE "" CACHE STRING "Sanitizers for everything, as -fsanitize takes them")

# Designated initializers leave out what keeps its default: that is what they are for.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                    -Wno-missing-field-initializers -Werror -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wno-missing-designated-field-initializers)
endif()

if(MQTTIO_SANITIZE)
  # Debian's libfmt comes without what the check of virtual tables needs, and would be called broken.
  add_compile_options(-fsanitize=${MQTTIO_SANITIZE} -fno-sanitize-recover=all -fno-sanitize=vptr)
  add_link_options(-fsanitize=${MQTTIO_SANITIZE})
else()
  # The input is hostile: a broken bound of ours stops the process instead of handing it over.
  add_compile_options(-D_GLIBCXX_ASSERTIONS)
  add_compile_options($<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>
                      -fstack-protector-strong -fstack-clash-protection)
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-Wl,--gc-sections -Wl,-z,relro -Wl,-z,now)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
