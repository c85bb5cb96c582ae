// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Mutations.h"

#include "core/base/Random.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ww {
namespace {

/// A tensor being changed.
struct Elements {
    DType type;
    std::vector<int64_t> shape;
    Bytes &bytes;

    [[nodiscard]] int64_t count() const { return static_cast<int64_t>(bytes.size() / sizeOf(type)); }
    [[nodiscard]] int64_t lastExtent() const
    {
        return shape.empty() ? 1 : std::max<int64_t>(1, shape.back());
    }
    /// Elements of one slice along the first axis.
    [[nodiscard]] int64_t slice() const
    {
        return shape.empty() || shape.front() <= 0 ? count() : count() / shape.front();
    }
    [[nodiscard]] double at(int64_t index) const { return loadElement(type, bytes.data(), index); }
    void set(int64_t index, double value) { storeElement(type, bytes.data(), index, value); }
    template <class F> void each(F f)
    {
        for (int64_t i = 0; i < count(); ++i)
            set(i, f(i, at(i)));
    }
    void clear(int64_t first, int64_t end)
    {
        for (int64_t i = std::max<int64_t>(0, first); i < std::min(end, count()); ++i)
            set(i, 0);
    }
};

std::vector<int64_t> shapeOn(const TensorSpec &tensor, const Workload &workload)
{
    std::vector<int64_t> shape;
    for (const Expression &dimension : tensor.shape)
        shape.push_back(dimension.evaluate(workload.axes).value_or(0));
    return shape;
}

double rootMeanSquare(const Elements &tensor)
{
    double sum = 0;
    for (int64_t i = 0; i < tensor.count(); ++i)
        sum += tensor.at(i) * tensor.at(i);
    return tensor.count() > 0 ? std::sqrt(sum / static_cast<double>(tensor.count())) : 0;
}

using Change = std::function<void(Elements &, const KnownAnswer &)>;

Mutation output(std::string name, Change change, bool trivial = false)
{
    return {std::move(name), Mutation::Kind::Output, trivial, [change](const KnownAnswer &answer) {
                Tensors outputs = answer.expected;
                for (size_t i = 0; i < outputs.size(); ++i) {
                    const TensorSpec &tensor = answer.task.outputs[i];
                    Elements elements {tensor.dtype, shapeOn(tensor, answer.workload), outputs[i]};
                    change(elements, answer);
                }
                return outputs;
            }};
}

/// Changes the floating inputs; whole numbers may be indices, which must stay valid.
Mutation input(std::string name, bool firstOnly, std::function<void(Elements &)> change)
{
    return {std::move(name), Mutation::Kind::Input, false, [firstOnly, change](const KnownAnswer &answer) {
                Tensors inputs;
                bool changed = false;
                for (const TensorSpec &tensor : answer.task.inputs) {
                    if (tensor.isScalar)
                        continue;
                    const std::span<const std::byte> bytes = answer.inputs[inputs.size()];
                    inputs.emplace_back(bytes.begin(), bytes.end());
                    if (!isFloat(tensor.dtype) || (firstOnly && changed))
                        continue;
                    Elements elements {tensor.dtype, shapeOn(tensor, answer.workload), inputs.back()};
                    change(elements);
                    changed = true;
                }
                return inputs;
            }};
}

/// Rounds what is wider; to a half-width type such rounding is no loss that its tolerance could see.
void roundTo(Elements &tensor, double (*rounded)(double))
{
    if (sizeOf(tensor.type) > sizeof(uint16_t))
        tensor.each([rounded](int64_t, double value) { return rounded(value); });
}

double asHalf(double value)
{
    return static_cast<double>(halfToFloat(floatToHalf(static_cast<float>(value))));
}

double asBfloat16(double value)
{
    return static_cast<double>(bfloat16ToFloat(floatToBfloat16(static_cast<float>(value))));
}

void fillWithMean(Elements &tensor, const KnownAnswer &)
{
    double sum = 0;
    for (int64_t i = 0; i < tensor.count(); ++i)
        sum += tensor.at(i);
    const double mean = tensor.count() > 0 ? sum / static_cast<double>(tensor.count()) : 0;
    tensor.each([mean](int64_t, double) { return mean; });
}

void copyFirstInput(Elements &tensor, const KnownAnswer &answer)
{
    const auto first = std::find_if(answer.task.inputs.begin(), answer.task.inputs.end(),
                                    [](const TensorSpec &spec) { return !spec.isScalar; });
    if (first == answer.task.inputs.end() || answer.inputs.front().empty())
        return;
    const std::span<const std::byte> bytes = answer.inputs.front();
    const auto count = static_cast<int64_t>(bytes.size() / sizeOf(first->dtype));
    tensor.each([&](int64_t i, double) { return loadElement(first->dtype, bytes.data(), i % count); });
}

/// Numbers of the right size and nothing else.
void fillWithNoise(Elements &tensor, const KnownAnswer &)
{
    const double size = std::max(rootMeanSquare(tensor), 1.0);
    RandomStream random(20, 26);
    tensor.each([&](int64_t, double) { return size * (2 * random.uniform() - 1); });
}

void fillWithPoison(Elements &tensor, const KnownAnswer &)
{
    std::fill(tensor.bytes.begin(), tensor.bytes.end(), std::byte {0xff});
}

void transposeTile(Elements &tensor, const KnownAnswer &)
{
    if (tensor.shape.size() < 2)
        return;
    constexpr int64_t kTile = 16;
    const int64_t columns = tensor.lastExtent();
    const int64_t side = std::min({kTile, columns, tensor.shape[tensor.shape.size() - 2]});
    for (int64_t row = 0; row < side; ++row) {
        for (int64_t column = 0; column < row; ++column) {
            const double lower = tensor.at(row * columns + column);
            tensor.set(row * columns + column, tensor.at(column * columns + row));
            tensor.set(column * columns + row, lower);
        }
    }
}

void swapRows(Elements &tensor, const KnownAnswer &)
{
    if (tensor.shape.empty() || tensor.shape.front() < 2)
        return;
    const auto bytes =
        static_cast<std::ptrdiff_t>(tensor.slice()) * static_cast<std::ptrdiff_t>(sizeOf(tensor.type));
    std::swap_ranges(tensor.bytes.begin(), tensor.bytes.begin() + bytes, tensor.bytes.begin() + bytes);
}

void shiftByOne(Elements &tensor)
{
    for (int64_t i = 0; i + 1 < tensor.count(); ++i)
        tensor.set(i, tensor.at(i + 1));
}

/// Sets to zero the elements whose index along the last axis satisfies `left`, of `extent`.
void dropTerms(Elements &tensor, const std::function<bool(int64_t index, int64_t extent)> &left)
{
    const int64_t extent = tensor.lastExtent();
    tensor.each([&](int64_t i, double value) { return left(i % extent, extent) ? 0 : value; });
}

std::vector<Mutation> allMutations()
{
    const bool trivial = true;
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    std::vector<Mutation> all {
        output(
            "zeros", [](Elements &t, const KnownAnswer &) { t.clear(0, t.count()); }, trivial),
        output("constant mean", fillWithMean, trivial),
        output("first input copied", copyFirstInput, trivial),
        output("noise of the right size", fillWithNoise, trivial),
        output("nothing written", fillWithPoison, trivial),
        {"result of other data", Mutation::Kind::Stale, trivial, {}},
        output("scaled by 0.99",
               [](Elements &t, const KnownAnswer &) { t.each([](int64_t, double v) { return 0.99 * v; }); }),
        output(
            "sign lost",
            [](Elements &t, const KnownAnswer &) { t.each([](int64_t, double v) { return std::abs(v); }); }),
        output("NaN in one place", [](Elements &t, const KnownAnswer &) { t.set(t.count() / 2, kNaN); }),
        output("last element skipped",
               [](Elements &t, const KnownAnswer &) { t.clear(t.count() - 1, t.count()); }),
        output("last row skipped",
               [](Elements &t, const KnownAnswer &) { t.clear(t.count() - t.slice(), t.count()); }),
        output("last tile of 64 skipped",
               [](Elements &t, const KnownAnswer &) { t.clear((t.count() - 1) / 64 * 64, t.count()); }),
        output("1 % of elements skipped",
               [](Elements &t, const KnownAnswer &) {
                   t.each([](int64_t i, double v) { return i % 100 == 37 ? 0 : v; });
               }),
        output("shifted by one", [](Elements &t, const KnownAnswer &) { shiftByOne(t); }),
        output("one tile transposed", transposeTile),
        output("two rows swapped", swapRows),
        output("results rounded to float16", [](Elements &t, const KnownAnswer &) { roundTo(t, asHalf); }),
        input("inputs rounded to float16", false, [](Elements &t) { roundTo(t, asHalf); }),
        input("inputs rounded to bfloat16", false, [](Elements &t) { roundTo(t, asBfloat16); }),
        input("second half of the last axis ignored", true,
              [](Elements &t) { dropTerms(t, [](int64_t i, int64_t n) { return i >= (n + 1) / 2; }); }),
        input("last of the last axis ignored", true,
              [](Elements &t) { dropTerms(t, [](int64_t i, int64_t n) { return i == n - 1; }); }),
        input("1 % of the last axis ignored", true,
              [](Elements &t) { dropTerms(t, [](int64_t i, int64_t) { return i % 100 == 37; }); }),
        input("read one element off", true, shiftByOne),
    };
    return all;
}

} // namespace

const std::vector<Mutation> &knownMutations()
{
    static const std::vector<Mutation> kAll = allMutations();
    return kAll;
}

} // namespace ww
