whole() = 1
# <- definition.function

function half(x)
#        ^ definition.function
    y = call_me(x]
