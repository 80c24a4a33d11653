# Run by `cmake --install` and CPack, with `assay_program`, `source` and
# `changelog`: what the program says about itself, where a system looks for it.
set(share "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share")

function(assay_says file)
  get_filename_component(folder ${file} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND ${assay_program} ${ARGN} OUTPUT_FILE ${file}
    COMMAND_ERROR_IS_FATAL ANY)
  file(CHMOD ${file} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

function(compress file)
  execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

assay_says(${share}/bash-completion/completions/assay completion bash)
assay_says(${share}/zsh/vendor-completions/_assay completion zsh)
assay_says(${share}/fish/vendor_completions.d/assay.fish completion fish)

execute_process(COMMAND ${assay_program} man --list OUTPUT_VARIABLE pages
  COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" pages "${pages}")
foreach(page IN LISTS pages)
  if(page STREQUAL "assay")
    assay_says(${share}/man/man1/assay.1 man)
    compress(${share}/man/man1/assay.1)
  else()
    assay_says(${share}/man/man1/assay-${page}.1 man ${page})
    compress(${share}/man/man1/assay-${page}.1)
  endif()
endforeach()

set(doc ${share}/doc/assay)
file(MAKE_DIRECTORY ${doc})
file(COPY_FILE ${changelog} ${doc}/changelog)
file(COPY_FILE ${source}/CHANGELOG.md ${doc}/NEWS.md)
compress(${doc}/changelog)
compress(${doc}/NEWS.md)
