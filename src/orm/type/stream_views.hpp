#ifndef DYNASIO_SRC_ORM_TYPE_STREAM_VIEWS_HPP
#define DYNASIO_SRC_ORM_TYPE_STREAM_VIEWS_HPP

#include <dynasio/orm/stream_view.hpp>

#include <optional>
#include <string_view>

namespace dynasio::detail {

/// The service's word: "NEW_AND_OLD_IMAGES".
[[nodiscard]] constexpr std::string_view text_of_view(stream_view view) noexcept {
    switch (view) {
    case stream_view::both_images:
        return "NEW_AND_OLD_IMAGES";
    case stream_view::after_image:
        return "NEW_IMAGE";
    case stream_view::before_image:
        return "OLD_IMAGE";
    case stream_view::keys_only:
        break;
    }
    return "KEYS_ONLY";
}

[[nodiscard]] constexpr std::optional<stream_view> view_of_text(std::string_view text) noexcept {
    for (auto const view :
         {stream_view::both_images, stream_view::after_image, stream_view::before_image, stream_view::keys_only})
        if (text == text_of_view(view)) return view;
    return std::nullopt;
}

/// Whether a stream with the view `has` holds all that is asked for with `wanted`.
[[nodiscard]] constexpr bool holds(stream_view has, stream_view wanted) noexcept {
    return has == wanted || has == stream_view::both_images || wanted == stream_view::keys_only;
}

/// What a stream has to hold for both.
[[nodiscard]] constexpr stream_view joined(stream_view a, stream_view b) noexcept {
    return holds(a, b) ? a : holds(b, a) ? b : stream_view::both_images;
}

} // namespace dynasio::detail

#endif
