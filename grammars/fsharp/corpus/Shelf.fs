namespace Library.Loans
//        ^ definition.namespace

open System.IO
//   ^ reference.import

/// A book.
type Book =
//   ^ definition.struct in=Library.Loans public doc="A book."
    { Title: Title
//    ^ definition.field in=Library.Loans.Book
//           ^ reference.type
      mutable Pages: int }
//            ^ definition.field in=Library.Loans.Book
    member this.Size = this.Pages
//              ^ definition.property in=Library.Loans.Book
    static member Make(t) = { Title = t; Pages = 1 }
//                ^ definition.method in=Library.Loans.Book
//                            ^ reference.write

type Shape =
//   ^ definition.type
    | Circle of float
//    ^ definition.enum_member in=Library.Loans.Shape
    | Framed of Book * Shape
//    ^ definition.enum_member in=Library.Loans.Shape
//              ^ reference.type
type Color = Red = 0 | Blue = 1
//   ^ definition.enum
//           ^ definition.enum_member in=Library.Loans.Color
//                     ^ definition.enum_member in=Library.Loans.Color
type Title = string
//   ^ definition.type
type Handler = Book -> Async<Shape>
//   ^ definition.type
//             ^ reference.type
type Callback = delegate of int -> int
//   ^ definition.type
type IStore =
//   ^ definition.interface
    interface
        abstract member Open: string -> Book
//                      ^ definition.method in=Library.Loans.IStore
//                                      ^ reference.type
    end

// A place.
type Point(x: int, y: int) =
//   ^ definition.class public doc="A place."
    inherit Base(x)
//          ^ reference.inherit
    let mutable hidden = x
//              ^ definition.field in=Library.Loans.Point
    let helper z = z + 1
//      ^ definition.method in=Library.Loans.Point
    member val Label = "" with get, set
//             ^ definition.property in=Library.Loans.Point
    member private this.Move(dx) = helper dx
//                      ^ definition.method in=Library.Loans.Point private
//                                 ^ reference.call
    interface IStore with
//            ^ reference.inherit
        member this.Open(p) = load p
//                  ^ definition.method in=Library.Loans.Point
//                            ^ reference.call
exception Missing of string
//        ^ definition.type

module Inner =
//     ^ definition.module in=Library.Loans
    let limit = 8
//      ^ definition.variable in=Library.Loans.Inner
    /// Lends.
    let lend (b: Book) days : Loan =
//      ^ definition.function in=Library.Loans.Inner doc="Lends."
//               ^ reference.type
//                            ^ reference.type
        let once x = x
//          ^ definition.function in=Library.Loans.Inner.lend
        let local = once 3
//                  ^ reference.call
        b.Pages <- local
//        ^ reference.write
        days |> List.map go |> finish
//                   ^ reference.call
//                             ^ reference.call
        Log.note 1
//          ^ reference.call
        new Point(1, 2)
//          ^ reference.call
    let rec even n = odd n
//          ^ definition.function
    and odd n = even n
//      ^ definition.function
    let (|Even|Odd|) n = if even n then Even else Odd
//      ^ definition.function
    let (+.) a b = a
//      ^ definition.function
    let twice = fun x -> x + x
//      ^ definition.function
    let internal hidden () = ()
//               ^ definition.function internal
