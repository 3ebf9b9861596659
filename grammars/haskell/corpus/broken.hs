module Broken where
--     ^ definition.module

whole = 1
-- <- definition.function

half x = callMe ] x
-- <- definition.function

after y = callMe y
-- <- definition.function
--        ^ reference.call
