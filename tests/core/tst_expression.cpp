// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/Expression.h"
#include "tests/core/Mutation.h"

#include <QTest>

#include <cmath>

using namespace ww;

namespace {

const Bindings kBindings {{"K", 64},  {"M", 512},  {"N", 1000},        {"TILE", 48},
                          {"one", 1}, {"zero", 0}, {"low", INT64_MIN}, {"high", INT64_MAX}};

std::string repeated(std::string_view piece, int count)
{
    std::string text;
    for (int i = 0; i < count; ++i)
        text += piece;
    return text;
}

/// A random expression with needless parentheses here and there. Small numbers, so that most evaluate.
std::string randomText(RandomStream &random, int depth)
{
    static const std::vector<std::string> kOperators {
        "+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||"};
    const uint32_t choice = depth == 0 ? random.below(2) : random.below(8);
    const auto operand = [&] { return randomText(random, depth - 1); };
    switch (choice) {
    case 0: return std::to_string(random.below(20));
    case 1: return random.below(2) ? "K" : "TILE";
    case 2: return "-" + std::string(random.below(2) ? " " : "") + "(" + operand() + ")";
    case 3: return "!(" + operand() + ")";
    case 4: return (random.below(2) ? "ceil_div(" : "round_up(") + operand() + "," + operand() + ")";
    case 5:
        return (random.below(2) ? "min(" : "max(") + operand() + ", " + operand() + "," + operand() + " )";
    default:
        return "(" + operand() + ")" + kOperators[random.below(static_cast<uint32_t>(kOperators.size()))]
            + "(" + operand() + ")";
    }
}

} // namespace

class ExpressionTest : public QObject {
    Q_OBJECT

private slots:
    void refusesWithPlaceAndReason_data();
    void refusesWithPlaceAndReason();
    void countsLinesAndColumnsFromTheGivenStart();
    void evaluationFailsNamingTheCulprit_data();
    void evaluationFailsNamingTheCulprit();
    void boundsNestingAndLength();
    void evaluates_data();
    void evaluates();
    void agreesWith128BitArithmetic();
    void printsCanonically_data();
    void printsCanonically();
    void printedFormIsTheSameExpression();
    void readsThePrefixAndSaysWhereItEnds_data();
    void readsThePrefixAndSaysWhereItEnds();
    void realArithmeticGoesBeyond64Bits();
    void realArithmeticAgreesWithWhole();
    void listsItsNames();
    void emptyExpressionHasNoValue();
    void survivesMutatedTexts();
};

void ExpressionTest::refusesWithPlaceAndReason_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("column");
    QTest::addColumn<QByteArray>("reason");
    const auto row = [](const char *name, const QByteArray &text, int column, const char *reason) {
        QTest::newRow(name) << text << column << QByteArray(reason);
    };
    row("nothing", "", 1, "expected a number, a name or '(', found the end");
    row("blanks", "   ", 4, "found the end");
    row("open parenthesis", "(M + 1", 7, "expected ')', found the end");
    row("stray parenthesis", "M + 1)", 6, "expected an operator or the end, found ')'");
    row("no right side", "M *", 4, "found the end");
    row("two names", "M N", 3, "found 'N'");
    row("single equals", "M = 3", 3, "equality is written '=='");
    row("single and", "M & 3", 3, "logic is written '&&'");
    row("single or", "M | 3", 3, "logic is written '||'");
    row("chained comparison", "0 < M < 9", 7, "comparisons do not chain");
    row("mixed chain", "1 == M != 9", 8, "comparisons do not chain");
    row("real number", "2 * 1.5", 5, "plain decimal integers");
    row("hexadecimal", "0x10", 1, "plain decimal integers");
    row("suffix", "10u", 1, "plain decimal integers");
    row("octal", "M + 010", 5, "must not begin with 0");
    row("beyond 2^63-1", "9223372036854775808", 1, "leaves the range of 64-bit integers");
    row("beyond 2^63-1 behind -(", "-(9223372036854775808)", 3, "leaves the range");
    row("below -2^63", "-9223372036854775809", 2, "leaves the range");
    row("twenty digits", "99999999999999999999", 1, "leaves the range");
    row("unknown function", "ciel_div(M, 2)", 1, "did you mean 'ceil_div'?");
    row("name called", "M(2)", 1, "'M' is not a function");
    row("function as a name", "min + 1", 5, "expected '(' after the function 'min'");
    row("one argument", "3 * max(M)", 5, "max takes two or more arguments, not 1");
    row("three arguments", "ceil_div(M, 2, 3)", 1, "ceil_div takes two arguments, not 3");
    row("no argument", "min()", 5, "found ')'");
    row("missing comma", "min(M N)", 7, "expected ',' or ')', found 'N'");
    row("open call", "min(M, N", 9, "expected ',' or ')', found the end");
    row("string", "\"M\"", 1, "found '\"'");
    row("outside ASCII", "M \xC3\x97 N", 3, "found '\xC3\x97'");
    row("ill-formed UTF-8", "M + \xFF", 5, "expected a number, a name or '('");
    row("NUL", QByteArray("M\0", 2), 2, "\\x00");
    row("ternary", "M > 1 ? 2 : 3", 7, "found '?'");
    row("assignment to nothing", "== 3", 1, "expected a number");
    row("name of 65 letters", QByteArray(65, 'a'), 1, "longer than 64 characters");
}

