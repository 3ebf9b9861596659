module Broken exposing (..)
--     ^ definition.module

whole x = run x
-- <- definition.function
--        ^ reference.call

half = x }
-- <- definition.variable

after x = run x
-- <- definition.function
