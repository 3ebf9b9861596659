function whole(a) {
#        ^ definition.function
    return a
}

function half(a, {
#        ^ definition.function
    whole(

function after(b) {
#        ^ reference.call
    return whole(b)
#          ^ reference.call
}
