__global__ void whole(int* out) { out[0] = 1; }
//              ^ definition.function

__global__ void half(int* out, {
//              ^ definition.variable
  whole(

struct After {
//     ^ definition.struct
  int count;
//    ^ definition.field in=After
};
