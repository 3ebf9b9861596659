#include "store.hpp"
//        ^ reference.import

using namespace std;
//              ^ reference.import
using store::Mode;
//           ^ reference.import

namespace store {
//        ^ definition.namespace
namespace {
int counter = 0;
//  ^ definition.variable in=store
void hidden() { counter = 1; }
//   ^ definition.function in=store
}  // namespace

static Bytes größe;
//           ^ definition.variable in=store
const char* const kNames[] = {"ключ", "値"};
//                ^ definition.variable in=store
extern int elsewhere;

/** Opens a table. */
Table<int>::Table(int size) { size_ = size; }
//          ^ definition.constructor in=store.Table doc="Opens a table."
//                            ^ reference.write

Cursor::~Cursor() {}
//      ^ definition.method in=store.Cursor

bool Cursor::operator<(const Cursor& other) const { return this->rank_ < other.rank(); }
//           ^ definition.method in=store.Cursor
//                           ^ reference.type
//                                                                             ^ reference.call

Cursor::operator int() const { return 1; }
//      ^ definition.method in=store.Cursor

template <class K>
K* Table<K>::Iterator::seek(const K& key) {
//                     ^ definition.method in=store.Table.Iterator
  this->current = key;
//      ^ reference.write
  return detail::find<K>(key);
//               ^ reference.call
//                    ^ reference.type
}

std::string& Snapshot::toString() { return cache_; }
//                     ^ definition.method in=store.Snapshot

auto parse(std::string_view text) -> Mode { return Mode{text.size()}; }
//   ^ definition.function in=store
//              ^ reference.type
//                                   ^ reference.type
//                                                 ^ reference.call
//                                                           ^ reference.call

Bytes operator""_b(const char* text) { return make_unique<Bytes>(text)->copy(); }
// <- reference.type
//    ^ definition.function in=store
//                                            ^ reference.call
//                                                        ^ reference.type
//                                                                      ^ reference.call

}  // namespace store

int store::Reader::read(int n) { return ::read(n); }
//                 ^ definition.method in=store.Reader

extern "C" {
void store_open() { store::Reader::Open(); }
//   ^ definition.function
//                                 ^ reference.call
}

int store::opened = 0;
//         ^ definition.variable in=store
const struct Hooks hooks = {.open = store_open};
//           ^ reference.type
//                 ^ definition.variable
//                                  ^ reference.read

TEST(StoreTest, Opens) { ASSERT_TRUE(__proto__()); }
// <- definition.function
//   ^ reference.type
//              ^ reference.type
//                       ^ reference.call
//                                   ^ reference.call
