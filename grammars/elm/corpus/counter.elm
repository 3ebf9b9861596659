module Page.Counter exposing (Model, Msg(..), init)
--     ^ definition.module

import Html exposing (Html, div)
--     ^ reference.import
--                    ^ reference.import
--                          ^ reference.import
import Json.Decode as Decode
--     ^ reference.import

{-| The state of a page. -}
type alias Model =
--         ^ definition.type in=Page.Counter doc="The state of a page."
    { count : Int
--    ^ definition.field in=Page.Counter.Model
--            ^ reference.type
    , name : String
--    ^ definition.field in=Page.Counter.Model
    }

type Msg
--   ^ definition.enum in=Page.Counter doc=""
    = Increment
--    ^ definition.enum_member in=Page.Counter.Msg
    | SetName String
--    ^ definition.enum_member in=Page.Counter.Msg

port save : String -> Cmd msg
--   ^ definition.function in=Page.Counter

limit : Int
limit =
-- <- definition.variable in=Page.Counter
    10

{-| Where it begins. -}
init : { from : Int } -> Model
init start =
-- <- definition.function in=Page.Counter doc="Where it begins."
    let
        first = start.from + 1
        twice n = n * 2
--      ^ definition.function in=Page.Counter.init
    in
    { count = twice first, name = "" }
--    ^ reference.write
--            ^ reference.call
--                  ^ !reference

update msg model =
-- <- definition.function
    case msg of
        Increment ->
--      ^ reference.read
            { model | count = model.count + 1 }
--                    ^ reference.write
        SetName name ->
            Decode.run identity (setName name model) |> save
--                 ^ reference.call
--                               ^ reference.call
--                                                      ^ reference.call

view = div [] << List.map row
-- <- definition.variable
--     ^ reference.call
--                    ^ reference.call
--                        ^ !reference

start = SetName "x"
-- <- definition.variable
--      ^ reference.call
