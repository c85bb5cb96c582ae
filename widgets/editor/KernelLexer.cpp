// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/editor/KernelLexer.h"

#include "widgets/common/Theme.h"

#include <QFontDatabase>
#include <QGuiApplication>

namespace ww::ui {

namespace {

// Scintilla numbers word lists from 1: 1 keywords, 2 built-ins, 4 types (drawn as "global classes").
constexpr const char *kCppWords = "alignas alignof asm auto bool break case char class const const_cast "
                                  "constexpr continue decltype default "
                                  "delete do double else enum explicit extern false float for friend goto if "
                                  "inline int long mutable namespace "
                                  "new noexcept nullptr operator private protected public register "
                                  "reinterpret_cast restrict return short signed "
                                  "sizeof static static_assert static_cast struct switch template this true "
                                  "typedef typename union unsigned using "
                                  "virtual void volatile while ";

constexpr const char *kOpenClWords =
    "__kernel kernel __global global __local local __constant constant __private private __generic generic "
    "__attribute__ reqd_work_group_size work_group_size_hint vec_type_hint __read_only read_only "
    "__write_only "
    "write_only __read_write read_write half uchar ushort uint ulong size_t ptrdiff_t intptr_t uintptr_t";

constexpr const char *kOpenClBuiltins =
    "get_global_id get_local_id get_group_id get_global_size get_local_size get_num_groups get_work_dim "
    "get_global_offset barrier mem_fence read_mem_fence write_mem_fence work_group_barrier "
    "CLK_LOCAL_MEM_FENCE "
    "CLK_GLOBAL_MEM_FENCE async_work_group_copy async_work_group_strided_copy wait_group_events prefetch fma "
    "mad "
    "fmin fmax exp exp2 exp10 log log2 log10 sqrt rsqrt pow fabs floor ceil round trunc native_exp "
    "native_log "
    "native_sqrt native_rsqrt native_recip native_divide half_exp min max clamp mix step dot cross length "
    "normalize select mul24 mad24 mad_hi rotate popcount clz vload2 vload4 vload8 vload16 vstore2 vstore4 "
    "vstore8 "
    "vstore16 as_int as_uint as_float convert_float convert_int convert_float4 isnan isinf atomic_add "
    "atomic_sub "
    "atomic_inc atomic_dec atomic_min atomic_max atomic_cmpxchg sub_group_reduce_add sub_group_reduce_max "
    "work_group_reduce_add work_group_reduce_max INFINITY NAN FLT_MAX FLT_MIN printf";

constexpr const char *kCudaWords =
    "__global__ __device__ __host__ __shared__ __constant__ __managed__ __restrict__ __launch_bounds__ "
    "__forceinline__ __noinline__ __grid_constant__ __cluster_dims__ half nv_bfloat16 __nv_bfloat16 __half "
    "size_t "
    "uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t int64_t";

constexpr const char *kCudaBuiltins =
    "threadIdx blockIdx blockDim gridDim warpSize __syncthreads __syncwarp __threadfence __threadfence_block "
    "__shfl_sync __shfl_up_sync __shfl_down_sync __shfl_xor_sync __ballot_sync __any_sync __all_sync "
    "__activemask __reduce_add_sync __ldg __ldcs __stcs __expf __logf __fdividef __frsqrt_rn __fmaf_rn fmaf "
    "expf "
    "exp2f logf log2f sqrtf rsqrtf fmaxf fminf fabsf powf atomicAdd atomicMax atomicMin atomicCAS atomicExch "
    "__popc __clz __brev __float2half __half2float wmma mma_sync load_matrix_sync store_matrix_sync fragment "
    "cooperative_groups cp_async __pipeline_memcpy_async __pipeline_commit __pipeline_wait_prior "
    "__cvta_generic_to_shared printf";

constexpr const char *kVectorTypes =
    "char2 char3 char4 char8 char16 uchar2 uchar3 uchar4 uchar8 uchar16 short2 short3 short4 short8 short16 "
    "ushort2 ushort4 ushort8 int2 int3 int4 int8 int16 uint2 uint3 uint4 uint8 uint16 long2 long4 long8 "
    "ulong2 "
    "ulong4 float2 float3 float4 float8 float16 double2 double3 double4 double8 double16 half2 half4 half8 "
    "half16 "
    "dim3 event_t image2d_t sampler_t";

} // namespace

KernelLexer::KernelLexer(Language language, QObject *parent) : QsciLexerCPP(parent), m_language(language)
{
    setFoldComments(false);
    restyle();
}

const char *KernelLexer::language() const
{
    return m_language == Language::OpenCl ? "OpenCL C" : "CUDA C++";
}

const char *KernelLexer::keywords(int set) const
{
    static const std::string openCl = std::string(kCppWords) + kOpenClWords;
    static const std::string cuda = std::string(kCppWords) + kCudaWords;
    switch (set) {
    case 1: return m_language == Language::OpenCl ? openCl.c_str() : cuda.c_str();
    case 2: return m_language == Language::OpenCl ? kOpenClBuiltins : kCudaBuiltins;
    case 4: return kVectorTypes;
    default: return nullptr;
    }
}

void KernelLexer::restyle()
{
    const Theme &colors = theme();
    const QFont font = codeFont();
    setDefaultFont(font);
    setDefaultPaper(colors[Role::Panel]);
    setDefaultColor(colors[Role::Text]);
    const auto color = [&](int style, Role role) { setColor(colors[role], style); };
    for (int style = 0; style < 128; ++style) {
        setFont(font, style);
        setPaper(colors[Role::Panel], style);
        setColor(colors[Role::Text], style);
        setEolFill(false, style);
    }
    for (const int style : {Comment, CommentLine, CommentDoc, CommentLineDoc, PreProcessorComment,
                            PreProcessorCommentLineDoc, CommentDocKeyword, CommentDocKeywordError})
        color(style, Role::CodeComment);
    for (const int style : {DoubleQuotedString, SingleQuotedString, UnclosedString, RawString})
        color(style, Role::CodeString);
    color(Number, Role::CodeNumber);
    color(Keyword, Role::CodeKeyword);
    color(GlobalClass, Role::CodeKeyword);
    color(KeywordSet2, Role::CodeBuiltin);
    color(PreProcessor, Role::CodeDirective);
}

QFont codeFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setFixedPitch(true);
    font.setStyleHint(QFont::Monospace);
    font.setPointSizeF(QGuiApplication::font().pointSizeF());
    return font;
}

KernelLexer::Language lexerLanguage(const QString &taskLanguage)
{
    return taskLanguage == QLatin1String("opencl") ? KernelLexer::Language::OpenCl
                                                   : KernelLexer::Language::Cuda;
}

} // namespace ww::ui
