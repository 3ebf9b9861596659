package org.example.shelf
//      ^ definition.namespace public

import java.util.UUID
//               ^ reference.import
import org.example.store.{Entry, Page => StoredPage}
//                        ^ reference.import
//                               ^ reference.import
import org.example.tools._

/** What is lent. */
case class Book(title: String, private val pages: Int = 0) extends Entry[String](title) with Ordered[Book] {
//         ^ definition.class public doc="What is lent."
//              ^ definition.field in=Book public doc="What is lent."
//                                         ^ definition.field in=Book private doc="What is lent."
//                                                                 ^ reference.inherit
//                                                                                           ^ reference.inherit
//                                                                                                   ^ reference.type
  val isThick: Boolean = pages > 500
//    ^ definition.field in=Book public
  var owner: Option[Reader] = None
//    ^ definition.field in=Book public
//                  ^ reference.type
  private[shelf] lazy val tags = List("a")
//                        ^ definition.field in=Book private
  type Id = UUID
//     ^ definition.type in=Book public
//          ^ reference.type

  def compare(other: Book): Int = title.compareTo(other.title)
//    ^ definition.method in=Book public
//                                      ^ reference.call

  /** Lends it. */
  protected def lend[T <: Reader](reader: T)(implicit store: Store): Loan = {
//              ^ definition.method in=Book protected doc="Lends it."
//                                        ^ reference.type
//                                                           ^ reference.type
//                                                                   ^ reference.type
    val local = new Loan(this)
//                  ^ reference.call
    owner = Some(reader)
//  ^ reference.write
    store.books.add(local).map(_.id)
//              ^ reference.call
//                         ^ reference.call
    def inner(n: Int) = n
//      ^ definition.function in=Book.lend public
    local match {
      case Loan(book) => book.close()
//                            ^ reference.call
      case other: Lost => throw new MissingBook("x")
//                ^ reference.type
//                                  ^ reference.call
    }
  }

  def +(other: Book): Shelf = Shelf(this, other)
//    ^ definition.method in=Book public
//                    ^ reference.type
//                            ^ reference.call
}

object Book {
//     ^ definition.class public
  val MaxLoans = 5
//    ^ definition.field in=Book public
  def apply(title: String): Book = new Book(title, 0)
//    ^ definition.method in=Book public
//                                     ^ reference.call
  implicit class Rich(val book: Book) { def thick = book.isThick }
//               ^ definition.class in=Book public
//                        ^ definition.field in=Book.Rich public
//                                          ^ definition.method in=Book.Rich public
}

sealed trait State
//           ^ definition.trait public
case object Open extends State
//          ^ definition.class public
//                       ^ reference.inherit

abstract class Lender[A](name: String) {
//             ^ definition.class public
//                       ^ definition.field in=Lender public
  def this() = this("x")
//    ^ definition.method in=Lender public
//             ^ reference.call
  def lend(book: A): Unit
//    ^ definition.method in=Lender public
//               ^ reference.type
  val größe: Int
//    ^ definition.field in=Lender public
}

package object tools { val unit = 1 }
//             ^ definition.module public
//                         ^ definition.variable in=tools public

enum Colour(val rgb: Int) {
//   ^ definition.enum public
  case Red extends Colour(0xff0000)
//     ^ definition.enum_member in=Colour public
//                 ^ reference.inherit
  case Green, Blue
//     ^ definition.enum_member in=Colour public
//            ^ definition.enum_member in=Colour public
}

given ordering: Ordering[Book] with
//    ^ definition.variable public
//              ^ reference.type
  def compare(a: Book, b: Book) = 0
//    ^ definition.function in=ordering public

extension (book: Book)
  def isOld: Boolean = book.pages > 3
//    ^ definition.function public

@main def run(args: String*): Unit = println(args)
 // <- reference.type
//        ^ definition.function public
