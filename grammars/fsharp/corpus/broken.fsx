module Broken
//     ^ definition.module

let whole = 1
//  ^ definition.variable in=Broken
let half x = callMe )
//  ^ definition.function
let after y = callMe y
//  ^ definition.function
//            ^ reference.call
