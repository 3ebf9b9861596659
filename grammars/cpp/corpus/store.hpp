#pragma once
#include <string>
//       ^ reference.import
#include "base/slice.h"
//        ^ reference.import

#define STORE_EXPORT __attribute__((visibility("default")))
//      ^ definition.macro
#define STORE_CHECK(x) check((x), #x)
//      ^ definition.macro

namespace store::detail {
//        ^ definition.namespace
inline constexpr int kPageSize = 4096;
//                   ^ definition.constant in=store.detail
}

namespace store {
//        ^ definition.namespace

class Reader;

enum class Mode : int { kRead, kWrite };
//         ^ definition.enum in=store
//                      ^ definition.enum_member in=store.Mode
//                             ^ definition.enum_member in=store.Mode

using Bytes = std::basic_string<unsigned char>;
//    ^ definition.type in=store
//                 ^ reference.type
typedef void (*Callback)(const Bytes& key);
//             ^ definition.type in=store
//                             ^ reference.type

template <typename T>
concept Sized = requires(T t) { t.size(); };
//      ^ definition.type in=store

/// Keeps keys and their values.
template <typename K, typename V = Bytes>
class Table : public Base<K>, private io::Closer {
//    ^ definition.class in=store doc="Keeps keys and their values."
//                   ^ reference.inherit
//                        ^ reference.type
//                                        ^ reference.inherit
 public:
  Table();
//^ !reference
  explicit Table(int size) : size_(size) {}
//         ^ definition.constructor in=store.Table
  virtual ~Table() {}
//        ^ definition.method in=store.Table
  Table(const Table&) = delete;
//^ definition.constructor in=store.Table

  virtual bool Get(const K& key, V* value) const = 0;
//             ^ definition.method in=store.Table
  V* find(const K& key) { return finder_.template lookup<K>(key); }
//^ reference.type
//   ^ definition.method in=store.Table
//              ^ reference.type
//                                                       ^ reference.type
  const Bytes& name() const noexcept { return name_; }
//             ^ definition.method in=store.Table
  static Table* constructor(int size) { return new Table(size); }
//       ^ reference.type
//              ^ definition.method in=store.Table
//                                                 ^ reference.call
  bool operator==(const Table& other) const { return size_ == other.size_; }
//     ^ definition.method in=store.Table
  explicit operator bool() const { return size_ > 0; }
//         ^ definition.method in=store.Table
  template <class F> void each(F&& visit) { std::for_each(begin(), end(), visit); }
//                        ^ definition.method in=store.Table
//                             ^ reference.type
//                                               ^ reference.call
//                                                        ^ reference.call
//                                                                 ^ reference.call

  enum State { OPEN, CLOSED };
//     ^ definition.enum in=store.Table
//             ^ definition.enum_member in=store.Table.State
//                   ^ definition.enum_member in=store.Table.State
  struct Entry {
//       ^ definition.struct in=store.Table
    K key;
//    ^ definition.field in=store.Table.Entry
    V value{};
//    ^ definition.field in=store.Table.Entry
  };

 protected:
  int size_ = 0, spare_;
//    ^ definition.field in=store.Table
//               ^ definition.field in=store.Table
  Bytes name_;
//      ^ definition.field in=store.Table
  Entry *head_, &last_;
//       ^ definition.field in=store.Table
//               ^ definition.field in=store.Table
  static int opened;
//           ^ definition.field in=store.Table
  void (*on_close_)(Table*);
//       ^ definition.field in=store.Table
};

template <>
class Table<int, int> {};
//    ^ definition.class in=store

union Word {
//    ^ definition.union in=store
  int whole;
//    ^ definition.field in=store.Word
  char parts[4];
//     ^ definition.field in=store.Word
};

}  // namespace store
