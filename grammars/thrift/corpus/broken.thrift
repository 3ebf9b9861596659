struct Whole {
//     ^ definition.struct
  1: string name
//          ^ definition.field in=Whole
}

struct Half {
//     ^ definition.struct
  1: required
  2: = ,

service After {
//      ^ definition.interface in=Half
  void ping()
//     ^ definition.field in=Half
}
