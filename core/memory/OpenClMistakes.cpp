// SPDX-License-Identifier: GPL-3.0-or-later
// What clang-based OpenCL compilers (PoCL 3.1 and later) say of common mistakes.
#include "core/memory/KnownMistakes.h"

#include <array>

namespace ww {
namespace {

#define WW_UNKNOWN "(undeclared identifier|unknown type name|implicit declaration of function) "

constexpr std::array kMistakes {
    KnownMistake {"cuda-index", WW_UNKNOWN "'(threadIdx|blockIdx|blockDim|gridDim|warpSize)'", "",
                  "OpenCL C has no threadIdx, blockIdx, blockDim or gridDim: use get_local_id, get_group_id, "
                  "get_local_size and get_num_groups.",
                  "", "    int t = threadIdx.x;\n    if (t < 0) y[0] = 0;"},
    KnownMistake {"cuda-barrier", WW_UNKNOWN "'__sync(threads|warp)\\w*'", "",
                  "OpenCL C has no __syncthreads: use barrier(CLK_LOCAL_MEM_FENCE), which every work-item of "
                  "the group must reach.",
                  "", "    __syncthreads();"},
    KnownMistake {
        "cuda-qualifier", WW_UNKNOWN "'__(shared|device|global|host|constant|forceinline|launch_bounds)__'",
        "",
        "OpenCL C has no __shared__, __device__, __global__ or __forceinline__: write __local, nothing, "
        "__kernel and inline.",
        "__device__ float twice(float a) { return 2 * a; }\n"},
    KnownMistake {"cuda-shuffle", WW_UNKNOWN "'__(shfl|ballot|any|all|reduce|match)_\\w+'", "",
                  "OpenCL C has no warp shuffles or votes: exchange values through __local memory with a "
                  "barrier.",
                  "", "    float v = __shfl_down_sync(0xffffffff, x[0], 1);\n    if (v < 0) y[0] = v;"},
    KnownMistake {"cuda-atomic", WW_UNKNOWN "'atomic(Add|Sub|Max|Min|Exch|CAS|And|Or|Xor|Inc|Dec)\\w*'", "",
                  "OpenCL C spells atomics atomic_add, atomic_max, atomic_cmpxchg, …, and they take int and "
                  "uint alone.",
                  "", "    atomicAdd(&y[0], x[0]);"},
    KnownMistake {"cuda-vector", WW_UNKNOWN "'make_\\w+\\d'", "",
                  "OpenCL C makes a vector by (float4)(a, b, c, d), not by make_float4.", "",
                  "    float4 v = make_float4(0, 0, 0, 0);\n    if (v.x > 0) y[0] = 0;"},
    KnownMistake {
        "cuda-intrinsic",
        WW_UNKNOWN "'__(ldg|ldcs|stcs|expf|exp10f|logf|log2f|sinf|cosf|powf|fdividef|frcp_\\w+|"
                   "fsqrt_\\w+|fmaf_\\w+|fadd_\\w+|fmul_\\w+|float2half\\w*|half2float|saturatef|"
                   "popc|clz|ffs|dp4a|float_as_int|int_as_float)'",
        "",
        "OpenCL C has no CUDA intrinsics: read memory plainly and use native_exp, native_recip, fma, "
        "rsqrt, popcount, as_int and the like.",
        "", "    float v = __ldg(&x[0]);\n    if (v < 0) y[0] = v;"},
    KnownMistake {"float-suffix",
                  WW_UNKNOWN
                  "'(f(max|min|abs|mod|ma)|exp2?|log(2|10|1p)?|sqrt|rsqrt|pow|sin|cos|tan|tanh|floor|"
                  "ceil|round|trunc|erf)f'",
                  "",
                  "OpenCL C's mathematical functions have no suffix: fmax, exp, sqrt, rsqrt, pow, fabs, not "
                  "fmaxf or expf.",
                  "", "    float v = expf(x[0]);\n    if (v < 0) y[0] = v;"},
    KnownMistake {
        "limit-group-functions", WW_UNKNOWN "'(sub_group|work_group)_\\w+'", "",
        "This device's compiler has no sub_group_… or work_group_… functions: reduce through __local "
        "memory with barriers.",
        "", "    float v = work_group_reduce_add(x[0]);\n    if (v < 0) y[0] = v;"},
    KnownMistake {
        "cpp-in-opencl",
        "(undeclared identifier|unknown type name) '(template|namespace|class|typename|using|constexpr|"
        "static_cast|reinterpret_cast|const_cast|dynamic_cast|nullptr|std|operator|new|delete|this|"
        "static_assert|decltype|virtual|public|private|concept)'"
        "|does not support (the 'auto' storage class|default arguments)",
        "",
        "OpenCL C is C, not C++: no templates, references, namespaces, auto, constexpr, nullptr, "
        "lambdas, default arguments or static_cast; use macros, plain types, pointers and C casts.",
        "template <typename T> T twice(T a) { return 2 * a; }\n"},
    KnownMistake {
        "cpp-in-opencl", "expected (expression|'\\)')",
        "(static|reinterpret|const)_cast<|std::|\\[[=&]?\\]|[a-z0-9_]\\s*&\\s*[a-z_]\\w*\\s*[,)]",
        "OpenCL C is C, not C++: no templates, references, namespaces, auto, constexpr, nullptr, "
        "lambdas, default arguments or static_cast; use macros, plain types, pointers and C casts."},
    KnownMistake {
        "missing-address-space", "pointer arguments to kernel functions must reside in", "",
        "Every pointer argument of an OpenCL kernel needs its address space: __global const float *x, "
        "__constant … or __local ….",
        "__kernel void other(const float *a, __global float *b) { b[0] = a[0]; }\n"},
    KnownMistake {"address-space-mixed", "changes address space of pointer", "",
                  "A pointer keeps its address space in OpenCL C: a helper function or variable that takes a "
                  "__local or __global pointer must say so in its type.",
                  "", "    float *p = y;\n    if (n < 0) p[0] = 0;"},
    KnownMistake {
        "local-in-function", "non-kernel function variable cannot be declared in local address space", "",
        "__local variables can be declared in a kernel's body alone: hand helper functions a __local "
        "pointer.",
        "float twice(float a) { __local float t[64]; t[get_local_id(0)] = a; return t[0]; }\n"},
    KnownMistake {
        "local-in-block", "local address space can only be declared in the outermost scope", "",
        "__local variables must be declared in the outermost scope of the kernel, not inside a loop or "
        "branch.",
        "", "    if (n > 0) { __local float t[64]; t[i % 64] = x[0]; }"},
    KnownMistake {
        "local-initialised", "'__local' variable cannot have an initializer", "",
        "A __local variable cannot be initialised where it is declared: let work-items write it, then "
        "a barrier.",
        "", "    __local float t[64] = {0};\n    if (t[0] < 0) y[0] = 0;"},
    KnownMistake {
        "variable-length-array", "variable length array", "",
        "Array sizes must be constants at compile time: use a tunable, which is a macro, not a kernel "
        "argument or get_local_size().",
        "", "    float t[n];\n    t[0] = x[0];\n    if (t[0] < 0) y[0] = 0;"},
    KnownMistake {"global-variable", "program scope variable must reside in constant address space", "",
                  "Variables outside functions must be __constant in OpenCL C, or be macros.",
                  "float two = 2.0f;\n"},
    KnownMistake {"half-without-extension",
                  "('half'|half\\b).*(is not allowed|not supported)|half precision constant requires", "",
                  "half cannot be computed with on this device: read and write it with vload_half and "
                  "vstore_half, and compute in float.",
                  "", "    half h = 1;\n    if (h > 2) y[0] = 0;"},
    KnownMistake {
        "vector-literal", "unexpected type name '\\w+\\d': expected expression", "",
        "A vector literal has its type in parentheses: (float4)(a, b, c, d), not float4(a, b, c, d).", "",
        "    float4 v = float4(0, 0, 0, 0);\n    if (v.x > 0) y[0] = 0;"},
    KnownMistake {"vector-condition", "requires expression of scalar type.*vector", "",
                  "A comparison of vectors gives a vector: use any(), all() or select(), not if (v > 0).", "",
                  "    float4 v = vload4(0, x);\n    if (v > 0) y[0] = 0;"},
    KnownMistake {"vector-component", "vector component access exceeds type|illegal vector component name",
                  "", "Components of a vector are .x .y .z .w or .s0 to .sF, and only those its length has.",
                  "", "    float4 v = vload4(0, x);\n    if (v.s9 > 0) y[0] = 0;"},
    KnownMistake {
        "vector-types-mixed", "implicit conversions between vector types", "",
        "Vectors of different length or element type do not mix: use convert_float4(), as_int4() or "
        "components.",
        "", "    float4 v = vload4(0, x) + vload8(0, x);\n    if (v.x > 0) y[0] = 0;"},
    KnownMistake {
        "barrier-without-fence", "too few arguments to function call", "barrier\\s*\\(",
        "barrier() takes the memory it orders: barrier(CLK_LOCAL_MEM_FENCE) or CLK_GLOBAL_MEM_FENCE.", "",
        "    barrier();"},
    KnownMistake {
        "float-atomic", "(no matching function for call to|call to) '_cl_atom(ic)?_\\w+'", "",
        "OpenCL C's atomic_add and its kin take int and uint, not float: reduce in __local memory, or "
        "loop over atomic_cmpxchg on the bits.",
        "", "    atomic_add(&y[0], x[0]);"},
    KnownMistake {"builtin-arguments", "(no matching function for call to|call to) '_cl_\\w+'", "",
                  "Arguments of OpenCL built-ins must have the declared types and order, all of one type: "
                  "vload4(offset, pointer), fmax(float, float), max(int, int).",
                  "", "    float4 v = vload4(x, 0);\n    if (v.x > 0) y[0] = 0;"},
    KnownMistake {
        "kernel-parameter-type", "cannot be used as the type of a kernel parameter", "",
        "Kernel arguments cannot be bool, size_t, half or pointers to pointers: axes and expressions "
        "of the plan arrive as int.",
        "__kernel void other(__global float *a, size_t m) { if (m > 0) a[0] = 0; }\n"},
    KnownMistake {"kernel-returns-value", "kernel must have void return type", "", "A kernel returns void.",
                  "__kernel int other(__global float *a) { a[0] = 0; return 0; }\n"},
    KnownMistake {"write-to-const", "read-only variable is not assignable|cannot assign to .*const", "",
                  "Inputs are const: write to outputs and scratch buffers alone.", "", "    x[0] = 0;"},
    KnownMistake {"include", "#include is not allowed", "",
                  "A candidate is one file: #include nothing; OpenCL C's built-in functions need no header.",
                  "#include <math.h>\n"},
    KnownMistake {
        "tunable-redeclared", "expected identifier or '\\('",
        "^\\s*((__constant|const|static|unsigned)\\s+)*(int|uint|size_t|float)\\s+[A-Z]",
        "A tunable of the plan is a macro already (-DNAME=value): do not declare a constant of its name.",
        "const int WIDTH = 64;\n", "",
        "//@ tune WIDTH = 64, 128\n"
        "//@ launch probe grid(ceil_div(N, WIDTH)) block(WIDTH) args(x, y, N)\n"},
    KnownMistake {"missing-brace", "^expected '\\}'", "",
                  "Braces must balance: the source ended inside a block.", "", "    if (n > 0) {"},
    KnownMistake {"missing-semicolon", "^expected ';'", "", "A statement or declaration lacks its semicolon.",
                  "", "    float v = x[0]\n    if (v < 0) y[0] = v;"},
    KnownMistake {
        "undeclared-name", WW_UNKNOWN "'\\w+'", "",
        "Every name must be declared in the candidate's one file: helper functions and constants of "
        "other versions are not there.",
        "", "    y[0] = helper(x[0]);"},
};

} // namespace

std::span<const KnownMistake> openClMistakes()
{
    return kMistakes;
}

} // namespace ww