void ExpressionTest::refusesWithPlaceAndReason()
{
    QFETCH(const QByteArray, text);
    QFETCH(const int, column);
    QFETCH(const QByteArray, reason);
    const auto parsed = Expression::parse(text.toStdString());
    QVERIFY(!parsed);
    QCOMPARE(parsed.error().code, ErrorCode::BadInput);
    QCOMPARE(parsed.error().where, "line 1, column " + std::to_string(column));
    QVERIFY2(parsed.error().why.find(reason.toStdString()) != std::string::npos, parsed.error().why.c_str());
}

void ExpressionTest::countsLinesAndColumnsFromTheGivenStart()
{
    const auto sameLine = Expression::parse("M + )", {3, 17});
    QVERIFY(!sameLine);
    QCOMPARE(sameLine.error().where, std::string("line 3, column 21"));
    const auto nextLine = Expression::parse("M +\n  )", {3, 17});
    QVERIFY(!nextLine);
    QCOMPARE(nextLine.error().where, std::string("line 4, column 3"));
    QVERIFY(nextLine.error().message().starts_with("line 4, column 3: cannot read the expression: expected"));
}

void ExpressionTest::evaluationFailsNamingTheCulprit_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("reason");
    const auto row = [](const char *name, const char *text, const char *reason) {
        QTest::newRow(name) << QByteArray(text) << QByteArray(reason);
    };
    row("unknown name", "M + Q", "unknown name 'Q'");
    row("division by zero", "M / (K - 64)", "division by zero: 'K - 64' is 0 in 'M / (K - 64)'");
    row("modulo zero", "1 + M % zero", "division by zero: 'zero' is 0 in 'M % zero'");
    row("literal zero", "1 / 0", "division by zero");
    row("overflow of +", "high + 1", "'high + 1' leaves the range of 64-bit integers");
    row("overflow of -", "low - 1", "'low - 1' leaves the range");
    row("overflow of *", "1 + high * 2", "'high * 2' leaves the range");
    row("overflow of unary -", "-low", "'-low' leaves the range");
    row("lowest by -1", "low / -1", "'low / -1' leaves the range");
    row("ceil_div by zero", "ceil_div(M, zero)",
        "ceil_div needs a second argument of at least 1, 'zero' is 0");
    row("round_up to negative", "round_up(M, -4)", "round_up needs a second argument of at least 1");
    row("round_up overflow", "round_up(high, 2)", "'round_up(high, 2)' leaves the range");
    row("inside a function", "min(1, M / zero)", "division by zero");
    row("logic looks on", "one && Q", "unknown name 'Q'");
}

void ExpressionTest::evaluationFailsNamingTheCulprit()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QByteArray, reason);
    const auto parsed = Expression::parse(text.toStdString());
    QVERIFY(parsed);
    const auto value = parsed->evaluate(kBindings);
    QVERIFY(!value);
    QCOMPARE(value.error().code, ErrorCode::BadInput);
    QVERIFY2(value.error().why.find(reason.toStdString()) != std::string::npos, value.error().why.c_str());
    QVERIFY2(value.error().what.find("cannot evaluate '") != std::string::npos, value.error().what.c_str());
}

