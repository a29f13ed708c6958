#include "ringbuf/record/value_text.h"

#include <cstring>

#include "ringbuf/record/python_text.h"
#include "ringbuf/record/value_message.h"

namespace pytrace::record {
namespace {

using message::BigInt;
using message::Fields;
using message::Object;
using message::Value;
using enum message::Kind;

constexpr int kMaxDepth = 100;  // far more than any guest captures; hostile bytes nest deeper
constexpr char kCut[] = "...";

class Printer {
 public:
  Printer(const TypeNames& types, std::string* out) : types_(types), out_(out) {}

  void Print(const Value& value, int depth) {
    if (depth > kMaxDepth) return Put(kCut);
    switch (value.kind) {
      case kNone:
        return Put("None");
      case kLength:
      case kInt:
        return AppendInt(value.Int(), out_);
      case kBigInt:
        return Print(BigInt(value.bytes));
      case kFloat:
        return AppendFloat(value.Float(), out_);
      case kBool:
        return Put(value.number ? "True" : "False");
      case kStr:
        return AppendStr(value.bytes, value.cut(), out_);
      case kBytes:
        return AppendBytes(value.bytes, value.cut(), out_);
      case kTuple:
        return Tuple(value, depth);
      case kList:
        return Enclosed("[", value, "]", depth);
      case kSet:
        return Set(value, depth);
      case kFrozenset:
        if (IsEmpty(value)) return Put("frozenset()");
        return Enclosed("frozenset({", value, "})", depth);
      case kDict:
        return Enclosed("{", value, "}", depth);
      case kObject:
        return PrintObject(Object(value.bytes));
      case kException:
        return Exception(Object(value.bytes), depth);
      case kClass:
        return Put("<class '"), Put(types_.Name(static_cast<uint32_t>(value.number))), Put("'>");
      case kUnbound:
        return;
      case kOmitted:
        return Put(kCut);
      case kComplex:
        return Complex(value.bytes);
      case kNativeStr:
        return AppendNativeStr(value.bytes, value.cut(), out_);
      case kUnicode:
        return AppendUnicode(value.bytes, value.cut(), out_);
      case kLong:
        return Print(BigInt(value.bytes)), Put(BigInt(value.bytes).cut == 0 ? "L" : "");
    }
  }

 private:
  void Put(std::string_view text) { out_->append(text); }

  void Print(const BigInt& value) { AppendBigInt(value.negative, value.digits, value.cut, out_); }

  static bool IsEmpty(const Value& value) { return value.bytes.empty() && !value.cut(); }

  // Prints the items and returns how many; the mark of a cut is not one of them.
  int Items(const Value& value, int depth) {
    Fields fields(value.bytes);
    int count = 0;
    while (fields.Next()) {
      if (fields.field != 1) continue;
      if (count > 0) Put(value.kind == kDict && count % 2 ? ": " : ", ");
      Print(Value(fields.bytes), depth + 1);
      ++count;
    }
    if (value.cut()) Put(count > 0 ? ", ..." : kCut);
    return count;
  }

  void Enclosed(std::string_view open, const Value& value, std::string_view close, int depth) {
    Put(open);
    Items(value, depth);
    Put(close);
  }

  void Tuple(const Value& value, int depth) {
    Put("(");
    if (Items(value, depth) == 1 && !value.cut()) Put(",");
    Put(")");
  }

  void Set(const Value& value, int depth) {
    if (IsEmpty(value)) return Put("set()");
    Enclosed("{", value, "}", depth);
  }

  void PrintObject(const Object& object) {
    Put("<");
    Put(types_.Name(object.type));
    Put(" object at 0x");
    AppendHex(object.address, out_);
    Put(">");
  }

  // As BaseException.__repr__: the class's own name and its arguments, one of them without the comma of a tuple.
  void Exception(const Object& object, int depth) {
    std::string_view name = types_.Name(object.type);
    size_t dot = name.rfind('.');
    Put(dot == name.npos ? name : name.substr(dot + 1));
    Put("(");
    Value args(object.args);
    if (!object.has_args || args.kind == kOmitted)
      Put(kCut);
    else if (args.kind == kTuple)
      Items(args, depth);
    else if (args.kind != kNone)
      Print(args, depth + 1);
    Put(")");
  }

  void Complex(std::string_view message) {
    double parts[2] = {0, 0};
    Fields fields(message);
    while (fields.Next()) {
      if (fields.field == 1 || fields.field == 2) memcpy(&parts[fields.field - 1], &fields.number, sizeof(double));
    }
    AppendComplex(parts[0], parts[1], out_);
  }

  const TypeNames& types_;
  std::string* out_;
};

double BigIntValue(const BigInt& value) {
  double result = 0;
  for (size_t i = value.digits.size() / 4; i-- > 0;) {
    uint32_t limb;
    memcpy(&limb, value.digits.data() + 4 * i, sizeof(limb));
    result = result * (1u << 30) + limb;
  }
  for (uint64_t i = 0; i < value.cut && i < 64; ++i) result *= 1u << 30;  // 64 of them are beyond any double
  return value.negative ? -result : result;
}

}  // namespace

void AppendValueText(std::string_view value, const TypeNames& types, std::string* out) {
  Printer(types, out).Print(Value(value), 0);
}

void AppendValueType(std::string_view message, const TypeNames& types, std::string* out) {
  Value value(message);
  switch (value.kind) {
    case kNone:
      out->append("NoneType");
      return;
    case kLength:
    case kInt:
    case kBigInt:
      out->append("int");
      return;
    case kFloat:
      out->append("float");
      return;
    case kBool:
      out->append("bool");
      return;
    case kStr:
      out->append("str");
      return;
    case kBytes:
      out->append("bytes");
      return;
    case kTuple:
      out->append("tuple");
      return;
    case kList:
      out->append("list");
      return;
    case kSet:
      out->append("set");
      return;
    case kFrozenset:
      out->append("frozenset");
      return;
    case kDict:
      out->append("dict");
      return;
    case kObject:
    case kException:
      out->append(types.Name(Object(value.bytes).type));
      return;
    case kClass:
      out->append("type");
      return;
    case kUnbound:
      return;
    case kOmitted:
      out->append(kCut);
      return;
    case kComplex:
      out->append("complex");
      return;
    case kNativeStr:
      out->append("str");
      return;
    case kUnicode:
      out->append("unicode");
      return;
    case kLong:
      out->append("long");
      return;
  }
}

bool ValueNumber(std::string_view message, double* out) {
  Value value(message);
  switch (value.kind) {
    case kInt:
      *out = static_cast<double>(value.Int());
      return true;
    case kBigInt:
    case kLong:
      *out = BigIntValue(BigInt(value.bytes));
      return true;
    case kFloat:
      *out = value.Float();
      return true;
    case kBool:
      *out = value.number != 0;
      return true;
    default:
      return false;
  }
}

bool IsUnbound(std::string_view value) { return Value(value).kind == kUnbound; }

bool NextValue(std::string_view* rest, std::string_view* value) {
  Fields fields(*rest);
  while (fields.Next()) {
    *rest = fields.rest();
    if (fields.field != 3) continue;
    *value = fields.bytes;
    return true;
  }
  *rest = {};
  return false;
}

}  // namespace pytrace::record
