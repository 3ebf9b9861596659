class Whole {
//    ^ definition.class public
    fun whole() = 1
//      ^ definition.function public
    fun half(n: Int {
//      ^ definition.function public
        call(n
    }
}

fun after() = 2
