//! A shelf that lends books.
const std = @import("std");
//    ^ definition.constant private doc="A shelf that lends books."
//                   ^ reference.import
const Allocator = std.mem.Allocator;
//    ^ definition.constant private
const limits = @import("limits.zig");
//    ^ definition.constant private
//                      ^ reference.import
pub usingnamespace limits;
//                 ^ reference.inherit

/// How many books one reader may hold.
pub const max_loans = 5;
//        ^ definition.constant public doc="How many books one reader may"
var open_shelves: usize = 0;
//  ^ definition.variable private

/// What may go wrong.
pub const LendError = error{
//        ^ definition.enum public doc="What may go wrong."
    NotFound,
//  ^ definition.enum_member in=LendError public
    TooMany,
//  ^ definition.enum_member in=LendError public
};

pub const State = enum(u8) {
//        ^ definition.enum public
    open,
//  ^ definition.enum_member in=State public
    lent = 2,
//  ^ definition.enum_member in=State public

    pub fn isOpen(self: State) bool {
//         ^ definition.method in=State public
//                      ^ reference.type
        return self == .open;
    }
};

pub const Owner = union(enum) {
//        ^ definition.union public
    nobody,
//  ^ definition.field in=Owner public
    reader: Reader,
//  ^ definition.field in=Owner public
//          ^ reference.type
};

const Handle = opaque {};
//    ^ definition.struct private

/// What is lent.
pub const Book = struct {
//        ^ definition.struct public doc="What is lent."
    title: []const u8,
//  ^ definition.field in=Book public
    state: State = .open,
//  ^ definition.field in=Book public
    next: ?*Book,
//  ^ definition.field in=Book public
//          ^ reference.type

    const Self = @This();
//        ^ definition.constant in=Book private

    /// Hands the book out.
    pub fn lend(self: *Self, to: Reader) LendError!void {
//         ^ definition.method in=Book public doc="Hands the book out."
//                     ^ reference.type
//                                       ^ reference.type
        if (!self.state.isOpen()) return LendError.TooMany;
//                      ^ reference.call
        self.state = .lent;
//           ^ reference.write
        to.loans += 1;
//         ^ reference.write
        open_shelves += 1;
    }

    fn reset(self: *Self) void {
//     ^ definition.method in=Book private
        self.* = Book{ .title = "", .next = null };
//                      ^ reference.write
//                                   ^ reference.write
    }
};

pub fn List(comptime T: type) type {
//     ^ definition.function public
    return struct {
        items: []T,
//      ^ definition.field in=List private
//               ^ reference.type

        pub fn init(allocator: Allocator) @This() {
//             ^ definition.method in=List public
//                             ^ reference.type
            return .{ .items = allocator.alloc(T, 0) catch unreachable };
//                     ^ reference.write
//                                       ^ reference.call
        }
    };
}

pub extern "c" fn shelf_count(handle: *Handle) c_int;
//                ^ definition.function public
//                                     ^ reference.type

export fn shelf_open(books: [*]Book, list: std.ArrayList(Book)) void {
//        ^ definition.function public
//                                             ^ reference.call
    const shelf = List(Book).init(std.heap.page_allocator);
//                ^ reference.call
//                           ^ reference.call
    shelf.push(books[0]);
//        ^ reference.call
    list.append(Book.init());
//       ^ reference.call
}

inline fn twice(n: u32) u32 {
//        ^ definition.function private
    return n * 2;
}

test "a book is lent once" {
//    ^ definition.function private
    try std.testing.expect(twice(1) == 2);
//                  ^ reference.call
//                         ^ reference.call
}
