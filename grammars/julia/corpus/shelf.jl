module Shelf
#      ^ definition.module

using LinearAlgebra
#     ^ reference.import
using Base: show
#     ^ reference.import
#           ^ reference.import
import Base.Iterators, JSON
#      ^ reference.import
#                      ^ reference.import
include("loans.jl")
#        ^ reference.import

const LIMIT = 8
#     ^ definition.constant in=Shelf
const FIRST, LAST = 1, 2
#     ^ definition.constant in=Shelf
#            ^ definition.constant in=Shelf
opened = 0
# <- definition.variable in=Shelf

abstract type Item <: Thing end
#             ^ definition.interface in=Shelf
#                     ^ reference.inherit
primitive type Mark 8 end
#              ^ definition.type in=Shelf

"""
A book.
"""
struct Book{T<:Real} <: Item
#      ^ definition.struct in=Shelf public doc="A book."
#                       ^ reference.inherit
    title::String
#   ^ definition.field in=Shelf.Book
#          ^ !reference
    pages::Pages{Page}
#   ^ definition.field in=Shelf.Book
#          ^ reference.type
#                ^ reference.type
    extra
#   ^ definition.field in=Shelf.Book
    Book{T}(title) where {T} = new(title, [], nothing)
#   ^ definition.method in=Shelf.Book
end

Base.@kwdef mutable struct Reader
#     ^ reference.macro
#                          ^ definition.struct in=Shelf
    loans::Int = 1
#   ^ definition.field in=Shelf.Reader
end

# Lends it.
function lend(book::Book, days = 2; to::Library.Reader)::Bool
#        ^ definition.function in=Shelf public doc="Lends it."
#                   ^ reference.type
#                                               ^ reference.type
    check(book)
#   ^ reference.call
    Dates.today()
#         ^ reference.call
    book.title = "x"
#        ^ reference.write
    inner(x) = x + 1
#   ^ definition.function in=Shelf.lend
    inner.(book.pages)
#   ^ reference.call
    @info "lent"
#    ^ reference.macro
    local_one = 3
end

_count(s::Stack{T}) where {T} = s.n
# <- definition.function in=Shelf private
Base.length(s::Book)::Int = 3
#    ^ definition.function in=Shelf
Base.:+(a::Book, b::Book) = join(a, b)
#    ^ definition.function in=Shelf
#                           ^ reference.call
twice = x -> 2x
# <- definition.function in=Shelf
function fresh end
#        ^ definition.function in=Shelf
macro loan(ex) ex end
#     ^ definition.macro in=Shelf

@enum Color red green
#     ^ definition.enum in=Shelf
#           ^ definition.enum_member in=Shelf.Color
#               ^ definition.enum_member in=Shelf.Color
@enum Fruit::UInt8 begin
#     ^ definition.enum in=Shelf
    apple = 1
#   ^ definition.enum_member in=Shelf.Fruit
    pear
#   ^ definition.enum_member in=Shelf.Fruit
end

end
