// A block: up to kBlockCalls calls with consecutive ids, as columns. The dumper fills one, the codec turns it into two
// BLOBs and back. docs/store-schema.md has the bytes.
//
// Not stored, because it follows: ids (first_id + row), `parent` (the newest earlier call of the thread that is one
// less deep; the keyframe knows the calls before the block), `children_ns` of calls that end inside the block (all
// calls below them are in it, too).
#ifndef PYTRACE_DUMPER_STORE_BLOCK_H_
#define PYTRACE_DUMPER_STORE_BLOCK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pytrace::store {

inline constexpr uint32_t kBlockCalls = 16384;
inline constexpr uint32_t kMaxBlockRows = 1u << 20;  // what decoders accept, so that blocks may grow
inline constexpr size_t kBlockBytes = 16u << 20;     // of values; a block that has them is full, however few its calls
inline constexpr int64_t kOpen = -1;                 // duration of a call whose end is not (or not yet) known

enum class Outcome : uint8_t { kNone = 0, kReturn = 1, kException = 2, kYield = 3 };
enum class Start : uint8_t { kCall = 0, kResume = 1, kThrow = 2 };

// One open call in a keyframe: enough to show the stack after the block with its start was let go.
struct OpenCall {
  int64_t id;
  uint32_t function;
  uint32_t depth;
  int64_t start_ns;
};
struct ThreadStack {
  uint32_t thread;
  std::vector<OpenCall> calls;  // outermost first
};
using Keyframe = std::vector<ThreadStack>;  // threads with open calls only, by rising thread

// Sparse: calls whose parent is not the one that the rule above gives (greenlets, stacks after a loss). parent 0: none.
struct ParentFix {
  uint32_t row;
  int64_t parent;
};

// A hole: records of `thread` were lost between the start of the call `before_id` and that of the next call of the
// thread.
struct LossMark {
  uint32_t thread;
  int64_t time_ns;
  uint64_t enters, leaves, others;
  uint32_t reason;  // Loss.Reason of record.proto
};

struct Block {
  int64_t first_id = 1;

  // One entry a call, in the order of ids. start_ns never falls; within a thread every event (start or end) is later
  // than the one before by 1 ns at least.
  std::vector<uint32_t> function;    // functions.id
  std::vector<uint32_t> thread;      // threads.id
  std::vector<int64_t> start_ns;     // nanoseconds since the epoch
  std::vector<int64_t> duration_ns;  // kOpen: no end in this block
  std::vector<uint32_t> depth;       // 0: nothing recorded below it
  std::vector<Outcome> outcome;      // kNone while duration_ns is kOpen
  std::vector<Start> start_kind;
  std::vector<uint64_t> frame;  // Enter.frame, 0 for plain calls
  // Values in their protobuf form, as the guest wrote them: `values` fields (number 3, tag and length included) of
  // Enter. args_end: end offset in `args` of the call's values; they start where those of the call before end.
  std::vector<uint32_t> args_end;
  std::string args;
  // And the bare Value message of Leave. Results come in the order of ends, so each call has a place in the heap.
  std::vector<uint32_t> result_at, result_size;
  std::string results;

  std::vector<ParentFix> parent_fixes;
  Keyframe keyframe;  // stacks just before the first call

  uint32_t size() const { return static_cast<uint32_t>(function.size()); }
  // `calls`: Writer::block_calls().
  bool full(uint32_t calls = kBlockCalls) const {
    return size() >= calls || args.size() + results.size() >= kBlockBytes;
  }
  int64_t next_id() const { return first_id + size(); }

  // Appends a call and returns its row. `values` is copied.
  uint32_t Add(uint32_t function_id, uint32_t thread_id, int64_t start, uint32_t call_depth, Start kind,
               uint64_t frame_id, std::string_view values) {
    function.push_back(function_id);
    thread.push_back(thread_id);
    start_ns.push_back(start);
    duration_ns.push_back(kOpen);
    depth.push_back(call_depth);
    outcome.push_back(Outcome::kNone);
    start_kind.push_back(kind);
    frame.push_back(frame_id);
    args.append(values);
    args_end.push_back(static_cast<uint32_t>(args.size()));
    result_at.push_back(0);
    result_size.push_back(0);
    return size() - 1;
  }

  // Ends the call in `row`. `value` is copied; where none was recorded it is one that is `omitted`, as an empty one is
  // None.
  void End(uint32_t row, int64_t duration, Outcome how, std::string_view value) {
    duration_ns[row] = duration;
    outcome[row] = how;
    result_at[row] = static_cast<uint32_t>(results.size());
    result_size[row] = static_cast<uint32_t>(value.size());
    results.append(value);
  }

  std::string_view Args(uint32_t row) const {
    uint32_t begin = row == 0 ? 0 : args_end[row - 1];
    return std::string_view(args).substr(begin, args_end[row] - begin);
  }
  std::string_view Result(uint32_t row) const {
    return std::string_view(results).substr(result_at[row], result_size[row]);
  }

  // Empties the block for the calls from `first` on; keeps the memory.
  void Clear(int64_t first);
};

// What stands beside a block's BLOBs in plain columns, so that readers skip blocks without opening them.
struct ZoneMap {
  int64_t first_id = 0;
  uint32_t calls = 0;
  int64_t first_start_ns = 0, last_start_ns = 0;
  int64_t max_duration_ns = 0;  // of calls that end in the block
  uint32_t max_depth = 0;
  uint32_t exceptions = 0;
  uint32_t open = 0;                         // calls without an end in the block
  std::vector<uint32_t> functions, threads;  // distinct, rising
};

// The BLOBs of a row of `blocks`.
struct EncodedBlock {
  ZoneMap zone;
  std::string calls;   // all columns but the values: what scans need
  std::string values;  // args and results
  std::string keyframe;
  std::string functions, threads;  // ZoneMap's sets
};

// How values are written: as they are, or with their words apart (value_words.h), which is smaller where there are many
// of them and takes a reader longer. kBest: what was better for the blocks that this thread encoded before.
enum class ValueForm : uint8_t { kBest, kPlain, kWords };
void Encode(const Block& block, EncodedBlock* out, ValueForm form = ValueForm::kBest);

// Both return false on bytes that are no block (a damaged or hostile database): every length and index is checked,
// memory use is bounded by the sizes that a block may have. DecodeValues needs the rows that DecodeCalls gave.
bool DecodeCalls(std::string_view calls, std::string_view keyframe, Block* out);
bool DecodeValues(std::string_view values, Block* out);
bool DecodeKeyframe(std::string_view bytes, Keyframe* out);
std::string EncodeKeyframe(const Keyframe& keyframe);
bool DecodeSet(std::string_view bytes, std::vector<uint32_t>* out);  // ZoneMap's functions, threads

}  // namespace pytrace::store

#endif  // PYTRACE_DUMPER_STORE_BLOCK_H_
