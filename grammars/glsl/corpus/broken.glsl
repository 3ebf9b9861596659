float whole(float x) { return x; }
//    ^ definition.function

float half(float x, {
  return whole(x
//       ^ reference.call

struct After {
  vec3 point;
//     ^ definition.variable
};

void last() { whole(1.0); }
//   ^ definition.function