void ExpressionTest::boundsNestingAndLength()
{
    for (const std::string open : {"(", "-", "!", "!(", "min(1, ", "- "}) {
        const bool group = open.find('(') != std::string::npos;
        const int levels = open == "!(" ? 31 : 63;
        const std::string fits = repeated(open, levels) + "M" + repeated(group ? ")" : "", levels);
        QVERIFY2(Expression::parse(fits), fits.c_str());
        const std::string deeper = repeated(open, levels + 2) + "M" + repeated(group ? ")" : "", levels + 2);
        const auto refused = Expression::parse(deeper);
        QVERIFY2(!refused, deeper.c_str());
        QVERIFY(refused.error().why.find("nested deeper than 64 levels") != std::string::npos);
        QVERIFY(!Expression::parse(repeated(open, 1'000'000)));
    }

    const std::string longest = repeated("1 + ", 1023) + "1234";
    QCOMPARE(longest.size(), size_t {4096});
    const auto sum = Expression::parse(longest);
    QVERIFY(sum);
    QCOMPARE(*sum->evaluate({}), 1023 + 1234);
    const auto longer = Expression::parse(longest + "5");
    QVERIFY(!longer);
    QVERIFY(longer.error().why.find("at most 4096 characters") != std::string::npos);
    // 2047 additions in 4095 characters would print as 8191.
    const auto growing = Expression::parse(repeated("1+", 2047) + "1");
    QVERIFY(!growing);
    QVERIFY(growing.error().why.find("at most 4096 characters") != std::string::npos);

    size_t consumed = 0;
    QVERIFY(!Expression::parsePrefix(repeated("1 + ", 1'000'000) + "1", consumed));
    QVERIFY(consumed <= 4096);
    QVERIFY(!Expression::parsePrefix(std::string(10'000'000, ' '), consumed));
    QVERIFY(consumed <= 4096);
    QVERIFY(Expression::parsePrefix("M," + std::string(10'000'000, ' '), consumed));
    QCOMPARE(consumed, size_t {1});
}

void ExpressionTest::evaluates_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("value");
    const auto row = [](const char *text, int64_t value) {
        QTest::newRow(text) << QByteArray(text) << static_cast<qint64>(value);
    };
    row("0", 0);
    row("9223372036854775807", INT64_MAX);
    row("-9223372036854775808", INT64_MIN);
    row("- 9223372036854775808", INT64_MIN);
    row("M", 512);
    row(" M\t+\n1 ", 513);
    row("1 + 2 * 3", 7);
    row("(1 + 2) * 3", 9);
    row("10 - 4 - 3", 3);
    row("10 - (4 - 3)", 9);
    row("100 / 10 / 5", 2);
    row("7 / 2", 3);
    row("-7 / 2", -3);
    row("7 / -2", -3);
    row("7 % 3", 1);
    row("-7 % 3", -1);
    row("7 % -3", 1);
    row("low % -1", 0);
    row("2 + 3 % 2 * 4", 6);
    row("-2 * -3", 6);
    row("--3", 3);
    row("-(-3)", 3);
    row("!0", 1);
    row("!7", 0);
    row("!!7", 1);
    row("-!0", -1);
    row("!-1", 0);
    row("1 < 2", 1);
    row("2 < 1", 0);
    row("2 <= 2", 1);
    row("3 > 2", 1);
    row("2 >= 3", 0);
    row("M == 512", 1);
    row("M != 512", 0);
    row("1 + 1 == 2", 1);
    row("(1 < 2) < 2", 1);
    row("M % K == 0 && N > K", 1);
    row("0 || 5", 1);
    row("5 && 7", 1);
    row("0 && 1 || 1", 1);
    row("1 || 0 && 0", 1);
    row("zero == 0 || M / zero > 1", 1);
    row("zero && M / zero", 0);
    row("ceil_div(M, TILE)", 11);
    row("ceil_div(480, 48)", 10);
    row("ceil_div(0, 48)", 0);
    row("ceil_div(-7, 2)", -3);
    row("ceil_div(high, 1)", INT64_MAX);
    row("ceil_div(high, 2)", INT64_MAX / 2 + 1);
    row("round_up(M, TILE)", 528);
    row("round_up(480, 48)", 480);
    row("round_up(-7, 4)", -4);
    row("min(3, 1, 2)", 1);
    row("max(3, 1, 2, 9)", 9);
    row("min(max(1, 2), 3)", 2);
    row("max ( 1 , 2 )", 2);
}

void ExpressionTest::evaluates()
{
    QFETCH(const QByteArray, text);
    QFETCH(const qint64, value);
    const auto parsed = Expression::parse(text.toStdString());
    QVERIFY2(parsed, parsed ? "" : parsed.error().message().c_str());
    const auto result = parsed->evaluate(kBindings);
    QVERIFY2(result, result ? "" : result.error().message().c_str());
    QCOMPARE(static_cast<qint64>(*result), value);
}

