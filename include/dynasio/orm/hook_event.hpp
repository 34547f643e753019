#ifndef DYNASIO_ORM_HOOK_EVENT_HPP
#define DYNASIO_ORM_HOOK_EVENT_HPP

namespace dynasio {

/// When a hook is called.
enum class hook_event : unsigned char {
    before_create,
    after_create,
    before_save,
    after_save,
    before_remove,
    after_remove,
    before_trash,
    after_trash,
    before_restore,
    after_restore,
    after_read,
};

} // namespace dynasio

#endif
