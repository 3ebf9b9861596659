class Whole {
//    ^ definition.class public
  def whole = 1
//    ^ definition.function public
  def half(n: Int {
    call(n
  }
}

object After { def last = 2 }
//     ^ reference.type
//                 ^ definition.function public
