function whole() {
//       ^ definition.function private
  return 1;
}

function half( {
  return whole(;

class After {
//    ^ definition.class private
  method() {}
//^ definition.method in=After public
}
