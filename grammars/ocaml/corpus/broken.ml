let whole = 1
(*  ^ definition.variable *)

let half x = call_me ) x
(*  ^ definition.function *)

let after y = call_me y
(*  ^ definition.function *)
(*            ^ reference.call *)