void ExpressionTest::agreesWith128BitArithmetic()
{
    __extension__ using Wide = __int128;
    const auto sum = *Expression::parse("a + b"), difference = *Expression::parse("a - b"),
               product = *Expression::parse("a * b");
    RandomStream random(1, 1);
    int overflows = 0;
    const auto draw = [&random] {
        const int shift = static_cast<int>(random.below(64));
        const uint64_t bits = uint64_t {random.next()} << 32 | random.next();
        return static_cast<int64_t>(bits) >> shift;
    };
    for (int i = 0; i < 5000; ++i) {
        const int64_t a = draw(), b = draw();
        const Bindings bindings {{"a", a}, {"b", b}};
        const auto check = [&](const Expression &expression, Wide exact) {
            const bool fits = exact >= INT64_MIN && exact <= INT64_MAX;
            const auto value = expression.evaluate(bindings);
            overflows += fits ? 0 : 1;
            return fits ? value.has_value() && *value == exact : !value.has_value();
        };
        QVERIFY(check(sum, Wide {a} + b));
        QVERIFY(check(difference, Wide {a} - b));
        QVERIFY(check(product, Wide {a} * b));
    }
    QVERIFY(overflows > 500);
}

void ExpressionTest::printsCanonically_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("canonical");
    const auto row = [](const char *text, const char *canonical) {
        QTest::newRow(text) << QByteArray(text) << QByteArray(canonical);
    };
    row("M+N*K", "M + N * K");
    row("((M)+(N*K))", "M + N * K");
    row("(M+N)*K", "(M + N) * K");
    row("M-(N-K)", "M - (N - K)");
    row("(M-N)-K", "M - N - K");
    row("M*(N/K)", "M * (N / K)");
    row("M+(N+K)", "M + (N + K)");
    row("(a<b)<c", "(a < b) < c");
    row("a<(b==c)", "a < (b == c)");
    row("a<b&&c<d||e", "a < b && c < d || e");
    row("a&&(b||c)", "a && (b || c)");
    row("(a&&b)||c", "a && b || c");
    row("a&&(b&&c)", "a && (b && c)");
    row("-(a+b)", "-(a + b)");
    row("(-a)+b", "-a + b");
    row("-(5)", "-5");
    row("- 5", "-5");
    row("-(-5)", "--5");
    row("a - -5", "a - -5");
    row("a--b", "a - -b");
    row("!(a)", "!a");
    row("!(a&&b)", "!(a && b)");
    row("-(9223372036854775807)", "-9223372036854775807");
    row("ceil_div( (M) ,TILE )", "ceil_div(M, TILE)");
    row("max(a,(b+c),1)*2", "max(a, b + c, 1) * 2");
}

void ExpressionTest::printsCanonically()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QByteArray, canonical);
    const auto parsed = Expression::parse(text.toStdString());
    QVERIFY(parsed);
    QCOMPARE(parsed->text(), canonical.toStdString());
    const auto again = Expression::parse(parsed->text());
    QVERIFY(again);
    QCOMPARE(again->text(), canonical.toStdString());
}

void ExpressionTest::printedFormIsTheSameExpression()
{
    RandomStream random(7, 2);
    int valued = 0;
    for (int i = 0; i < 5000; ++i) {
        const std::string text = randomText(random, static_cast<int>(random.below(5)));
        const auto parsed = Expression::parse(text);
        QVERIFY2(parsed, text.c_str());
        const std::string printed = parsed->text();
        const auto again = Expression::parse(printed);
        QVERIFY2(again, printed.c_str());
        QCOMPARE(again->text(), printed);
        QVERIFY2(printed.size() <= text.size() * 3, printed.c_str());
        const auto value = parsed->evaluate(kBindings), valueAgain = again->evaluate(kBindings);
        QCOMPARE(value.has_value(), valueAgain.has_value());
        if (value) {
            QCOMPARE(*value, *valueAgain);
            ++valued;
        }
    }
    QVERIFY(valued > 1000);
}

void ExpressionTest::readsThePrefixAndSaysWhereItEnds_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("ok");
    QTest::addColumn<int>("consumed");
    QTest::newRow("comma") << QByteArray("M + 1, N") << true << 5;
    QTest::newRow("parenthesis") << QByteArray("ceil_div(M, 4)) block(2)") << true << 14;
    QTest::newRow("bracket") << QByteArray(" M ]") << true << 2;
    QTest::newRow("whole") << QByteArray("M") << true << 1;
    QTest::newRow("word") << QByteArray("M zero") << true << 1;
    QTest::newRow("equals") << QByteArray("M = 2") << true << 1;
    QTest::newRow("fault at the start") << QByteArray(")") << false << 0;
    QTest::newRow("fault inside") << QByteArray("M + (N * ), 2") << false << 9;
    QTest::newRow("fault at the end") << QByteArray("M +") << false << 3;
}

