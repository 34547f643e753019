// expect: dynasio: a has_many_through is not saved along
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "shelf_model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Shelf> const& shelves, Shelf& shelf) {
    return shelves.save(shelf, dynasio::along<&Shelf::posts>());
}
#else
auto use(dynasio::repository<Shelf> const& shelves, Shelf& shelf) {
    return shelves.save(shelf, dynasio::along<&Shelf::comments>());
}
#endif
