#include <cuda_runtime.h>
//       ^ reference.import
#include "shelf.cuh"
//        ^ reference.import

#define BLOCK 256
//      ^ definition.macro
#define CHECK(call) check_error(call, __LINE__)
//      ^ definition.macro

namespace shelf {
//        ^ definition.namespace

/// How many books there are on each shelf.
__constant__ int limits[16];
//               ^ definition.constant in=shelf doc="How many books there are on ea"
constexpr int kWarp = 32;
//            ^ definition.constant in=shelf
static __device__ int counter = 0;
//                    ^ definition.variable in=shelf

enum class State { kOpen, kLent };
//         ^ definition.enum in=shelf
//                 ^ definition.enum_member in=shelf.State
//                        ^ definition.enum_member in=shelf.State

using Stream = cudaStream_t;
//    ^ definition.type in=shelf
//             ^ reference.type

typedef struct Span {
//             ^ definition.struct in=shelf
  float* data;
//       ^ definition.field in=shelf.Span
  int size;
//    ^ definition.field in=shelf.Span
} Span;
//^ definition.type in=shelf

/// One row of a shelf.
template <typename T>
struct Row : public Base<T> {
//     ^ definition.struct in=shelf doc="One row of a shelf."
//                  ^ reference.inherit
//                       ^ reference.type
  T* cells;
//   ^ definition.field in=shelf.Row
  State state;
//^ reference.type
//      ^ definition.field in=shelf.Row
  __host__ __device__ Row(T* given, int n) : cells(given) {}
//                    ^ definition.constructor in=shelf.Row
  __device__ T& at(int i) const { return cells[i]; }
//              ^ definition.method in=shelf.Row
  __device__ bool operator<(const Row& other) const;
//                                ^ reference.type
};

class Pool : public Allocator {
//    ^ definition.class in=shelf
//                  ^ reference.inherit
 public:
  Pool();
  ~Pool();
  void* take(size_t bytes);
  int used_;
//    ^ definition.field in=shelf.Pool
};

union Bits {
//    ^ definition.union in=shelf
  float number;
//      ^ definition.field in=shelf.Bits
  unsigned word;
//         ^ definition.field in=shelf.Bits
};

/* Doubles a number. */
__device__ __forceinline__ float twice(float x) { return x * 2.0f; }
//                               ^ definition.function in=shelf doc="Doubles a number."

// Scales every cell.
template <typename T>
__global__ void __launch_bounds__(BLOCK) scale(Row<T> row, int n) {
//                                       ^ definition.function in=shelf doc="Scales every cell."
  __shared__ float tile[BLOCK];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) row.at(i) = twice(tile[i]);
//               ^ reference.call
//                       ^ reference.call
  __syncthreads();
}

extern "C" __global__ void clear(Span span) {
//                         ^ definition.function in=shelf
//                               ^ reference.type
  span.size = 0;
//     ^ reference.write
  atomicAdd(&counter, 1);
//^ reference.call
}

Pool::Pool() { used_ = 0; }
// <- definition.constructor in=shelf.Pool

void* Pool::take(size_t bytes) {
//          ^ definition.method in=shelf.Pool
  void* found = nullptr;
  CHECK(cudaMalloc(&found, bytes));
//^ reference.call
//      ^ reference.call
  return found;
}

void launch(Row<float> row, std::vector<Span>& spans, Stream stream) {
//   ^ definition.function in=shelf
//                               ^ reference.type
//                                                    ^ reference.type
  scale<float><<<dim3(4), BLOCK, 0, stream>>>(row, 10);
//^ reference.call
  clear<<<1, 1>>>(spans[0]);
//^ reference.call
  Pool* pool = new Pool();
//^ reference.type
//                 ^ reference.call
  detail::run(pool->take(4));
//        ^ reference.call
//                  ^ reference.call
}

}  // namespace shelf
