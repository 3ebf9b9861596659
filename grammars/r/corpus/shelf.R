library(dplyr)
#       ^ reference.import
requireNamespace("stats")
#                 ^ reference.import
source("helper.R")
#       ^ reference.import

#' Lends a book.
#'
#' @export
lend <- function(book, days = 2) {
# <- definition.function doc="Lends a book."
  book$days <- days
#      ^ reference.write
  book@slot <- stats::median(days)
#      ^ reference.write
#                     ^ reference.call
  check(book)
# ^ reference.call
  paste("a", days)
# ^ !reference
  local <- 3
  inner <- function(x) x
# ^ definition.function in=lend
  lapply(book, check)
#              ^ reference.read
}
return_it = \(x) x
# <- definition.function
max_days <- 10L
# <- definition.variable
20 -> other_days
#     ^ definition.variable
`my fun` <- function() NULL
# <- definition.function
"quoted" <- function() NULL
#^ definition.function
print.book <- function(x, ...) UseMethod("print")
# <- definition.function
`%+%` <- function(a, b) join(a, b)
# <- definition.function
#                       ^ reference.call

setClass("Person", representation(name = "character"), contains = "Being")
#         ^ definition.class
#                                                                  ^ reference.inherit
Reader <- setClass("Reader", slots = c(card = "numeric"))
# <- definition.class
setGeneric("area", function(shape) standardGeneric("area"))
#           ^ definition.method
setMethod("area", "Circle", function(shape) shape@r * pi)
#          ^ definition.method

Shelf <- R6Class("Shelf",
# <- definition.class
  inherit = Storage,
#           ^ reference.inherit
  public = list(
    items = NULL,
#   ^ definition.field in=Shelf
    # Adds one.
    add = function(x) {
#   ^ definition.method in=Shelf doc="Adds one."
      self$items <- c(self$items, x)
#          ^ reference.write
      self$sort()
#          ^ reference.call
    }
  ),
  private = list(count = 1)
#                ^ definition.field in=Shelf
)
Account <- setRefClass("Account",
# <- definition.class
  fields = list(balance = "numeric"),
#               ^ definition.field in=Account
  methods = list(deposit = function(x) balance <<- balance + x)
#                ^ definition.method in=Account
)
