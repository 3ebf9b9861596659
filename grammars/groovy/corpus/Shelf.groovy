package library.loans

import groovy.json.JsonSlurper
//     ^ reference.import

/** A book. */
@CompileStatic
 // <- reference.type
class Book extends Item implements Lendable, Comparable<Book> {
//    ^ definition.class public doc="A book."
//                 ^ reference.inherit
//                                 ^ reference.inherit
//                                           ^ reference.inherit
    static final int LIMIT = 8
//                   ^ definition.field in=Book public
    private String title
//                 ^ definition.field in=Book private
    def pages = 3
//      ^ definition.field in=Book
    Book(String title) { this.title = title }
//  ^ definition.constructor in=Book
//                            ^ reference.write
    /** Lends. */
    protected int lend(Reader reader, int days = 2) throws LoanException {
//                ^ definition.method in=Book protected doc="Lends."
//                     ^ reference.type
//                                                         ^ reference.type
        check(reader)
//      ^ reference.call
        reader.loans.each { it.sort() }
//                   ^ reference.call
//                             ^ reference.call
        Log.note "lent"
//      ^ reference.type
//          ^ reference.call
        refuse reader.name
        def x = new Loan(1)
//                  ^ reference.call
        return x.count()
//               ^ reference.call
    }
    def size() { pages }
//      ^ definition.method in=Book
    enum Color { RED }
//       ^ definition.enum in=Book
}

interface Lendable { void lend() }
//        ^ definition.interface
//                        ^ definition.method in=Lendable
trait Shown { String show() { 'x' } }
//    ^ definition.trait
//                   ^ definition.method in=Shown
enum State { OPEN, LENT }
//   ^ definition.enum
//           ^ definition.enum_member in=State
//                 ^ definition.enum_member in=State
@interface Marker { }
//         ^ definition.interface

def top(a) { a }
//  ^ definition.function
def count = 3
//  ^ definition.variable
