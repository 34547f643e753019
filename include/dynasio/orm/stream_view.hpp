#ifndef DYNASIO_ORM_STREAM_VIEW_HPP
#define DYNASIO_ORM_STREAM_VIEW_HPP

namespace dynasio {

/// What a table's stream of changes holds of each changed item, besides its key.
enum class stream_view : unsigned char {
    both_images,  ///< The item before and after the change (NEW_AND_OLD_IMAGES).
    after_image,  ///< The item after the change (NEW_IMAGE).
    before_image, ///< The item before the change (OLD_IMAGE).
    keys_only,    ///< Nothing else (KEYS_ONLY).
};

} // namespace dynasio

#endif
