// The field numbers of record.proto as they stand on the wire, for both sides' fast ways.
#ifndef PYTRACE_RINGBUF_RECORD_TAGS_H_
#define PYTRACE_RINGBUF_RECORD_TAGS_H_

#include <cstdint>

namespace pytrace::record {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2 };

constexpr uint32_t Tag(uint32_t field, WireType type) { return field << 3 | type; }

// Field numbers of record.proto, as tags. All below 128 but those of Value that are rare.
namespace tag {
inline constexpr uint8_t kEnter = Tag(1, kBytes), kLeave = Tag(2, kBytes), kFunction = Tag(3, kBytes),
                         kType = Tag(4, kBytes);
inline constexpr uint8_t kThread = Tag(5, kBytes), kLoss = Tag(6, kBytes), kLog = Tag(7, kBytes),
                         kStrand = Tag(8, kBytes), kTask = Tag(9, kBytes);
// Enter and Leave
inline constexpr uint8_t kFunctionId = Tag(1, kVarint), kTime = Tag(2, kVarint), kValue = Tag(3, kBytes),
                         kCall = Tag(4, kVarint);
inline constexpr uint8_t kParent = Tag(5, kVarint), kStart = Tag(6, kVarint), kFrame = Tag(7, kVarint),
                         kOutcome = Tag(1, kVarint);
// Value
inline constexpr uint8_t kInt = Tag(1, kVarint), kBigInt = Tag(2, kBytes), kFloat = Tag(3, kFixed64),
                         kBool = Tag(4, kVarint);
inline constexpr uint8_t kStr = Tag(5, kBytes), kBytesValue = Tag(6, kBytes), kTuple = Tag(7, kBytes),
                         kList = Tag(8, kBytes);
inline constexpr uint8_t kSet = Tag(9, kBytes), kFrozenset = Tag(10, kBytes), kDict = Tag(11, kBytes),
                         kObject = Tag(12, kBytes);
inline constexpr uint8_t kException = Tag(13, kBytes), kClass = Tag(14, kVarint), kUnbound = Tag(15, kVarint);
inline constexpr uint32_t kOmitted = Tag(16, kVarint), kLength = Tag(17, kVarint), kComplex = Tag(18, kBytes);
inline constexpr uint32_t kNativeStr = Tag(19, kBytes), kUnicode = Tag(20, kBytes), kLong = Tag(21, kBytes);
// Items, Object
inline constexpr uint8_t kItem = Tag(1, kBytes), kObjectType = Tag(1, kVarint), kObjectAddress = Tag(2, kFixed64),
                         kObjectArgs = Tag(3, kBytes);
}  // namespace tag

}  // namespace pytrace::record

#endif  // PYTRACE_RINGBUF_RECORD_TAGS_H_
