// Package shelf lends books.
package shelf

import (
	"context"
 // <- reference.import
	"fmt"
 // <- reference.import

	store "example.org/library/store"
//     ^ reference.import
)

// MaxLoans is how many books one reader may hold.
const MaxLoans = 5
//    ^ definition.constant public doc="MaxLoans is how many books one reader ma"

const (
	stateOpen   State = iota
 // <- definition.constant private
//           ^ reference.type
	stateClosed
 // <- definition.constant private
)

var (
	defaultShelf *Shelf
 // <- definition.variable private
//             ^ reference.type
	first, last  int
 // <- definition.variable private
//      ^ definition.variable private
)

var onReturn = func(book *Book) { fmt.Println(book.Title) }
//  ^ definition.function private
//                        ^ reference.type
//                                    ^ reference.call
//                                                 ^ reference.read

// State says whether a shelf lends.
type State int
//   ^ definition.type public doc="State says whether a shelf lends."

type Alias = map[string]*Book
//   ^ definition.type public
//                       ^ reference.type

/*
Book is what is lent.
*/
type Book struct {
//   ^ definition.struct public doc="Book is what is lent."
	Title, Author string
//             ^ !reference
 // <- definition.field in=Book public
//      ^ definition.field in=Book public
	store.Entry
//     ^ reference.inherit
	loans []Loan // who holds it
 // <- definition.field in=Book private
//       ^ reference.type
	inner struct {
 // <- definition.field in=Book private
		Page int
//^ definition.field in=Book.inner public
	}
}

type Lender interface {
//   ^ definition.interface public
	fmt.Stringer
//   ^ reference.inherit
	Closer
 // <- reference.inherit
	// Lend hands out a book.
	Lend(ctx context.Context, title string) (*Book, error)
 // <- definition.method in=Lender public doc="Lend hands out a book."
//                ^ reference.type
//                                         ^ reference.type
}

type Shelf[T any] struct {
//   ^ definition.struct public
	*Book
//^ reference.inherit
	items map[string]T
 // <- definition.field in=Shelf private
//                ^ reference.type
}

// NewShelf makes an empty shelf.
func NewShelf[T any](size int) *Shelf[T] {
//   ^ definition.function public doc="NewShelf makes an empty shelf."
//                              ^ reference.type
//                                    ^ reference.type
	const local = 3
	var hidden Book
//   ^ !reference
//          ^ reference.type
	type pair struct{ a int }
//    ^ definition.struct in=NewShelf private
//                 ^ definition.field in=NewShelf.pair private
	return &Shelf[T]{items: make(map[string]T, size+local), Book: &hidden}
//       ^ reference.type
//             ^ reference.type
//                ^ reference.write
//                       ^ reference.call
//                                       ^ reference.type
//                                                       ^ reference.write
}

// Lend hands out a book.

func (s *Shelf[T]) Lend(ctx context.Context, title string) (*Book, error) {
//       ^ reference.type
//             ^ reference.type
//                 ^ definition.method in=Shelf public doc=""
//                                  ^ reference.type
//                                                           ^ reference.type
	s.items = nil
// ^ reference.write
	s.Book.loans[0].count++
//               ^ reference.write
	defer close(ctx)
//     ^ reference.call
	walk(s.items, s.visit)
 // <- reference.call
//      ^ reference.read
//               ^ reference.read
	handlers := map[string]func(){"a": onReturn}
//                                  ^ reference.read
	if b, ok := any(s).(Lender); ok {
//           ^ reference.call
//                   ^ reference.type
		return b.Lend(ctx, title)
//         ^ reference.call
	}
	return store.Find[Book](ctx, title)
//            ^ reference.call
}

func (State) String() string { return "open" }
//    ^ reference.type
//           ^ definition.method in=State public

func constructor(__proto__ int) int { return __proto__ }
//   ^ definition.function private

func init() { go constructor(1) }
//   ^ definition.function private
//               ^ reference.call
