# The books of a library.
include "shared.thrift"
//       ^ reference.import

namespace py library.shelf
//                   ^ definition.namespace
namespace java org.example.books
//                 ^ definition.namespace
//                         ^ definition.namespace
namespace go plain
//           ^ definition.namespace

const i32 MAX_LOANS = 5
//        ^ definition.constant

typedef i64 BookId
//          ^ definition.type
typedef list<shared.Entry> Entries
//                  ^ reference.type
//                         ^ definition.type

/** Whether a book is there. */
enum State {
//   ^ definition.enum doc="Whether a book is there."
  OPEN = 1,
//^ definition.enum_member in=State
  LENT = 2
//^ definition.enum_member in=State
}

// What is lent.
struct Book {
//     ^ definition.struct doc="What is lent."
  1: required BookId id,
//            ^ reference.type
//                   ^ definition.field in=Book
  2: optional string title = "untitled",
//                   ^ definition.field in=Book
  3: State state = State.OPEN,
//   ^ reference.type
//         ^ definition.field in=Book
//                       ^ reference.read
  4: map<string, shared.Note> notes
//                      ^ reference.type
//                            ^ definition.field in=Book
}

union Owner {
//    ^ definition.union
  1: string reader,
//          ^ definition.field in=Owner
  2: Book book
//   ^ reference.type
//        ^ definition.field in=Owner
}

exception NotFound {
//        ^ definition.struct
  1: string why
//          ^ definition.field in=NotFound
}

/** Lends books. */
service Shelf extends shared.Base {
//      ^ definition.interface doc="Lends books."
//                           ^ reference.inherit
  void ping(),
//     ^ definition.method in=Shelf

  /** Hands a book out. */
  Book lend(1: BookId id, 2: Owner owner) throws (1: NotFound missing),
//     ^ definition.method in=Shelf doc="Hands a book out."
//                           ^ reference.type
//                                                   ^ reference.type

  oneway void forget(1: list<Book> books)
//            ^ definition.method in=Shelf
}

service Plain {
//      ^ definition.interface
  i32 count()
//    ^ definition.method in=Plain
}
