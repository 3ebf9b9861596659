class Whole {
//    ^ definition.class internal
    func whole() -> Int { 1 }
//       ^ definition.method in=Whole internal
    func half(n: Int {
//       ^ definition.method in=Whole internal
        call(n
//      ^ reference.call
    }
}

struct After { var last = 1 }
//     ^ definition.struct internal
//                 ^ definition.property in=After internal
