#include "ringbuf/record/decode.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "ringbuf/record/record.pb-c.h"
#include "ringbuf/record/value_encoder.h"
#include "tests/unit/check.h"

namespace pytrace::record {
namespace {

// One record as the guest writes it: field 1 as a number, time, then the rest.
template <class Fill>
std::string Body(Fill fill) {
  std::vector<uint8_t> buffer(65536);
  ValueEncoder e(buffer.data(), buffer.data() + buffer.size());
  fill(e);
  CHECK(!e.full);
  return std::string(buffer.begin(), buffer.begin() + (e.at - buffer.data()));
}

std::string FullEnter() {
  return Body([](auto& e) {
    e.Uint(tag::kFunctionId, 300);
    e.Uint(tag::kTime, 70000);
    e.Int(-5);
    e.AsciiStr("abc", 3, 3);
    e.None();
    e.Uint(tag::kCall, 9);
    e.Uint(tag::kParent, 0);
    e.Uint(tag::kStart, 2);
    e.Uint(tag::kFrame, 1ull << 50);
  });
}

TEST(EnterHasAllItsFields) {
  Enter enter;
  std::string scratch, body = FullEnter();
  CHECK(DecodeEnter(body, &enter, &scratch));
  CHECK_EQ(enter.function, 300u);
  CHECK_EQ(enter.time, 70000u);
  CHECK_EQ(enter.call, 9u);
  CHECK(enter.has_parent);
  CHECK_EQ(enter.parent, 0u);
  CHECK_EQ(enter.start, 2u);
  CHECK_EQ(enter.frame, 1ull << 50);
  CHECK(enter.values == std::string_view("\x1a\2\x08\x09\x1a\5\x2a\3abc\x1a\0", 13));
  CHECK(scratch.empty());
}

TEST(EmptyEnterAndLeaveAreRecords) {
  Enter enter;
  Leave leave;
  std::string scratch;
  CHECK(DecodeEnter("", &enter, &scratch));
  CHECK_EQ(enter.function, 0u);
  CHECK(!enter.has_parent);
  CHECK(DecodeLeave("", &leave));
  CHECK(!leave.has_value);
}

TEST(LeaveHasAllItsFields) {
  std::string body = Body([](auto& e) {
    e.Uint(tag::kOutcome, 1);
    e.Uint(tag::kTime, 3);
    e.Bool(true);
    e.Uint(tag::kCall, 1000);
  });
  Leave leave;
  CHECK(DecodeLeave(body, &leave));
  CHECK_EQ(leave.outcome, 1u);
  CHECK_EQ(leave.time, 3u);
  CHECK(leave.has_value);
  CHECK_EQ(leave.value, "\x20\x01");
  CHECK_EQ(leave.call, 1000u);
}

// protobuf allows any order, repeated scalars, unknown fields.
TEST(AnyOrderIsTheSameRecord) {
  std::string value1 = Body([](auto&e) { e.Int(1); }), value2 = Body([](auto&e) { e.AsciiStr("x", 1, 1); });
  std::string unknown = Body([](auto& e) {
    e.Uint(Tag(20, kVarint), 7);
    e.Bytes(Tag(21, kBytes), "zz", 2);
  });
  std::string function = Body([](auto& e) { e.Uint(tag::kFunctionId, 4); });
  std::string time = Body([](auto& e) { e.Uint(tag::kTime, 5); });
  std::string enter_body = value1 + time + unknown + value2 + function, leave_body = value1 + unknown + time, scratch;
  Enter enter;
  CHECK(DecodeEnter(enter_body, &enter, &scratch));
  CHECK_EQ(enter.function, 4u);
  CHECK_EQ(enter.time, 5u);
  CHECK(enter.values == value1 + value2);
  Leave leave;
  CHECK(DecodeLeave(leave_body, &leave));
  CHECK_EQ(leave.time, 5u);
  CHECK(leave.value == value1.substr(2));
  uint64_t t;
  CHECK(DecodeTime(leave_body, &t));
  CHECK_EQ(t, 5u);
}

TEST(TheExampleInTheDocument) {
  const std::string payload(
      "\x0a\x09\x08\x01\x10\xac\x02\x1a\x02\x08\x06"
      "\x12\x07\x10\xac\x02\x1a\x02\x08\x08",
      20);
  std::string_view rest = payload, body;
  std::string scratch;
  Kind kind;
  Enter enter;
  CHECK(NextRecord(&rest, &kind, &body) && kind == Kind::kEnter && DecodeEnter(body, &enter, &scratch));
  CHECK_EQ(rest.size(), 9u);
  CHECK_EQ(enter.function, 1u);
  CHECK_EQ(enter.time, 300u);
  CHECK_EQ(enter.values, "\x1a\x02\x08\x06");
  Leave leave;
  CHECK(NextRecord(&rest, &kind, &body) && kind == Kind::kLeave && DecodeLeave(body, &leave));
  CHECK_EQ(leave.time, 300u);
  CHECK_EQ(leave.value, "\x08\x08");
  CHECK(rest.empty());
}

TEST(EveryCutIsSeen) {
  std::string body = FullEnter(), scratch;
  Enter enter;
  int good = 0;
  for (size_t n = 0; n < body.size(); ++n) {
    // From the heap, so that the sanitizer sees a byte too many.
    std::vector<char> cut(body.begin(), body.begin() + n);
    good += DecodeEnter({cut.data(), cut.size()}, &enter, &scratch);
  }
  CHECK_EQ(good, 9);  // between two fields
  std::string_view rest = "\x0a\x05\x08\x01", record;
  Kind kind;
  CHECK(!NextRecord(&rest, &kind, &record));
  rest = "\x08\x05";  // a number is no record
  CHECK(!NextRecord(&rest, &kind, &record));
}

TEST(EveryCutOfALeaveIsSeen) {
  for (bool more : {false, true}) {  // behind the value, which makes it the slow way's
    std::string body = Body([&](auto& e) {
      e.Uint(tag::kOutcome, 1);
      e.Uint(tag::kTime, 70000);
      e.AsciiStr("abc", 3, 3);
      if (more) e.Uint(tag::kCall, 9);
    });
    Leave leave;
    int good = 0;
    for (size_t n = 0; n < body.size(); ++n) {
      std::vector<char> cut(body.begin(), body.begin() + n);
      good += DecodeLeave({cut.data(), cut.size()}, &leave);
    }
    CHECK_EQ(good, more ? 4 : 3);  // between two fields
    CHECK(DecodeLeave(body, &leave));
    CHECK_EQ(leave.value, "\x2a\3abc");
    // A value that is said to be longer than the record, by a little and by so much that the sum is in the record
    // again.
    std::string longer = body;
    longer[7] = static_cast<char>(body.size() - 7);
    CHECK(!DecodeLeave(longer, &leave));
    std::string around = body.substr(0, 7) + std::string(9, '\xff') + '\x01' + body.substr(8);
    CHECK(!DecodeLeave(around, &leave));
  }
}

#if !defined(__SANITIZE_THREAD__)  // the race is what it is about
// A hostile guest changes lengths under the reader's eyes: the views stay in the record, and nothing before it, where
// nobody may read, is read.
TEST(LengthsThatChangeStayInside) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* map = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(map != MAP_FAILED);
  CHECK_EQ(mprotect(map, page, PROT_NONE), 0);
  char* record = static_cast<char*>(map) + page;
  memset(record, 'p', 400);
  const char kRecord[] = "\x08\x01\x10\x01\x1a\x02\x08\x04\x1a\x02\x08\x04";
  memcpy(record, kRecord, sizeof(kRecord) - 1);
  std::atomic<bool> stop{false};
  std::thread guest([&] {
    volatile char* lengths[] = {record + 5, record + 9};
    for (unsigned i = 0; !stop.load(std::memory_order_relaxed); ++i) {
      *lengths[i & 1] = static_cast<char>(i & 2 ? 2 : 0x81 + (i >> 2) % 120);
    }
  });
  std::string_view body(record, sizeof(kRecord) - 1);
  std::string scratch;
  bool inside = true, whole = true;
  int changes = 0;
  // Until both have run side by side for long enough; on a machine with one processor they hardly ever do.
  auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (int i = 0; i < 3'000'000 || changes < 1000; ++i) {
    if (i % 100'000 == 0 && std::chrono::steady_clock::now() > patience) break;
    Enter enter;
    bool decoded = DecodeEnter(body, &enter, &scratch);
    changes += decoded != whole;
    whole = decoded;
    if (!decoded) continue;
    bool in_scratch = enter.values.data() == scratch.data() && enter.values.size() <= scratch.size();
    inside &= in_scratch || (enter.values.data() >= body.data() && enter.values.size() <= body.size() &&
                             enter.values.data() + enter.values.size() <= body.data() + body.size());
  }
  stop = true;
  guest.join();
  CHECK(inside);
  munmap(map, 2 * page);
}

#endif

TEST(LongVarints) {
  uint64_t v = 0;
  std::string most(9, '\xff');
  most += '\x01';
  CHECK(ReadVarint(most.data(), most.data() + most.size(), &v) != nullptr);
  CHECK_EQ(v, ~uint64_t{0});
  std::string endless(11, '\xff');
  CHECK(ReadVarint(endless.data(), endless.data() + endless.size(), &v) == nullptr);
}

// ---- protobuf-c's own packer writes, we read.

TEST(ColdRecordsFromProtobufC) {
  Pytrace__Function f = PYTRACE__FUNCTION__INIT;
  auto bytes = [](const char* text) { return ProtobufCBinaryData{strlen(text), (uint8_t*)text}; };
  f.id = 7;
  f.time = 8;
  f.module = bytes("shop.cart");
  f.name = bytes("add");
  f.qualname = bytes("Cart.add");
  f.file = bytes("/shop/cart.py");
  f.line = 12;
  f.flags = 3;
  ProtobufCBinaryData names[] = {bytes("self"), bytes("args")};
  f.n_arguments = 2;
  f.arguments = names;
  f.star = 2;
  f.star_star = 3;
  f.main = 1;
  f.code_scope = 1;
  std::string packed(pytrace__function__get_packed_size(&f), 0);
  pytrace__function__pack(&f, reinterpret_cast<uint8_t*>(packed.data()));
  Function out;
  CHECK(Decode(packed, &out));
  CHECK_EQ(out.id, 7u);
  CHECK_EQ(out.module, "shop.cart");
  CHECK_EQ(out.name, "add");
  CHECK_EQ(out.qualname, "Cart.add");
  CHECK_EQ(out.file, "/shop/cart.py");
  CHECK_EQ(out.line, 12u);
  CHECK_EQ(out.flags, 3u);
  CHECK_EQ(out.arguments.size(), 2u);
  CHECK_EQ(out.arguments[1], "args");
  CHECK_EQ(out.star, 2u);
  CHECK_EQ(out.star_star, 3u);
  CHECK(out.main && out.code_scope);

  Pytrace__Loss l = PYTRACE__LOSS__INIT;
  l.reason = PYTRACE__LOSS__REASON__NO_MEMORY;
  l.enters = 3;
  l.leaves = 4;
  l.others = 5;
  l.next_call = 6;
  packed.assign(pytrace__loss__get_packed_size(&l), 0);
  pytrace__loss__pack(&l, reinterpret_cast<uint8_t*>(packed.data()));
  Loss loss;
  CHECK(Decode(packed, &loss));
  CHECK_EQ(loss.reason, 2u);
  CHECK_EQ(loss.enters, 3u);
  CHECK_EQ(loss.leaves, 4u);
  CHECK_EQ(loss.others, 5u);
  CHECK_EQ(loss.next_call, 6u);

  Pytrace__ProcessInfo p = PYTRACE__PROCESS_INFO__INIT;
  char* argv[] = {(char*)"python3", (char*)"a.py"};
  p.run = (char*)"run";
  p.n_argv = 2;
  p.argv = argv;
  p.parent_pid = -3;
  p.pid_namespace = 1ull << 40;
  packed.assign(pytrace__process_info__get_packed_size(&p), 0);
  pytrace__process_info__pack(&p, reinterpret_cast<uint8_t*>(packed.data()));
  ProcessInfo info;
  CHECK(Decode(packed, &info));
  CHECK_EQ(info.run, "run");
  CHECK_EQ(info.argv.size(), 2u);
  CHECK_EQ(info.parent_pid, -3);
  CHECK_EQ(info.pid_namespace, 1ull << 40);
}

TEST(HotRecordsFromProtobufC) {
  Pytrace__Value value = PYTRACE__VALUE__INIT;
  value.kind_case = PYTRACE__VALUE__KIND_INT;
  value.int_ = -77;
  Pytrace__Value* values[] = {&value, &value};
  Pytrace__Enter e = PYTRACE__ENTER__INIT;
  e.function = 5;
  e.time = 6;
  e.n_values = 2;
  e.values = values;
  e.parent = 4;
  e.start = PYTRACE__START__RESUME;
  std::string packed(pytrace__enter__get_packed_size(&e), 0);
  pytrace__enter__pack(&e, reinterpret_cast<uint8_t*>(packed.data()));
  Enter enter;
  std::string scratch;
  CHECK(DecodeEnter(packed, &enter, &scratch));
  CHECK_EQ(enter.function, 5u);
  CHECK_EQ(enter.time, 6u);
  CHECK_EQ(enter.parent, 4u);
  CHECK_EQ(enter.start, 1u);
  CHECK_EQ(enter.values.size(), 2 * (2 + pytrace__value__get_packed_size(&value)));
}

// The quick way and the thorough one agree on every input, and protobuf-c accepts what they accept.
TEST(RandomBytesAgreeWithProtobufC) {
  std::mt19937 random(1);
  std::string scratch, scratch2;
  int accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string body = FullEnter();
    for (int i = 0, n = random() % 4; i < n; ++i) body[random() % body.size()] = static_cast<char>(random());
    body.resize(random() % (body.size() + 1));
    std::vector<char> heap(body.begin(), body.end());
    std::string_view view(heap.data(), heap.size());
    Enter quick, slow;
    bool a = DecodeEnter(view, &quick, &scratch), b = DecodeEnterSlow(view, &slow, &scratch2);
    CHECK_EQ(a, b);
    Leave leave;
    DecodeLeave(view, &leave);
    Function function;
    Decode(view, &function);
    if (!a || !b) continue;
    CHECK(quick.function == slow.function && quick.time == slow.time && quick.call == slow.call &&
          quick.start == slow.start && quick.parent == slow.parent && quick.frame == slow.frame);
    auto* judge = pytrace__enter__unpack(nullptr, view.size(), reinterpret_cast<const uint8_t*>(view.data()));
    if (judge == nullptr) continue;  // it looks into the values, too
    ++accepted;
    CHECK_EQ(judge->function, quick.function);
    CHECK_EQ(judge->time, quick.time);
    CHECK_EQ(judge->call, quick.call);
    CHECK_EQ(judge->parent, quick.parent);
    pytrace__enter__free_unpacked(judge, nullptr);
  }
  CHECK(accepted > 1000);
}

}  // namespace
}  // namespace pytrace::record
