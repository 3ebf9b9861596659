open Base
(*   ^ reference.import *)

(** A book. *)
type book = { title : string; pages : page list }
(*   ^ definition.type doc="A book." *)
(*            ^ definition.field in=book *)
(*                            ^ definition.field in=book *)
(*                                    ^ reference.type *)
type shelf = Small | Large of book
(*   ^ definition.type *)
(*           ^ definition.enum_member in=shelf *)
(*                   ^ definition.enum_member in=shelf *)
exception Missing of string
(*        ^ definition.type *)

(** Lends it. *)
val lend : book -> days:int -> reader
(*  ^ definition.function doc="Lends it." *)
(*         ^ reference.type *)
val limit : int
(*  ^ definition.variable *)
val ( |+ ) : book -> book -> book
(*    ^ definition.function *)
external sine : float -> float = "caml_sin"
(*       ^ definition.function *)

module type Store = sig
(*          ^ definition.interface *)
  include Sized
(*        ^ reference.inherit *)
  val size : t -> int
(*    ^ definition.method in=Store *)
end
module Cache (S : Store) : Store
(*     ^ definition.module *)
(*                         ^ reference.type *)

class point : int -> object
(*    ^ definition.class *)
  method move : int -> unit
(*       ^ definition.method in=point *)
end
class type movable = object
(*         ^ definition.interface *)
  method move : int
(*       ^ definition.method in=movable *)
end
