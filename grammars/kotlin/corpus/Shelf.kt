package org.example.shelf
//      ^ definition.namespace public

import java.util.UUID
//               ^ reference.import
import org.example.store.Entry as StoredEntry
//                       ^ reference.import
import org.example.tools.*
//                 ^ reference.import

/** How many books one reader may hold. */
const val MAX_LOANS = 5
//        ^ definition.constant public doc="How many books one reader may"
private val log = Logger("shelf")
//          ^ definition.variable private
//                ^ reference.call
var opened: Int = 0
//  ^ definition.variable public
    private set
typealias Handler = (Book) -> Unit
//        ^ definition.type public
//                   ^ reference.type

/** What is lent. */
@Serializable
 // <- reference.type
data class Book(val title: String, private var pages: Int = 0, hint: String) : Entry<String>(title), Comparable<Book> {
//         ^ definition.class public doc="What is lent."
//                  ^ definition.property in=Book public
//                                             ^ definition.property in=Book private
//                                                                             ^ reference.inherit
//                                                                                                   ^ reference.inherit
    lateinit var owner: Reader
//               ^ definition.property in=Book public
//                      ^ reference.type
    val isThick: Boolean get() = pages > 500
//      ^ definition.property in=Book public
    internal val tags by lazy { listOf("a") }
//               ^ definition.property in=Book internal
//                       ^ reference.call

    init {
        opened += 1
//      ^ reference.write
    }

    constructor(title: String) : this(title, 0, "") {
//  ^ definition.constructor in=Book public
        register(this)
//      ^ reference.call
    }

    override fun compareTo(other: Book): Int = title.compareTo(other.title)
//               ^ definition.method in=Book public
//                                                   ^ reference.call

    protected suspend fun <T> load(id: UUID): T? where T : Any {
//                            ^ definition.method in=Book protected
//                                     ^ reference.type
//                                            ^ reference.type
        val local = MAX_LOANS
        owner = Reader.find(id) ?: throw MissingReader("no $id")
//      ^ reference.write
//                     ^ reference.call
//                                       ^ reference.call
        return Store.open().use { it.read(id) }
//                   ^ reference.call
//                          ^ reference.call
//                                   ^ reference.call
    }

    companion object Factory : Maker {
//                   ^ definition.class in=Book public
//                             ^ reference.inherit
        const val KIND = "book"
//                ^ definition.constant in=Book.Factory public
        @JvmStatic fun make(): Book = Book("x")
//       ^ reference.type
//                     ^ definition.method in=Book.Factory public
//                                    ^ reference.call
    }

    inner class Page(val number: Int)
//              ^ definition.class in=Book public
//                       ^ definition.property in=Book.Page public
}

interface Lender {
//        ^ definition.interface public
    val name: String
//      ^ definition.property in=Lender public
    fun lend(book: Book): Loan
//      ^ definition.method in=Lender public
//                        ^ reference.type
    fun close() {}
//      ^ definition.method in=Lender public
}

fun interface Visitor { fun visit(book: Book) }
//            ^ definition.interface public
//                          ^ definition.method in=Visitor public

sealed class Result { object Empty : Result() }
//           ^ definition.class public
//                           ^ definition.class in=Result public
//                                   ^ reference.inherit

enum class State(val code: Int) : Labelled {
//         ^ definition.enum public
//                   ^ definition.property in=State public
//                                ^ reference.inherit
    OPEN(1) { override fun label() = "open" },
//  ^ definition.enum_member in=State public
//                         ^ definition.method in=State public
    CLOSED(2);
//  ^ definition.enum_member in=State public

    fun isOpen() = this == OPEN
//      ^ definition.method in=State public
}

annotation class Checked
//               ^ definition.class public
object Registry : Lender by Delegate() {
//     ^ definition.class public
//                ^ reference.inherit
//                          ^ reference.call
    private val all = mutableMapOf<String, Book>()
//              ^ definition.property in=Registry private
}

inline fun <reified T> Book.read(block: (T) -> Unit): List<T> = emptyList()
//                          ^ definition.method in=Book public
//                                                    ^ reference.type
fun String.überall() = uppercase()
//         ^ definition.method in=String public
//                     ^ reference.call
fun Map<String, Book>.first(): Book = values.first()
//  ^ reference.type
//                    ^ definition.method in=Map public
//                                           ^ reference.call
infix fun Int.times(other: Book) = other
//            ^ definition.method in=Int public

fun main(args: Array<String>) {
//  ^ definition.function public
//             ^ reference.type
    val shelf = object : Lender { override fun lend(book: Book) = Loan(book) }
//                                             ^ definition.function in=main public
//                                                                ^ reference.call
    when (val state = State.OPEN) {
        is Closed -> println(state as Book)
//         ^ reference.type
        else -> args.forEach(::println)
//                   ^ reference.call
//                             ^ reference.read
    }
    shelf?.lend(Book("x"))!!.apply { count = 3 }
//         ^ reference.call
//                           ^ reference.call
//                                   ^ reference.write
    fun inner() = 1
//      ^ definition.function in=main public
}
