// Text of values, made when somebody reads: as Python's repr would print the captured types, objects as
// `<shop.cart.Cart object at 0x7f...>`, exceptions as `KeyError('B-02')`. What was cut ends in `...`. Tolerates any
// bytes.
#ifndef PYTRACE_RINGBUF_RECORD_VALUE_TEXT_H_
#define PYTRACE_RINGBUF_RECORD_VALUE_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace pytrace::record {

// Resolves Type.id; the view must live until the call that asked returns.
class TypeNames {
 public:
  virtual ~TypeNames() = default;
  virtual std::string_view Name(uint32_t type) const = 0;
};

// `value`: a serialized Value. Appends to *out.
void AppendValueText(std::string_view value, const TypeNames& types, std::string* out);
// The type as Python names it: int, str, NoneType, shop.cart.Cart ...
void AppendValueType(std::string_view value, const TypeNames& types, std::string* out);
// The number in an int, float or bool; false for others. For filters.
bool ValueNumber(std::string_view value, double* out);
// An argument slot without a value: not printed.
bool IsUnbound(std::string_view value);

// Walks the `values` fields of an Enter as stored in a block. Usage: std::string_view rest = args, value; while
// (NextValue(&rest, &value)) ...
bool NextValue(std::string_view* rest, std::string_view* value);

}  // namespace pytrace::record

#endif  // PYTRACE_RINGBUF_RECORD_VALUE_TEXT_H_
