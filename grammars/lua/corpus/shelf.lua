-- Keeps books.
local json = require("cjson")
--    ^ definition.variable doc="Keeps books."
--                    ^ reference.import
local tools = require "shelf.tools"
--    ^ definition.variable
--                     ^ reference.import

local M = {}
--    ^ definition.variable
MAX_LOANS = 5
-- <- definition.variable
local opened, closed = 0, 1
--    ^ definition.variable
--            ^ definition.variable

--- Makes a book.
-- @param title its title
function M.new(title)
--         ^ definition.function in=M doc="Makes a book."
  local self = setmetatable({ title = title, pages = 0 }, Book)
  M.count = M.count + 1
--  ^ reference.write
  return self
end

function Book:lend(reader, ...)
--            ^ definition.method in=Book
  reader.loans:add(self)
--             ^ reference.call
  self.owner = reader
--     ^ reference.write
  local function inner(n) return n end
--               ^ definition.function in=Book.lend
  for _, loan in ipairs(reader.loans) do print(loan) end
  return inner(json.encode(self))
--       ^ reference.call
--                  ^ reference.call
end

local function helper(a) return a end
--             ^ definition.function

M.close = function(book) helper(book) end
--^ definition.function in=M
--                       ^ reference.call
local late = function() end
--    ^ definition.function
function global_one() end
--       ^ definition.function
M.handlers = { open = function() end, ["on close"] = function() end }
--^ reference.write
--             ^ definition.function

Book.Page = {}
--   ^ reference.write
function Book.Page.turn() end
--                 ^ definition.function in=Book.Page

return M
