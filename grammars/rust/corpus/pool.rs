//! A pool of connections, as a crate would have it.

use std::collections::{hash_map::Entry, HashMap};
//                               ^ reference.import
//                                      ^ reference.import
use std::fmt as format;
//       ^ reference.import
use crate::net::*;
//         ^ reference.import
extern crate alloc;
//           ^ reference.import

pub mod limits;
//      ^ definition.module public

/// The most connections a pool keeps.
pub const MAX_IDLE: usize = 8;
//        ^ definition.constant public doc="The most connections a pool keeps."
static mut OPENED: u64 = 0;
//         ^ definition.variable private
const GRÖSSE: &str = "größer als nötig";
//    ^ definition.constant private

/// A pool of things that can be taken and given back.
pub struct Pool<T: Clone> {
//         ^ definition.struct public doc="A pool of things that can be taken and given back."
    pub idle: Vec<T>,
//      ^ definition.field in=Pool public
//            ^ reference.type
//                ^ reference.type
    waiting: usize,
//  ^ definition.field in=Pool private
}

struct Unit;
//     ^ definition.struct private
struct Pair(u8, pub Unit);
//     ^ definition.struct private

union Bits {
//    ^ definition.union private
    whole: u32,
//  ^ definition.field in=Bits private
    parts: [u8; 4],
//  ^ definition.field in=Bits private
}

#[derive(Debug)]
pub(crate) enum State<E> {
//              ^ definition.enum public
    Ready,
//  ^ definition.enum_member in=State
    Failed(E),
//  ^ definition.enum_member in=State
    Waiting { since: u64 } = 3,
//  ^ definition.enum_member in=State
//            ^ definition.field in=State public
}

type Shared<T> = std::sync::Arc<Pool<T>>;
//   ^ definition.type private
//                          ^ reference.type
//                              ^ reference.type
//                                   ^ reference.type

/// What a pool keeps.
pub trait Connection: Send + format::Debug {
//        ^ definition.trait public doc="What a pool keeps."
//                    ^ reference.inherit
//                                   ^ reference.inherit
    const NAME: &'static str;
//        ^ definition.constant in=Connection public
    type Error;
//       ^ definition.type in=Connection public
    fn ping(&self) -> Result<(), Self::Error>;
//     ^ definition.method in=Connection public
    fn close(self) where Self: Sized {}
//     ^ definition.method in=Connection public
}

impl<T: Clone> Pool<T> {
    /// Makes an empty pool.
    pub fn constructor(limit: usize) -> Self {
//         ^ definition.method in=Pool public doc="Makes an empty pool."
        unsafe { OPENED += 1; }
//               ^ reference.write
        let mut made = Self { idle: Vec::with_capacity(limit), waiting: 0 };
//                     ^ reference.type
//                                  ^ reference.type
//                                       ^ reference.call
        made.waiting = limit;
//           ^ reference.write
        made
//      ^ !reference
    }

    async fn take(&mut self) -> Option<T> {
//           ^ definition.method in=Pool private
        fn inner() -> u8 { 1 }
//         ^ definition.function in=Pool.take private
        log::debug!("taken: {}", self.describe());
//           ^ reference.macro
//                                    ^ reference.call
        tokio::task::yield_now().await;
//                   ^ reference.call
        self.idle.iter().map(Clone::clone).collect::<Vec<_>>().pop()
//                ^ reference.call
//                       ^ reference.call
//                           ^ reference.type
//                                         ^ reference.call
//                                                   ^ reference.type
//                                                       ^ reference.type
//                                                             ^ reference.call
    }

    const LIMIT: usize = MAX_IDLE;
//        ^ definition.constant in=Pool private
}

impl<'a, T> Iterator for &'a Pool<T> {
//          ^ reference.inherit
//                           ^ reference.type
//                                ^ reference.type
    type Item = T;
//       ^ definition.type in=Pool public
    fn next(&mut self) -> Option<T> {
//     ^ definition.method in=Pool public
        fn inner() {}
//         ^ definition.function in=Pool.next private
        None
    }
}

impl Connection for net::Socket {
//   ^ reference.inherit
//                       ^ reference.type
    fn ping(&self) -> Result<(), ()> { retry(|| self.probe()) }
//     ^ definition.method in=Socket public
//                    ^ reference.type
//                                     ^ reference.call
//                                                   ^ reference.call
}

impl dyn Connection {
    fn to_string(&self) -> String { String::new() }
//     ^ definition.method in=Connection private
}

pub mod naming {
//      ^ definition.module public
    pub(super) fn __proto__<F>(f: F) where F: Fn(u8) { f(1) }
//                ^ definition.function in=naming public
//                                ^ reference.type
//                                                     ^ reference.call

    pub mod deep {
//          ^ definition.module in=naming public
        pub fn höchstwert(a: u32) -> u32 { super::__proto__(drop); a }
//             ^ definition.function in=naming.deep public
//                                                ^ reference.call
    }
}

extern "C" {
    fn getpid() -> i32;
//     ^ definition.function private
}

/// Squares what it is given.
#[macro_export]
macro_rules! square {
//           ^ definition.macro private doc="Squares what it is given."
    ($x:expr) => { $x * $x };
}

cfg_net! {
    pub fn listen(port: u16) -> Pool<u16> {
//         ^ definition.function public
        Pool::constructor(port as usize)
    }

    static mut LISTENERS: u8 = 0;
//             ^ definition.variable
    fn first() -> &'static Listener { const PORT: u16 = 1; }
//     ^ definition.function private

    impl Listener {
        pub fn accept(&self) {}
//             ^ definition.method in=Listener public
    }
}

#[cfg(test)]
mod tests {
//  ^ definition.module private
    use super::Pool;
//             ^ reference.import

    #[test]
    fn takes_from_an_empty_pool() {
//     ^ definition.function in=tests private
        assert_eq!(nine(3), square(9));
//      ^ reference.macro
//                 ^ reference.call
//                          ^ reference.call
    }
}
