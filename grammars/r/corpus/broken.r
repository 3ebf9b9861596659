whole <- function() 1
# <- definition.function
half <- function(x) {
# <- definition.function
  call_me(x)
# ^ reference.call
