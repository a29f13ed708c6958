#include "dumper/pairing.h"

#include "dumper/open_calls.h"
#include "dumper/testing/fake_writer.h"
#include "tests/unit/check.h"

namespace pytrace::dumper {
namespace {

using store::Outcome;
using testing::SeenCall;

// Events of two rings with times of the test's choosing.
class Story {
 public:
  explicit Story(uint32_t block_calls = store::kBlockCalls) : writer_(&database, block_calls) {
    store::Block block;
    writer_.LoadNewestBlock(&block);
    pairing = std::make_unique<Pairing>(&writer_, std::move(block));
    for (RingCalls* ring : {&one, &two}) pairing->Add(ring);
    one.thread = 1;
    two.thread = 2;
  }

  void Enter(RingCalls* ring, int64_t ns, uint32_t function, uint64_t call = 0, int64_t parent = -1) {
    record::Enter enter = {};
    enter.call = call;
    enter.has_parent = parent >= 0;
    enter.parent = parent >= 0 ? parent : 0;
    enter.values = "\x1a\2\x08\2";
    pairing->Enter(ring, ns, FunctionRef(function, false), enter, enter.values.size());
  }
  bool Leave(RingCalls* ring, int64_t ns, uint32_t outcome = 0, uint64_t call = 0) {
    record::Leave leave = {};
    leave.outcome = outcome;
    leave.call = call;
    leave.has_value = true;
    leave.value = "\x08\4";
    FunctionRef ended;
    return pairing->Leave(ring, ns, leave, leave.value.size(), &ended);
  }
  std::vector<SeenCall> Calls() {
    pairing->Flush();
    writer_.Commit();
    return database.Calls();
  }

  testing::FakeDatabase database;
  RingCalls one, two;
  std::unique_ptr<Pairing> pairing;