void ExpressionTest::readsThePrefixAndSaysWhereItEnds()
{
    QFETCH(const QByteArray, text);
    QFETCH(const bool, ok);
    QFETCH(const int, consumed);
    size_t used = 12345;
    QCOMPARE(Expression::parsePrefix(text.toStdString(), used).has_value(), ok);
    QCOMPARE(static_cast<int>(used), consumed);
}

void ExpressionTest::realArithmeticGoesBeyond64Bits()
{
    const auto flops = Expression::parse("2 * M * M * M");
    QVERIFY(flops);
    const Bindings large {{"M", 10'000'000}};
    QVERIFY(!flops->evaluate(large));
    const auto value = flops->evaluateReal(large);
    QVERIFY(value);
    QCOMPARE(*value, 2e21);

    const auto huge = Expression::parse("high" + repeated(" * high", 20));
    QVERIFY(huge);
    const auto beyond = huge->evaluateReal(kBindings);
    QVERIFY(!beyond);
    QVERIFY(beyond.error().why.find("leaves the range of double precision") != std::string::npos);
    QVERIFY(!Expression::parse("M / zero")->evaluateReal(kBindings));
    QVERIFY(!Expression::parse("M % zero")->evaluateReal(kBindings));
    QVERIFY(!Expression::parse("ceil_div(M, 0)")->evaluateReal(kBindings));
    QVERIFY(!Expression::parse("M + Q")->evaluateReal(kBindings));
}

void ExpressionTest::realArithmeticAgreesWithWhole()
{
    RandomStream random(11, 3);
    int compared = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto parsed = Expression::parse(randomText(random, 3));
        QVERIFY(parsed);
        const auto whole = parsed->evaluate(kBindings);
        if (!whole || std::abs(*whole) > (int64_t {1} << 50))
            continue;
        const auto real = parsed->evaluateReal(kBindings);
        QVERIFY2(real && *real == static_cast<double>(*whole), parsed->text().c_str());
        ++compared;
    }
    QVERIFY(compared > 1000);
}

void ExpressionTest::listsItsNames()
{
    const auto parsed = Expression::parse("ceil_div(M, TILE) * min(N, M) + 3");
    QVERIFY(parsed);
    QCOMPARE(parsed->names(), (std::set<std::string> {"M", "N", "TILE"}));
    QVERIFY(Expression::constant(3).names().empty());
}

void ExpressionTest::emptyExpressionHasNoValue()
{
    const Expression empty;
    QVERIFY(empty.empty());
    QCOMPARE(empty.text(), std::string());
    QVERIFY(empty.names().empty());
    QVERIFY(!empty.evaluate({}));
    QVERIFY(!empty.evaluateReal({}));
    QCOMPARE(Expression::constant(INT64_MIN).text(), std::string("-9223372036854775808"));
    QCOMPARE(*Expression::constant(-3).evaluate({}), -3);
}

void ExpressionTest::survivesMutatedTexts()
{
    const std::vector<std::string> seeds {"ceil_div(M, TILE) * 4 + round_up(N, 16)",
                                          "M % K == 0 && (N > 3 || !zero)", "min(max(1, M), -K) / (N - 1000)",
                                          "-9223372036854775808 + high * one"};
    const std::vector<std::string> dictionary {"(",
                                               ")",
                                               ",",
                                               "&&",
                                               "||",
                                               "==",
                                               "!=",
                                               "min(",
                                               "ceil_div(",
                                               "-",
                                               "!",
                                               "0",
                                               "9223372036854775808",
                                               " ",
                                               "\n",
                                               "\t",
                                               "zero",
                                               std::string(1, '\0'),
                                               "\xC3",
                                               "\xF0\x9F\x98\x80",
                                               "//",
                                               "1.5",
                                               "((((((((",
                                               "%",
                                               "low"};
    RandomStream random(2026, 4);
    int parsedCount = 0;
    for (int i = 0; i < fuzzRounds(); ++i) {
        const std::string text = mutated(seeds[static_cast<size_t>(i) % seeds.size()], dictionary, random);
        const auto parsed = Expression::parse(text);
        if (!parsed) {
            QVERIFY2(!parsed.error().why.empty() && parsed.error().where.starts_with("line "), text.c_str());
            continue;
        }
        ++parsedCount;
        const auto again = Expression::parse(parsed->text());
        QVERIFY2(again && again->text() == parsed->text(), text.c_str());
        if (const auto value = parsed->evaluate(kBindings); !value)
            QVERIFY2(!value.error().why.empty(), text.c_str());
    }
    QVERIFY(parsedCount > fuzzRounds() / 40);
}

QTEST_APPLESS_MAIN(ExpressionTest)
#include "tst_expression.moc"
