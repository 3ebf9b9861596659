library shelf;

import 'dart:async';
//     ^ reference.import
import 'package:store/store.dart' as store show Entry;
//     ^ reference.import
export 'src/book.dart';
//     ^ reference.import
part 'shelf.g.dart';
//   ^ reference.import

/// How many books one reader may hold.
const maxLoans = 5;
//    ^ definition.constant public doc="How many books one reader may"
final Logger _log = Logger('shelf');
//    ^ reference.type
//           ^ definition.constant private
//                  ^ reference.call
int opened = 0, closed = 1;
//  ^ definition.variable public
//              ^ definition.variable public
typedef Handler = void Function(Book book);
//      ^ definition.type public
//                              ^ reference.type

/// What is lent.
@immutable
 // <- reference.type
class Book extends Entry<String> with Tagged implements Comparable<Book> {
//    ^ definition.class public doc="What is lent."
//                 ^ reference.inherit
//                                    ^ reference.inherit
//                                                      ^ reference.inherit
  final String title;
//             ^ definition.field in=Book public
  static const kind = 'book';
//             ^ definition.field in=Book public
  late int _pages = 0, size;
//         ^ definition.field in=Book private
//                     ^ definition.field in=Book public

  /// Makes one.
  Book(this.title, {int pages = 0}) : _pages = pages, super(title);
//^ definition.constructor in=Book public doc="Makes one."
  const Book.empty() : title = '';
//           ^ definition.constructor in=Book public
  factory Book.of(Map<String, dynamic> json) => Book(json['title'] as String);
//             ^ definition.constructor in=Book public
//                                              ^ reference.call

  bool get isThick => _pages > 500;
//         ^ definition.property in=Book public
  set pages(int value) {
//    ^ definition.property in=Book public
    _pages = value;
//  ^ reference.write
  }

  @override
  int compareTo(Book other) => title.compareTo(other.title);
//    ^ definition.method in=Book public
//                                   ^ reference.call

  Future<Loan?> lend<T extends Reader>(T reader) async {
//       ^ reference.type
//              ^ definition.method in=Book public
//                   ^ reference.type
//                             ^ reference.type
    final local = Loan(this);
//                ^ reference.call
    reader.loans.add(local);
//               ^ reference.call
    this.size = 3;
//       ^ reference.write
    int inner(int n) => n;
    await store.open()..write(local);
//              ^ reference.call
//                      ^ reference.call
    if (reader is Student) return null;
//                ^ reference.type
    return new Loan(this);
  }

  static Book make() => Book('x');
//            ^ definition.method in=Book public
  Book operator +(Book other) => this;
//              ^ definition.method in=Book public
}

abstract interface class Lender {
//                       ^ definition.class public
  String get name;
//           ^ definition.property in=Lender public
  void lend(Book book);
//     ^ definition.method in=Lender public
}

mixin Tagged on Entry {
//    ^ definition.trait public
  List<String> tags = [];
//             ^ definition.field in=Tagged public
}

enum State { open, closed }
//   ^ definition.enum public
//           ^ definition.enum_member in=State public
//                 ^ definition.enum_member in=State public

enum Colour implements Labelled {
//   ^ definition.enum public
//                     ^ reference.inherit
  red(0xff0000),
//^ definition.enum_member in=Colour public
  green(0x00ff00);
//^ definition.enum_member in=Colour public

  const Colour(this.rgb);
//      ^ definition.constructor in=Colour public
  final int rgb;
//          ^ definition.field in=Colour public
}

extension Size on Book {
//        ^ definition.class public
//                ^ reference.inherit
  int get large => 1;
//        ^ definition.property in=Size public
  void close() {}
//     ^ definition.method in=Size public
}

extension type Id(int value) {}
//             ^ definition.class public

Future<void> main(List<String> args) async {
//           ^ definition.function public
  runApp(Shelf(books: [Book('x')]));
//^ reference.call
//       ^ reference.call
  opened = 2;
//^ reference.write
}
