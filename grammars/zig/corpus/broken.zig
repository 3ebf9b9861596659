const std = @import("std");
//    ^ definition.constant private
//                   ^ reference.import

pub fn whole() void {
//     ^ definition.function public
    std.debug.print("whole", .{});
//            ^ reference.call
}

pub fn half(a: u32, {
//     ^ definition.function public
    whole(
//  ^ reference.call

const After = struct {
    count: u32,
//  ^ definition.field private
};

pub fn last() void {}
//     ^ definition.function public
