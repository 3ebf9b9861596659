{-# LANGUAGE GADTs #-}
-- | Lends books.
module Library.Shelf (Book (..), lend) where
--     ^ definition.module doc="Lends books."

import qualified Data.Map as M
--               ^ reference.import
import Data.List (sort)
--     ^ reference.import

-- | A book.
data Book = Book
--   ^ definition.type in=Library.Shelf doc="A book."
--          ^ definition.constructor in=Library.Shelf.Book
  { title :: Title
--  ^ definition.field in=Library.Shelf.Book
--           ^ reference.type
  , pages, loans :: !Int
--  ^ definition.field in=Library.Shelf.Book
--         ^ definition.field in=Library.Shelf.Book
  }
  | Leaflet Title
--  ^ definition.constructor in=Library.Shelf.Book
--          ^ reference.type
  deriving (Show, Eq)
--          ^ reference.inherit
--                ^ reference.inherit
newtype Title = Title { text :: String } deriving Ord
--      ^ definition.type in=Library.Shelf
--              ^ definition.constructor in=Library.Shelf.Title
--                      ^ definition.field in=Library.Shelf.Title
--                                                ^ reference.inherit
type Shelf = [Book]
--   ^ definition.type
--            ^ reference.type
data Term a where
--   ^ definition.type
  Number :: Int -> Term Int
--^ definition.constructor in=Library.Shelf.Term
--                 ^ reference.type
type family Held a where
--          ^ definition.type
  Held Shelf = Book
data family Kept a
--          ^ definition.type

class Eq a => Item a where
--    ^ reference.inherit
--            ^ definition.trait in=Library.Shelf
  weight :: a -> Double
--^ definition.method in=Library.Shelf.Item
  (|>) :: a -> a -> a
-- ^ definition.method in=Library.Shelf.Item

instance Item Book where
--       ^ reference.inherit
--            ^ reference.type
  weight b = measure (pages b)
--^ definition.method in=Library.Shelf.Book
--           ^ reference.call
  a |> b = a
--  ^ definition.method in=Library.Shelf.Book
  size = 1
--^ definition.method in=Library.Shelf.Book

-- | Lends it.
lend :: Book -> Int -> Maybe Title
-- <- !reference
lend (Leaflet _) 0 = Nothing
-- <- definition.function in=Library.Shelf doc="lend :: Book -> Int -> Maybe Title"
--    ^ reference.call
lend b n
-- <- definition.function in=Library.Shelf doc=""
  | n > 3 = Just (title b)
  | otherwise = check $ go n
--              ^ reference.call
--                      ^ reference.call
  where
    go x = M.lookup x known
--  ^ definition.function in=Library.Shelf.lend
--           ^ reference.call
    known = M.empty

a %% b = a `mod` b
--^ definition.function in=Library.Shelf
--          ^ reference.call
a `apart` b = a
-- ^ definition.function in=Library.Shelf
limit :: Int
limit = 8
-- <- definition.function in=Library.Shelf doc="limit :: Int"
foreign import ccall "math.h sin" c_sin :: Double -> Double
--                                ^ definition.function
pattern One = Leaflet
--      ^ definition.constructor
main :: IO ()
main = do
-- <- definition.function
  begin
--^ reference.call
  b <- make Book { title = name }
--     ^ reference.call
--          ^ reference.call
--                 ^ reference.write
  pure ()
