import fs, { readFile as read, type Stats } from "node:fs";
//     ^ reference.import
//           ^ reference.import
//                                  ^ reference.import
//                                                ^ reference.import
import * as path from "node:path";
//                     ^ reference.import
import legacy = require("legacy");
//     ^ reference.import
//                       ^ reference.import
export { Loan, type Shelf } from "./loan";
//       ^ reference.import
//                  ^ reference.import
//                                ^ reference.import
export * from "./more";
//             ^ reference.import

/** How many books one reader may hold. */
export const maxLoans: number = 5;
//           ^ definition.constant public doc="How many books one reader may hold."
let open = true, closed = false;
//  ^ definition.variable private
//               ^ definition.variable private
const { first, second: renamed } = fs;
//      ^ definition.constant private
//                     ^ definition.constant private
export const square = (x: number) => x * x;
//           ^ definition.function public
const lend = async function lendBook(book: Book): Promise<void> {
//    ^ definition.function private
//                          ^ definition.function in=lend private
//                                         ^ reference.type
//                                                ^ reference.type
  const local = 1;
//      ^ !reference
  await book.lend(local);
//           ^ reference.call
//                ^ reference.read
};

export type Titles = Map<string, Book> | Title[];
//          ^ definition.type public
//                   ^ reference.type
//                               ^ reference.type
//                                       ^ reference.type
type Guard = (value: unknown) => value is Book;
//   ^ definition.type private
//                                        ^ reference.type

export interface Lender<T extends Entry = Entry> extends Closer, lib.Opener<T> {
//               ^ definition.interface public
//                                ^ reference.type
//                                        ^ reference.type
//                                                       ^ reference.inherit
//                                                                   ^ reference.type
//                                                                          ^ reference.type
  readonly name: string;
//         ^ definition.property in=Lender public
  lend(title: T["title"]): Promise<Book>;
//^ definition.method in=Lender public
//            ^ reference.type
//                         ^ reference.type
//                                 ^ reference.type
  onReturn?: (book: Book) => void;
//^ definition.property in=Lender public
//                  ^ reference.type
}

export enum State {
//          ^ definition.enum public
  Open,
//^ definition.enum_member in=State public
  Closed = "closed",
//^ definition.enum_member in=State public
}

declare module "books" {
//              ^ definition.module private
  export function count(): number;
//                ^ definition.function in=books public
}
namespace Inner {
//        ^ definition.namespace private
  export const depth = 1;
//             ^ definition.constant in=Inner public
  export class Nested {}
//             ^ definition.class in=Inner public
}
declare const injected: string;
//            ^ definition.constant private

/**
 * What is lent.
 */
@sealed
 // <- reference.call
@component({ title: "x" })
 // <- reference.call
export default class Book extends Entry implements Lender<Entry> {
//                   ^ definition.class public doc="What is lent."
//                                ^ reference.inherit
//                                                 ^ reference.inherit
//                                                        ^ reference.type
  static readonly shelves = new Map<string, Shelf>();
//                ^ definition.field in=Book public
//                              ^ reference.call
//                                          ^ reference.type
  #secret = 1;
//^ definition.field in=Book private
  private count?: number;
//        ^ definition.field in=Book private
  protected handler = (event: lib.Event) => this.lend(event);
//          ^ definition.method in=Book protected
//                                ^ reference.type
//                                               ^ reference.call
//                                                    ^ reference.read

  constructor(
//^ definition.constructor in=Book public
    public readonly title: string,
//                  ^ definition.field in=Book public
    plain: number,
  ) {
    super(title);
//        ^ reference.read
    this.count = plain;
//       ^ reference.write
    this.#secret++;
//       ^ reference.write
  }

  get holder(): Reader | undefined {
//    ^ definition.property in=Book public
//              ^ reference.type
    return readers.find(byName);
//                 ^ reference.call
//                      ^ reference.read
  }

  static async *walk<T>(this: void, from: T): AsyncGenerator<T> {}
//              ^ definition.method in=Book public
//                                        ^ reference.type
//                                            ^ reference.type
//                                                           ^ reference.type

  private lend(to: Reader): boolean {
//        ^ definition.method in=Book private
//                 ^ reference.type
    return to instanceof Reader && to.take<Book>(this as Entry);
//                       ^ reference.type
//                                    ^ reference.call
//                                         ^ reference.type
//                                                       ^ reference.type
  }

  abstract missing(): void;
//         ^ definition.method in=Book public
}

abstract class Base {
//             ^ definition.class private
  abstract area(): number;
//         ^ definition.method in=Base public
}

const api = {
//    ^ definition.constant private
  get: (id: string) => id,
//^ definition.method in=api private
  "quoted-name": function () {},
// ^ definition.method in=api private
  list() {
//^ definition.method in=api private
    return helper(api);
//         ^ reference.call
//                ^ reference.read
  },
  constructor: () => {},
//^ definition.method in=api private
  __proto__: () => {},
//^ definition.method in=api private
};

function overloaded(x: string): void;
//       ^ definition.function private
function overloaded(x: any): void {
//       ^ definition.function private
  const inner = () => x;
//      ^ definition.function in=overloaded private
  inner();
//^ reference.call
}

export function* generate(): Generator<typeof api> {}
//               ^ definition.function public
//                           ^ reference.type
//                                            ^ reference.type
exports.late = function () {};
//      ^ definition.function public
Book.prototype.renew = function renew() {
//             ^ definition.method in=Book public
//                              ^ definition.function in=Book.renew private
  this.count += 1;
//     ^ reference.write
};
export default overloaded;
function shelve(place: { row: number; move(to: Book): void }, more?: { deep: { er: string } } | null): void {}
//       ^ definition.function private
//                                             ^ reference.type
type Kept = { row: number };
//   ^ definition.type private
//            ^ definition.property in=Kept public

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
export declare const ambientOne: number, ambientTwo: number;
//                   ^ definition.constant public
//                                       ^ definition.constant public
