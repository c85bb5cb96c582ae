// SPDX-License-Identifier: GPL-3.0-or-later
// What NVRTC and its assembler (CUDA 12 and later) say of common mistakes.
#include "core/memory/KnownMistakes.h"

#include <array>

namespace ww {
namespace {

#define WW_UNDEFINED(names) "identifier \"(" names ")\" is undefined"
#define WW_NO_NAMESPACE "name followed by \"::\" must be a class or namespace name"

constexpr std::array kMistakes {
    KnownMistake {
        "opencl-index",
        WW_UNDEFINED("get_(global|local|group)_(id|size)|get_num_groups|get_global_offset|get_work_dim"), "",
        "CUDA has no get_global_id or get_local_id: use blockIdx, blockDim and threadIdx.", "",
        "    int t = get_global_id(0);\n    if (t < 0) y[0] = 0;"},
    KnownMistake {"opencl-barrier", WW_UNDEFINED("CLK_\\w+|barrier|mem_fence|work_group_barrier"), "",
                  "CUDA's barrier is __syncthreads(), which every thread of the block must reach.", "",
                  "    barrier(CLK_LOCAL_MEM_FENCE);"},
    KnownMistake {
        "opencl-qualifier", WW_UNDEFINED("__local|__private|__kernel|__global|__constant"), "",
        "CUDA spells them __global__ for a kernel, __shared__ for memory of the block and __constant__; "
        "pointers carry no address space.",
        "", "    __local float t[64];\n    t[0] = x[0];"},
    KnownMistake {
        "opencl-qualifier", "this declaration has no storage class or type specifier",
        "__(kernel|global|local|constant)\\b",
        "CUDA spells them __global__ for a kernel, __shared__ for memory of the block and __constant__; "
        "pointers carry no address space."},
    KnownMistake {
        "opencl-builtin",
        WW_UNDEFINED("v(load|store)\\w*|native_\\w+|half_\\w+|convert_\\w+|as_\\w+|mad|mad24|mul24|clamp|"
                     "mix|select|popcount|atomic_\\w+|rsqrt|(sub|work)_group_\\w+"),
        "",
        "OpenCL's built-in functions are not there in CUDA: load through a float4 pointer, use "
        "__expf, fmaf, rsqrtf, __popc, atomicAdd, __shfl_down_sync and casts.",
        "", "    float v = native_exp(x[0]);\n    if (v < 0) y[0] = v;"},
    KnownMistake {"opencl-vector-literal", "no suitable constructor exists to convert from",
                  "\\(\\s*(float|int|uint|double|half)\\d\\s*\\)\\s*\\(",
                  "CUDA makes a vector by make_float4(a, b, c, d), not by (float4)(a, b, c, d).", "",
                  "    float4 v = (float4)(0.0f, 0.0f, 0.0f, 0.0f);\n    if (v.x > 0) y[0] = 0;"},
    KnownMistake {"vector-component", "\"(float|int|uint|double|half)\\d\" has no member", "",
                  "Components of CUDA's vectors are .x .y .z .w: there is no .s0, .lo, .xy or index.", "",
                  "    float4 v = make_float4(0, 0, 0, 0);\n    if (v.s0 > 0) y[0] = 0;"},
    KnownMistake {"vector-operators", "no operator \"[^\"]+\" matches these operands", "",
                  "CUDA's vector types (float4, int2, …) have no operators: compute on .x, .y, .z and .w.",
                  "", "    float4 v = make_float4(0, 0, 0, 0);\n    v = v + v;\n    if (v.x > 0) y[0] = 0;"},
    KnownMistake {
        "half-header",
        WW_UNDEFINED("__half2?|half2?|__half_raw|__float2half\\w*|__half2float|__half22float2|__h\\w+2?|"
                     "__floats2half2_rn|__low2\\w+|__high2\\w+"),
        "", "half and its functions need #include <cuda_fp16.h>.", "",
        "    __half h = __float2half(x[0]);\n    if (__half2float(h) < 0) y[0] = 0;"},
    KnownMistake {
        "bfloat16-header", WW_UNDEFINED("__nv_bfloat162?|nv_bfloat162?|\\w*bfloat16\\w*"), "",
        "bfloat16 and its functions need #include <cuda_bf16.h>.", "",
        "    __nv_bfloat16 h = __float2bfloat16(x[0]);\n    if (__bfloat162float(h) < 0) y[0] = 0;"},
    KnownMistake {"fp8-header", WW_UNDEFINED("__nv_fp8\\w*|__nv_cvt_\\w+"), "",
                  "Eight-bit floating types need #include <cuda_fp8.h>.", "",
                  "    __nv_fp8_e4m3 h;\n    if (n < 0) y[0] = sizeof h;"},
    KnownMistake {"wmma-header", WW_NO_NAMESPACE "|" WW_UNDEFINED("wmma|nvcuda"), "wmma|nvcuda",
                  "nvcuda::wmma needs #include <mma.h>.", "",
                  "    nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, 16, float> c;"},
    KnownMistake {
        "cooperative-groups-header", WW_NO_NAMESPACE "|" WW_UNDEFINED("cooperative_groups|cg"),
        "cooperative_groups|\\bcg::",
        "cooperative_groups needs #include <cooperative_groups.h> (and cooperative_groups/reduce.h for "
        "reductions).",
        "", "    cooperative_groups::this_thread_block().sync();"},
    KnownMistake {"pipeline-header", WW_UNDEFINED("__pipeline_\\w+|__nvcuda_\\w*pipeline\\w*"), "",
                  "__pipeline_memcpy_async and its kin need #include <cuda_pipeline.h>.", "",
                  "    __pipeline_commit();"},
    KnownMistake {
        "fixed-width-integer", WW_UNDEFINED("u?int(8|16|32|64|ptr)_t"), "",
        "int32_t, uint64_t and their kin are not declared: use int, unsigned, long long, or #include "
        "<cuda/std/cstdint>.",
        "", "    uint32_t t = 0;\n    if (t > 1) y[0] = 0;"},
    KnownMistake {
        "limits-constants", WW_UNDEFINED("(FLT|DBL|INT|UINT|LONG|HALF)_(MAX|MIN|EPSILON)|M_\\w+"), "",
        "FLT_MAX, INT_MAX, M_PI and their kin are not declared: write the number, or INFINITY, which "
        "is.",
        "", "    float m = FLT_MAX;\n    if (m < 0) y[0] = 0;"},
    KnownMistake {
        "host-library", "namespace \"std\" has no member|" WW_NO_NAMESPACE, "\\b(std|thrust|at|torch)::",
        "The C++ standard library is not there: use fmaxf, min, swap by hand, or cuda::std with its "
        "<cuda/std/…> header.",
        "", "    y[0] = std::max(x[0], 0.0f);"},
    KnownMistake {"include", "may not be included", "",
                  "Only the toolkit's headers for device code may be included (cuda_fp16.h, mma.h, "
                  "cooperative_groups.h, cuda/std/…): no math.h, cstdio, vector or torch.",
                  "#include <math.h>\n"},
    KnownMistake {
        "host-code",
        "device-side kernel launch could not be processed|__host__ function is not allowed|" WW_UNDEFINED(
            "cuda[A-Z]\\w+|printf|malloc|dim3|main|torch|at"),
        "",
        "A candidate has device code alone: no host functions, no <<<…>>> launches, no cudaMalloc; "
        "the plan's //@ launch lines say what is run.",
        "void run() { float *p; cudaMalloc(&p, 4); }\n"},
    KnownMistake {
        "shuffle-without-mask", WW_UNDEFINED("__shfl(_up|_down|_xor)?|__ballot|__any|__all"), "",
        "Warp shuffles and votes take a mask: __shfl_down_sync(0xffffffff, v, d), __ballot_sync(…).", "",
        "    float v = __shfl_down(x[0], 1);\n    if (v < 0) y[0] = v;"},
    KnownMistake {"variable-length-array", "expression must have a constant value", "\\[",
                  "Array sizes must be constants at compile time: use a tunable, which is a macro, or extern "
                  "__shared__ with shared(bytes) in the plan.",
                  "", "    float t[n];\n    t[0] = x[0];\n    if (t[0] < 0) y[0] = 0;"},
    KnownMistake {
        "shared-initialised", "initializer not allowed for __shared__ variable", "",
        "A __shared__ variable cannot be initialised where it is declared: let threads write it, then "
        "__syncthreads().",
        "", "    __shared__ float t[64] = {0};\n    if (t[0] < 0) y[0] = 0;"},
    KnownMistake {"restrict-keyword", "expected a \"\\)\"", "\\*\\s*restrict\\b",
                  "CUDA spells it __restrict__, not restrict.",
                  "__device__ void other(float *restrict a) { a[0] = 0; }\n"},
    KnownMistake {"kernel-returns-value", "must have a void return type", "", "A kernel returns void.",
                  "extern \"C\" __global__ int other(float *a) { a[0] = 0; return 0; }\n"},
    KnownMistake {"write-to-const", "expression must be a modifiable lvalue", "",
                  "Inputs are const: write to outputs and scratch buffers alone.", "", "    x[0] = 0;"},
    KnownMistake {
        "ptx-instruction",
        "Not a name of any known instruction|not supported on .target|Unknown (symbol|modifier)|"
        "Illegal modifier|Unexpected instruction types",
        "",
        "Inline PTX must be an instruction that this architecture has, spelled with all its modifiers; "
        "prefer the intrinsic where there is one.",
        "", "    asm volatile(\"fmadd.f32 %f1, %f1, %f1, %f1;\");"},
    KnownMistake {
        "wmma-shape", "incomplete type \"nvcuda::wmma::fragment", "",
        "wmma fragments exist for certain shapes and types alone: 16x16x16 half or __nv_bfloat16 (float "
        "accumulator), 16x16x8 precision::tf32, 8x8x4 double.",
        "#include <mma.h>\n",
        "    nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, 16, 16, 16, float, nvcuda::wmma::row_major> a;"},
    KnownMistake {"missing-brace", "expected a \"\\}\"", "",
                  "Braces must balance: the source ended inside a block.", "", "    if (n > 0) {"},
    KnownMistake {"missing-semicolon", "^expected a \";\"", "",
                  "A statement or declaration lacks its semicolon.", "",
                  "    float v = x[0]\n    if (v < 0) y[0] = v;"},
    KnownMistake {
        "undeclared-name", "identifier \"[^\"]+\" is undefined", "",
        "Every name must be declared in the candidate's one file: helper functions and constants of "
        "other versions are not there.",
        "", "    y[0] = helper(x[0]);"},
};

} // namespace

std::span<const KnownMistake> cudaMistakes()
{
    return kMistakes;
}

} // namespace ww
