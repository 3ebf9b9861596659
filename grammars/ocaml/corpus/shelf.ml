open Base
(*   ^ reference.import *)
open! Stdlib.List
(*    ^ reference.import *)
include Comparable.Make (Key)
(*                 ^ reference.inherit *)

(** A book. *)
type book = { title : Title.t; mutable pages : int }
(*   ^ definition.type doc="A book." *)
(*            ^ definition.field in=book *)
(*                          ^ reference.type *)
(*                                     ^ definition.field in=book *)
and shelf = Small | Large of book
(*  ^ definition.type *)
(*          ^ definition.enum_member in=shelf *)
(*                  ^ definition.enum_member in=shelf *)
(*                           ^ reference.type *)
type state = [ `Open | `Lent of reader ]
(*   ^ definition.type *)
exception Missing of string
(*        ^ definition.type *)
external sine : float -> float = "caml_sin"
(*       ^ definition.function *)

let limit = 8
(*  ^ definition.variable *)
let first, last = (1, 2)
let (low, high) = (1, 2)
(*   ^ definition.variable *)
(*        ^ definition.variable *)

(* Lends it. *)
let lend b ?(days = 1) ~reader =
(*  ^ definition.function doc="Lends it." *)
  let local = measure b in
(*            ^ reference.call *)
  let inner x = x + days in
(*    ^ definition.function in=lend *)
  b.pages <- inner local;
(*  ^ reference.write *)
(*           ^ reference.call *)
  List.iter Log.note (reader |> Reader.loans);
(*^ reference.type *)
(*     ^ reference.call *)
(*              ^ reference.read *)
(*                                     ^ reference.call *)
  check @@ Large { title = "x"; pages = 1 }
(*^ reference.call *)
(*         ^ reference.call *)
(*                 ^ reference.write *)

let rec even n = n = 0 || odd (n - 1)
(*      ^ definition.function *)
(*                        ^ reference.call *)
and odd n = even (n - 1)
(*  ^ definition.function *)
let describe = function Small -> "s" | Large b -> b.title
(*  ^ definition.function *)
(*                      ^ reference.call *)
let ( |+ ) a b = a
(*    ^ definition.function *)
let _ = lend
let () = begin_all ()
(*       ^ reference.call *)

module type Store = sig
(*          ^ definition.interface *)
  type t
(*     ^ definition.type in=Store *)
  val size : t -> int
(*    ^ definition.method in=Store *)
end

module Cache (S : Store) = struct
(*     ^ definition.module *)
(*                ^ reference.type *)
  let size t = S.size t
(*    ^ definition.function in=Cache *)
  let empty = []
(*    ^ definition.variable in=Cache *)
end

class point x = object (self)
(*    ^ definition.class *)
  inherit base x
(*        ^ reference.inherit *)
  val mutable place = x
(*            ^ definition.field in=point *)
  method move by = place <- place + by
(*       ^ definition.method in=point *)
(*                 ^ reference.write *)
  method twice = self#move 2
(*       ^ definition.method in=point *)
(*                    ^ reference.call *)
end
class type movable = object
(*         ^ definition.interface *)
  method move : int
(*       ^ definition.method in=movable *)
end
let origin = new point 0
(*  ^ definition.variable *)
(*               ^ reference.call *)
