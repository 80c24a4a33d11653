# What is installed, and the Debian package of it: cpack -G DEB in the build
# folder of the release preset.
include(GNUInstallDirs)
string(TIMESTAMP ASSAY_RELEASED "%a, %d %b %Y %H:%M:%S +0000" UTC)

set(CPACK_PACKAGE_NAME assay)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
# Whoever builds the package answers for it.
set(ASSAY_CONTACT "Assay maintainers <maintainers@assay.invalid>" CACHE STRING
  "Name and address in the package")
set(CPACK_PACKAGE_CONTACT ${ASSAY_CONTACT})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "verify firmware images and software packages")
set(CPACK_PACKAGE_DESCRIPTION
"Unpacks a product all the way down, checks signatures and SBOMs against what
is really inside, and reports possible hidden functions, each with evidence
that can be repeated from the product alone. Never executes anything of a
product, opens no socket, and reads products in a confined process.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONFLICTS libvectorscan5)  # says it is libhyperscan5
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.in
  ${CMAKE_CURRENT_BINARY_DIR}/changelog @ONLY)
set(doc ${CMAKE_INSTALL_DATADIR}/doc/assay)
install(TARGETS assay)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${doc})
install(FILES ${CMAKE_CURRENT_LIST_DIR}/lintian-overrides
  DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME assay)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/samples/policies
  ${PROJECT_SOURCE_DIR}/samples/pipelines DESTINATION ${doc}/examples)
install(CODE "set(assay_program $<TARGET_FILE:assay>)
set(source ${PROJECT_SOURCE_DIR})
set(changelog ${CMAKE_CURRENT_BINARY_DIR}/changelog)")
install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/documents.cmake)
include(CPack)
