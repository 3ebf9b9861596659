"use strict";
const fs = require("node:fs");
//    ^ definition.constant private
//                  ^ reference.import
import express, { Router as router } from "express";
//     ^ reference.import
//                ^ reference.import
//                                         ^ reference.import
export { helper } from "./helper.js";
//       ^ reference.import
//                      ^ reference.import

/** How many books one reader may hold. */
export const maxLoans = 5;
//           ^ definition.constant public doc="How many books one reader may hold."
let open = true;
//  ^ definition.variable private
var old = 1;
//  ^ definition.variable private
export const square = (x) => x * x;
//           ^ definition.function public

/**
 * What is lent.
 */
export class Book extends lib.Entry {
//           ^ definition.class public doc="What is lent."
//                            ^ reference.inherit
  static shelves = new Map();
//       ^ definition.field in=Book public
//                     ^ reference.call
  #secret = 1;
//^ definition.field in=Book private
  handler = () => this.#lend();
//^ definition.method in=Book public
//                     ^ reference.call

  constructor(title) {
//^ definition.constructor in=Book public
    super(title);
//        ^ reference.read
    this.title = title;
//       ^ reference.write
    this.#secret++;
//       ^ reference.write
  }

  get holder() {
//    ^ definition.property in=Book public
    return find(byName instanceof Reader);
//         ^ reference.call
//                                ^ reference.type
  }

  set holder(reader) {
//    ^ definition.property in=Book public
    this.reader = reader;
//       ^ reference.write
  }

  #lend() {}
//^ definition.method in=Book private

  static async *walk() {}
//              ^ definition.method in=Book public
}

const Late = class extends Book {
//    ^ definition.class private
//                         ^ reference.inherit
  renew() {}
//^ definition.method in=Late public
};

const api = {
//    ^ definition.constant private
  get: (id) => id,
//^ definition.method in=api private
  list() {
//^ definition.method in=api private
    return new Book(open);
//             ^ reference.call
//                  ^ reference.read
  },
  constructor: () => {},
//^ definition.method in=api private
};

function constructor(__proto__) {
//       ^ definition.function private
  const local = 1;
  function inner() {}
//         ^ definition.function in=constructor private
  return inner(local);
//       ^ reference.call
//             ^ reference.read
}

function* generate() {}
//        ^ definition.function private
module.exports = function late() {};
//     ^ reference.write
//                        ^ definition.function private
module.exports.early = () => generate();
//             ^ definition.function public
//                           ^ reference.call
Book.prototype.renew = function () {};
//             ^ definition.method in=Book public
export default function App() {
//                      ^ definition.function public
  return <Layout.Main title={maxLoans}><Book /></Layout.Main>;
//               ^ reference.call
//                           ^ reference.read
//                                      ^ reference.call
}
export { api as default };
//       ^ reference.read
Late.Inner = class {};
//   ^ definition.class private

export const near = 1, far = () => { const hidden = () => 2; return hidden; };
//           ^ definition.constant public
//                     ^ definition.function public
//                                         ^ definition.function in=far private
export let lower, upper;
//         ^ definition.variable public
//                ^ definition.variable public
export const { useShelf, useBook } = api;
//             ^ definition.constant public
//                       ^ definition.constant public
export const [firstSlot, lastSlot] = slots;
//            ^ definition.constant public
//                       ^ definition.constant public
const [topSlot] = slots;
//     ^ definition.constant private
