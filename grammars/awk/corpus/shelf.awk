#!/usr/bin/awk -f
@include "limits.awk"
#        ^ reference.import

BEGIN {
    FS = ","
#   ^ reference.write
    max_loans = 5
#   ^ definition.variable
    if (ARGC > 1) greet(ARGV[1])
#                 ^ reference.call
}

# Says hello.
function greet(name) {
#        ^ definition.function doc="Says hello."
    print "hello " name
}

func twice(n,    result) {
#    ^ definition.function
    result = n * 2
#   ^ reference.write
    total += n
#   ^ reference.write
    return result
}

function library::lend(title) {
#                 ^ definition.function in=library
    loans[title]++
#   ^ reference.write
    return twice(loans[title])
#          ^ reference.call
}

/^lent/ {
    count[$1] = count[$1] + 1
#   ^ reference.write
    n = split($0, parts, FS)
#   ^ reference.write
    if (n > max_loans) library::lend(parts[1])
#                               ^ reference.call
    callback = "greet"
#   ^ reference.write
    @callback($1)
#    ^ reference.call
}

END {
    for (title in loans)
        printf("%s %d\n", title, twice(loans[title]))
}
