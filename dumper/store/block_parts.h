// What the parts of a block's BLOBs are called; shared by the encoder and the decoder. docs/store-schema.md says what
// is in them.
#ifndef PYTRACE_DUMPER_STORE_BLOCK_PARTS_H_
#define PYTRACE_DUMPER_STORE_BLOCK_PARTS_H_

#include <cstdint>

namespace pytrace::store {

// A column of numbers takes three parts. These stand in databases: a number that was given up is not used again.
enum CallPart : uint32_t {
  kFunctionIds = 4,  // the ids that occur, the commonest first
  kFunction = 8,     // index into them
  kThreadIds = 12,
  kThread = 16,
  kFirstStart = 20,
  kStart = 24,     // difference from the call before
  kDuration = 28,  // + 1, 0: open
  kDepth = 32,
  kKind = 36,    // outcome, start kind << 2
  kFrames = 40,  // rows with a frame: distance from the row before, frame
  kFixes = 44,   // rows with a ParentFix: distance, parent
};
enum PlainValuePart : uint32_t {  // kColumnsVersion
  kArgsSize = 4,
  kArgs = 8,
  kResultSize = 12,
  kResults = 16,  // in the order of calls
};
enum ValuePart : uint32_t {  // kWordsVersion
  kShapes = 20,              // size, number of words, and for each its gap << 1 | kind
  kArgsShape = 24,           // counted from 1; 0: no words, and the size is among kSizes
  kResultShape = 28,
  kSizes = 32,
  kRest = 36,          // values without their words: arguments and result of a call, those of the next
  kAddresses = 40,     // 0: the next new one, else how many addresses ago the same was
  kNewAddresses = 44,  // planes of bytes, the lowest first: six, and in the part that follows two
  kFloats = 48,
  kNewFloats = 52,
};
enum KeyframePart : uint32_t { kStacks = 4 };

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_BLOCK_PARTS_H_
