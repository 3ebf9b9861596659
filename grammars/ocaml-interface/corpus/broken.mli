val whole : int -> int
(*  ^ definition.function *)

val half : int -> ) int
(*  ^ definition.function *)

val after : int -> int
(*  ^ definition.function *)