 private:
  testing::FakeWriter writer_;
};

TEST(NestedCallsHaveParentsDepthsAndSelfTimes) {
  Story s;
  s.Enter(&s.one, 100, 1);
  s.Enter(&s.one, 110, 2);
  CHECK(s.Leave(&s.one, 130));
  s.Enter(&s.one, 140, 2);
  CHECK(s.Leave(&s.one, 150, 1));
  CHECK(s.Leave(&s.one, 200, 2));
  auto calls = s.Calls();
  CHECK_EQ(calls.size(), 3u);
  CHECK_EQ(calls[0].duration_ns, 100);
  CHECK(calls[0].outcome == Outcome::kYield);
  CHECK_EQ(calls[1].parent, 1);
  CHECK_EQ(calls[1].depth, 1u);
  CHECK_EQ(calls[2].duration_ns, 10);
  CHECK(calls[2].outcome == Outcome::kException);
  CHECK_EQ(calls[1].args, "\x1a\2\x08\2");
  CHECK_EQ(calls[1].result, "\x08\4");
  CHECK_EQ(s.database.counts[1].self_ns, 70);
  CHECK_EQ(s.database.counts[2].total_ns, 30);
  CHECK_EQ(s.database.counts[2].calls, 2);
  CHECK_EQ(s.database.counts[2].exceptions, 1);
}

TEST(TimesNeverRunBackwards) {
  Story s;
  s.Enter(&s.one, 100, 1);
  s.Enter(&s.two, 90, 1);   // starts of all threads
  s.Enter(&s.one, 100, 2);  // events of one thread
  s.Leave(&s.one, 100);
  s.Leave(&s.one, 50);
  auto calls = s.Calls();
  CHECK_EQ(calls[1].start_ns, 100);
  CHECK_EQ(calls[2].start_ns, 101);
  CHECK_EQ(calls[2].duration_ns, 1);
  CHECK_EQ(calls[0].duration_ns, 3);
}

TEST(LeaveWithoutACallIsNothing) {
  Story s;
  CHECK(!s.Leave(&s.one, 100));
  s.Enter(&s.one, 100, 1);
  CHECK(!s.Leave(&s.one, 110, 0, 7));  // of a call that was lost; the open one is older
  CHECK(s.Leave(&s.one, 120));
  CHECK_EQ(s.Calls().size(), 1u);
}

TEST(NamedLeaveEndsNewerCallsUnseen) {
  Story s;
  for (int i = 0; i < 4; ++i) s.Enter(&s.one, 100 + i, 1);
  CHECK(s.Leave(&s.one, 110, 0, 2));
  s.Enter(&s.one, 120, 1);
  auto calls = s.Calls();
  CHECK(calls[1].outcome == Outcome::kReturn);
  CHECK(calls[2].outcome == Outcome::kNone && calls[3].outcome == Outcome::kNone);
  CHECK_EQ(calls[4].parent, 1);
  CHECK_EQ(calls[4].depth, 1u);
}

TEST(NamedParentEndsNewerCallsUnseen) {
  Story s;
  for (int i = 0; i < 3; ++i) s.Enter(&s.one, 100 + i, 1);
  s.Enter(&s.one, 120, 1, 0, 1);
  s.Enter(&s.one, 130, 1, 0, 0);  // no caller at all
  auto calls = s.Calls();
  CHECK_EQ(calls[3].parent, 1);
  CHECK_EQ(calls[4].parent, 0);
  CHECK_EQ(calls[4].depth, 0u);
}

TEST(LossSetsTheNextSerial) {
  Story s;
  s.Enter(&s.one, 100, 1);
  record::Loss loss;
  loss.enters = 5;
  loss.next_call = 7;
  s.pairing->Lose(&s.one, 110, loss);
  s.Enter(&s.one, 120, 2);
  CHECK(s.Leave(&s.one, 130, 0, 7));
  CHECK(s.Leave(&s.one, 140, 0, 1));
  auto calls = s.Calls();
  CHECK(calls[0].outcome == Outcome::kReturn && calls[1].outcome == Outcome::kReturn);
  CHECK_EQ(s.database.losses.size(), 1u);
  CHECK_EQ(s.database.losses[0].before_call, 1);
  CHECK_EQ(s.database.losses[0].mark.enters, 5u);
}

TEST(EndsAfterTheBlockAreLate) {
  Story s(3);
  s.Enter(&s.one, 100, 1);
  s.Enter(&s.two, 100, 2);
  s.Enter(&s.one, 110, 3);
  s.Leave(&s.one, 115);  // the block is full but no new one was needed: not late
  s.Enter(&s.one, 120, 3);
  s.Leave(&s.two, 130);
  s.Leave(&s.one, 140);
  s.Leave(&s.one, 150);
  auto calls = s.Calls();
  CHECK_EQ(s.database.blocks.size(), 2u);
  CHECK_EQ(s.database.late_ends.size(), 2u);
  CHECK_EQ(calls[0].duration_ns, 50);
  CHECK_EQ(s.database.late_ends.at(1).children_ns, 25);
  CHECK_EQ(calls[2].duration_ns, 5);
  const store::Keyframe& keyframe = s.database.blocks.at(4).keyframe;
  CHECK_EQ(keyframe.size(), 2u);
  CHECK_EQ(keyframe[0].thread, 1u);
  CHECK_EQ(keyframe[0].calls.size(), 1u);
  CHECK_EQ(keyframe[0].calls[0].id, 1);
  CHECK_EQ(keyframe[1].calls[0].id, 2);
  CHECK_EQ(keyframe[1].calls[0].start_ns, 100);
}

// What ends between the last call of a full block and the first of the next is not open at that call.
TEST(KeyframeIsOfTheMomentOfItsFirstCall) {
  Story s(2);
  s.Enter(&s.one, 100, 1);
  s.Enter(&s.one, 110, 2);
  s.Leave(&s.one, 120);
  s.Enter(&s.one, 130, 2);
  s.Calls();
  CHECK_EQ(s.database.blocks.at(3).keyframe.at(0).calls.size(), 1u);
}

TEST(ResultsThatWereNotCapturedAreNotNone) {
  Story s;
  s.Enter(&s.one, 100, 1);
  FunctionRef ended;
  s.pairing->Leave(&s.one, 110, record::Leave{}, 0, &ended);
  CHECK(s.Calls()[0].result == "\x80\x01\x01");
}

TEST(SerialsThatDoNotRiseDoNotConfuseTheStack) {
  Story s;
  s.Enter(&s.one, 100, 1, 9);
  s.Enter(&s.one, 110, 1, 9);
  s.Enter(&s.one, 120, 1, 3);
  CHECK_EQ(s.one.open.size(), 1u);
  CHECK(s.Leave(&s.one, 130));
}

TEST(OpenCallsSurviveTheirEncoding) {
  RingCalls ring, restored;
  std::vector<OpenCall>& calls = ring.open;
  calls.resize(3);
  for (int i = 0; i < 3; ++i) {
    calls[i].id = 1000 * i + 7;
    calls[i].serial = i + 1;
    calls[i].start_ns = 1'700'000'000'000'000'000 + i;
    calls[i].children_ns = i * 1'000'000;
    calls[i].function = FunctionRef(70 + i, i == 0);
  }
  std::string bytes = EncodeOpenCalls(ring);
  CHECK(DecodeOpenCalls(bytes, 2007, &restored));
  const std::vector<OpenCall>& back = restored.open;
  CHECK_EQ(back.size(), 3u);
  CHECK(back[0].function.main() && !back[1].function.main());
  for (int i = 0; i < 3; ++i) {
    CHECK_EQ(back[i].id, calls[i].id);
    CHECK_EQ(back[i].serial, calls[i].serial);
    CHECK_EQ(back[i].start_ns, calls[i].start_ns);
    CHECK_EQ(back[i].children_ns, calls[i].children_ns);
    CHECK_EQ(back[i].function.id(), calls[i].function.id());
  }
  for (size_t n = 0; n < bytes.size(); ++n)
    CHECK(!DecodeOpenCalls(std::string_view(bytes).substr(0, n), 2007, &restored));
  CHECK(!DecodeOpenCalls("\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 2007, &restored));
}

// Of a database that somebody has changed: an end would be written where there is no row.
TEST(OpenCallsThatCannotBeAreNone) {
  auto taken = [](auto change) {
    RingCalls ring, restored;
    ring.open.resize(2);
    for (int i = 0; i < 2; ++i) {
      ring.open[i].id = ring.open[i].serial = i + 1;
      ring.open[i].start_ns = 1000 + i;
      ring.open[i].function = FunctionRef(1, false);
    }
    change(&ring.open[1]);
    return DecodeOpenCalls(EncodeOpenCalls(ring), 2, &restored) && restored.open.size() == 2;
  };
  CHECK(taken([](OpenCall*) {}));
  CHECK(!taken([](OpenCall* call) { call->id = 3; }));
  CHECK(!taken([](OpenCall* call) { call->id = 1; }));
  CHECK(!taken([](OpenCall* call) { call->serial = 1; }));
  CHECK(!taken([](OpenCall* call) { call->start_ns = -1; }));
  CHECK(!taken([](OpenCall* call) { call->children_ns = -1; }));
  CHECK(!taken([](OpenCall* call) { call->function = FunctionRef(0x3fffffff, false); }));
}

// A thousand calls are open when the block has its bytes, and each returns much: none of it goes astray, and the block
// does not grow to what SQLite refuses.
TEST(EndsThatABlockHasNoRoomForAreLateEnds) {
  Story s;
  const std::string large = std::string("\x2a\xa0\x9c\x01", 4) + std::string(20'000, 'x');
  constexpr int kCalls = 3000;
  for (int i = 0; i < kCalls; ++i) s.Enter(&s.one, 100 + i, 1);
  FunctionRef ended;
  record::Leave leave = {};
  leave.has_value = true;
  leave.value = large;
  for (int i = 0; i < kCalls; ++i) CHECK(s.pairing->Leave(&s.one, 10'000 + i, leave, large.size(), &ended));
  auto calls = s.Calls();
  CHECK_EQ(calls.size(), static_cast<size_t>(kCalls));
  bool whole = true;
  for (const auto& call : calls) whole &= call.duration_ns > 0 && call.result == large;
  CHECK(whole);
  CHECK(s.database.late_ends.size() > 100);
  for (const auto& [id, block] : s.database.blocks) CHECK(block.results.size() < 3 * store::kBlockBytes);
}

TEST(StrandsSurviveTheirEncoding) {
  RingCalls ring, back;
  ring.thread = 7;
  ring.open.resize(2);
  ring.open[0].id = ring.open[0].serial = 8;
  ring.open[1].id = ring.open[1].serial = 9;
  ring.RunStrand(3);
  ring.thread = 8;
  ring.open.resize(1);
  ring.open[0].id = ring.open[0].serial = 10;
  std::string bytes = EncodeOpenCalls(ring);
  CHECK(DecodeOpenCalls(bytes, 10, &back));
  CHECK_EQ(back.strand, 3u);
  CHECK_EQ(back.open.size(), 1u);
  back.thread = 8;
  back.RunStrand(0);
  CHECK_EQ(back.thread, 7u);
  CHECK_EQ(back.open.size(), 2u);
  CHECK_EQ(back.open[1].id, 9);
}

TEST(StrandsHaveStacksOfTheirOwn) {
  Story s(4);
  s.Enter(&s.one, 100, 1);
  s.one.RunStrand(1);
  s.one.thread = 11;
  s.Enter(&s.one, 110, 2);
  s.Enter(&s.one, 120, 3);
  s.one.RunStrand(0);
  s.Enter(&s.one, 130, 4);
  s.Enter(&s.one, 140, 5);  // in a new block: its keyframe has both stacks
  CHECK(s.Leave(&s.one, 150));
  CHECK(s.Leave(&s.one, 160));
  CHECK(s.Leave(&s.one, 170));
  s.one.RunStrand(1);
  s.Enter(&s.one, 180, 6);
  CHECK(s.Leave(&s.one, 190));
  CHECK(s.Leave(&s.one, 200));
  CHECK(s.Leave(&s.one, 210));
  CHECK(!s.Leave(&s.one, 220));
  auto calls = s.Calls();
  const int64_t parents[] = {0, 0, 2, 1, 4, 3};
  for (size_t i = 0; i < calls.size(); ++i) CHECK_EQ(calls[i].parent, parents[i]);
  CHECK_EQ(calls.size(), 6u);
  CHECK_EQ(calls[1].thread, 11u);
  CHECK_EQ(calls[0].duration_ns, 70);
}

}  // namespace
}  // namespace pytrace::dumper
