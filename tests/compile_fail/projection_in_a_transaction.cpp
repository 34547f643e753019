// expect: dynasio: a projection is read only
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/transaction.hpp>

#include "model.hpp"

struct Card {
    std::string id{};
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return dynasio::entity<Card>(dynasio::projection_of<User>); }

#ifdef DYNASIO_CONTROL
void use(dynasio::transaction& tx, User& user) { tx.save(user); }
#else
void use(dynasio::transaction& tx, Card& card) { tx.save(card); }
#endif
