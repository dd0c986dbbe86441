# Puts the pages of web/ into the binary: library `mqttio_web`, header "web/files.h".

function(mqttio_embed_web)
  set(web ${CMAKE_SOURCE_DIR}/web)
  set(out ${CMAKE_BINARY_DIR}/generated/web)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${web}/demo/* ${web}/vendor/*)
  add_custom_command(
    OUTPUT ${out}/files.cc ${out}/files.h
    COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/embed.py ${out} /demo=${web}/demo /socket.io=${web}/vendor/socket.io
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/tools/embed.py
    COMMENT "Embedding web/")
  set_source_files_properties(${out}/files.cc PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
  add_library(mqttio_web STATIC ${out}/files.cc)
  target_include_directories(mqttio_web PUBLIC ${CMAKE_BINARY_DIR}/generated)
endfunction()
