// Macros that the parser has never heard of.
#include "store.hpp"
//        ^ reference.import

class STORE_EXPORT Cursor {
//                 ^ definition.class
 public:
  bool Valid() const { return valid_; }
//     ^ definition.method in=Cursor
  Cursor(int at) : at_(at) {}
//^ definition.method in=Cursor
};

class STORE_EXPORT Snapshot : public Reader {
//                 ^ definition.class
 public:
  int version() { return 1; }
//    ^ definition.method in=Snapshot
  int age() { return now() - born_; }
//    ^ definition.method in=Snapshot
//                   ^ reference.call
};

class STORE_EXPORT Empty {};
//                 ^ definition.class

class Counter {
//    ^ definition.class
  void Add(int n) LOCKS_EXCLUDED(mutex_) { total_ = total_ + n; }
//     ^ definition.method in=Counter
//                               ^ reference.type
//                                         ^ reference.write
  int Get() const { return total_; }
//    ^ definition.method in=Counter
};

void Counter::Reset(int n) LOCKS_EXCLUDED(mutex_) {
//            ^ definition.method in=Counter
  total_ = n;
//^ reference.write
}

struct Described {
//     ^ definition.struct
  API_CONSTEXPR Described(int size, int at) noexcept
//              ^ definition.constructor in=Described
      : size_(size), at_(at) {}
};

TEST(DescribedTest, enum) {
// <- definition.function
  run();
//^ reference.call
}

Described::~Described()
//         ^ definition.method in=Described
    LOCKS_EXCLUDED(&Counter::mutex_) {
}

template <class T>
class STORE_EXPORT Twice
//                 ^ definition.class
    : private detail::Once<T>,
      public T {
};
