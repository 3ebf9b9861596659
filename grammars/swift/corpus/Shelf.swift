import Foundation
//     ^ reference.import
import struct Store.Entry
//                  ^ reference.import
@testable import ShelfCore
 // <- reference.type
//               ^ reference.import

/// How many books one reader may hold.
public let maxLoans = 5
//         ^ definition.constant public doc="How many books one reader may"
private var opened: Int = 0, closed = 1
//          ^ definition.variable private
//                           ^ definition.variable private
typealias Handler = (Book) -> Void
//        ^ definition.type internal
//                   ^ reference.type

/// What is lent.
@objc open class Book: Entry, Codable, Comparable {
 // <- reference.type
//               ^ definition.class public doc="What is lent."
//                     ^ reference.inherit
//                            ^ reference.inherit
//                                     ^ reference.inherit
    public let title: String
//             ^ definition.property in=Book public
    private(set) var pages: Int = 0
//                   ^ definition.property in=Book private
    static let kind = "book"
//             ^ definition.property in=Book internal
    lazy var owner: Reader? = { Reader.find() }()
//           ^ definition.property in=Book internal
//                  ^ reference.type
//                                     ^ reference.call
    var isThick: Bool {
//      ^ definition.property in=Book internal
        get { pages > 500 }
        set { pages = newValue ? 501 : 0 }
//            ^ reference.write
    }
    weak var delegate: LenderDelegate? { didSet { changed() } }
//           ^ definition.property in=Book internal
//                     ^ reference.type
//                                                ^ reference.call

    public init(title: String) { self.title = title; super.init() }
//         ^ definition.constructor in=Book public
//                                    ^ reference.write
    convenience init?(raw: Data) throws { return nil }
//              ^ definition.constructor in=Book internal
//                         ^ reference.type
    deinit { close() }
//  ^ definition.method in=Book internal
//           ^ reference.call

    /// Lends it.
    func lend<T: Lender>(to reader: T, for days: Int) async throws -> Loan where T: Codable {
//       ^ definition.method in=Book internal doc="Lends it."
//               ^ reference.type
//                                  ^ reference.type
//                                                                    ^ reference.type
//                                                                                  ^ reference.type
        let local = Loan(book: self)
//                  ^ reference.call
        guard let found = try await Store.shared.find(reader.id) as? Loan else { throw ShelfError.missing }
//                                  ^ reference.type
//                                                                                     ^ reference.type
        reader.loans.append(local)
//                   ^ reference.call
        pages += 1
        self.owner = reader
//           ^ reference.write
        return found
    }

    subscript(index: Int) -> Page { pages[index] }
//  ^ definition.method in=Book internal
//                           ^ reference.type
//                                  ^ reference.call
    static func < (lhs: Book, rhs: Book) -> Bool { lhs.title < rhs.title }
//              ^ definition.method in=Book internal
    class func make() -> Self { .init(title: "x") }
//             ^ definition.method in=Book internal
    fileprivate struct Page { var number = 1 }
//                     ^ definition.struct in=Book private
//                                ^ definition.property in=Book.Page internal
}

public protocol Lender: AnyObject, Sendable {
//              ^ definition.interface public
//                      ^ reference.inherit
//                                 ^ reference.inherit
    associatedtype Item: Hashable
//                 ^ definition.type in=Lender public
//                       ^ reference.type
    var name: String { get }
//      ^ definition.property in=Lender public
    func lend(_ book: Book) -> Item
//       ^ definition.method in=Lender public
//                             ^ reference.type
    init(name: String)
//  ^ definition.constructor in=Lender public
}

struct Shelf<Item: Equatable> {
//     ^ definition.struct internal
//                 ^ reference.type
    @Published var items: [Item] = []
//   ^ reference.type
//                 ^ definition.property in=Shelf internal
    mutating func add(_ item: Item) { items.append(item) }
//                ^ definition.method in=Shelf internal
}

indirect enum State: String, CaseIterable {
//            ^ definition.enum internal
//                   ^ reference.inherit
//                           ^ reference.inherit
    case open, closed = "c"
//       ^ definition.enum_member in=State public
//             ^ definition.enum_member in=State public
    case lost(reason: String, Int)
//       ^ definition.enum_member in=State public
    var label: String { rawValue }
//      ^ definition.property in=State internal
}

extension Book: CustomStringConvertible where Item == Int {
//              ^ reference.inherit
    var description: String { title }
//      ^ definition.property in=Book internal
    func größer() {}
//       ^ definition.method in=Book internal
}

actor Counter { var n = 0; func add() { n += 1 } }
//    ^ definition.class internal
//                  ^ definition.property in=Counter internal
//                              ^ definition.method in=Counter internal
//                                      ^ reference.write
infix operator <~>: AdditionPrecedence
func <~> (a: Book, b: Book) -> Book { a }
//   ^ definition.function internal
@resultBuilder enum ListBuilder {}
 // <- reference.type
//                  ^ definition.enum internal
macro check(_ value: Bool)
//    ^ definition.macro internal

func main() {
//   ^ definition.function internal
    #if DEBUG
    log("x")
//  ^ reference.call
    #endif
    func inner() {}
//       ^ definition.function in=main internal
    print(Book(title: "x").lend(to: me, for: 3))
//        ^ reference.call
//                         ^ reference.call
    let handler = { (book: Book) -> Void in use(book) }
//                                          ^ reference.call
    switch state { case .open: break; case let .lost(why, _): log(why) }
}
