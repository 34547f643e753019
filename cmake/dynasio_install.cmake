# What "cmake --install" puts into a prefix: the libraries, the public headers, the pages, and the package that find_package(dynasio)
# reads (targets dynasio::dynasio and, if they were built, dynasio::testing, dynasio::yaml, and dynasio::fault_proxy, a program).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(dynasio_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/dynasio")

set(targets dynasio)
set(headers PATTERN "*.hpp")
if(TARGET dynasio_testing_library)
    list(APPEND targets dynasio_testing_library dynasio_fault_proxy)
else()
    list(APPEND headers PATTERN "dynasio/testing*" EXCLUDE)
endif()
if(NOT TARGET dynasio_yaml_library)
    list(APPEND headers PATTERN "dynasio/yaml*" EXCLUDE)
endif()
install(TARGETS ${targets} EXPORT dynasioTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/dynasio" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING ${headers})
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
    DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs" DESTINATION "${CMAKE_INSTALL_DOCDIR}" FILES_MATCHING PATTERN "*.md" PATTERN "*.svg")

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/dynasioConfig.cmake.in" "${PROJECT_BINARY_DIR}/dynasioConfig.cmake"
    INSTALL_DESTINATION "${dynasio_package_dir}" NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may break its users.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/dynasioConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(EXPORT dynasioTargets NAMESPACE dynasio:: DESTINATION "${dynasio_package_dir}")
# By itself, so that only who asks for it needs yaml-cpp.
if(TARGET dynasio_yaml_library)
    install(TARGETS dynasio_yaml_library EXPORT dynasioYamlTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(EXPORT dynasioYamlTargets NAMESPACE dynasio:: DESTINATION "${dynasio_package_dir}")
    install(FILES "${CMAKE_CURRENT_LIST_DIR}/dynasio_yaml_cpp.cmake" DESTINATION "${dynasio_package_dir}")
endif()
install(FILES "${PROJECT_BINARY_DIR}/dynasioConfig.cmake" "${PROJECT_BINARY_DIR}/dynasioConfigVersion.cmake"
    DESTINATION "${dynasio_package_dir}")
