#include "reader/window.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <utility>

#include "dumper/store/bounds.h"

namespace pytrace::reader {
namespace {

using query::Side;
using store::EventKind;

constexpr size_t kRecentPages = 8;  // of some 3 MB each
constexpr int64_t kEver = std::numeric_limits<int64_t>::max();

template <class Note>
bool Earlier(const Note& a, const Note& b) {
  return a.time_ns != b.time_ns ? a.time_ns < b.time_ns : a.id < b.id;
}

// Of zeros and ones; a byte holds the sum of 255 of them.
int64_t CountOnes(const std::vector<uint8_t>& bytes) {
  constexpr size_t kStep = 248;
  int64_t sum = 0;
  size_t at = 0;
  for (; at + kStep <= bytes.size(); at += kStep) {
    uint64_t lanes = 0, word;
    for (size_t i = 0; i < kStep; i += 8) {
      memcpy(&word, &bytes[at + i], 8);
      lanes += word;
    }
    constexpr uint64_t kEven = 0x00ff00ff00ff00ff;
    uint64_t pairs = (lanes & kEven) + (lanes >> 8 & kEven);
    sum += static_cast<int64_t>(pairs * 0x0001000100010001 >> 48);
  }
  for (; at < bytes.size(); ++at) sum += bytes[at];
  return sum;
}

}  // namespace

Window::Window(store::Database* database, Selection selection) : database_(database), shown_(database) {
  Select(std::move(selection));
}

void Window::Select(Selection selection) {
  shown_.Select(std::move(selection));
  Refresh();
}

void Window::Refresh() {
  recent_.clear();
  shown_.Refresh();
  nearness_.clear();
  LoadNotes();
}

void Window::LoadNotes() {
  if (!database_->Losses(&losses_)) losses_.clear();
  if (!database_->Logs(&logs_)) logs_.clear();
  std::sort(losses_.begin(), losses_.end(), Earlier<store::Loss>);
  std::sort(logs_.begin(), logs_.end(), Earlier<store::LogRow>);
}

// A recording without calls may still have logs and losses.
size_t Window::pages() const {
  if (!database_->zones().empty()) return database_->zones().size();
  return losses_.empty() && logs_.empty() ? 0 : 1;
}

int64_t Window::first_id() const { return database_->zones().empty() ? 0 : database_->zones().front().first_id; }

int64_t Window::last_id() const {
  if (database_->zones().empty()) return 0;
  const store::ZoneMap& newest = database_->zones().back();
  return newest.first_id + newest.calls - 1;
}

int64_t Window::StartNs() const {
  const std::vector<store::ZoneMap>& zones = database_->zones();
  auto shown = std::find_if(zones.begin(), zones.end(), [&](const store::ZoneMap& zone) {
    return std::any_of(zone.threads.begin(), zone.threads.end(), [&](uint32_t thread) { return InRun(thread); });
  });
  return shown == zones.end() ? 0 : shown->first_start_ns;
}

int64_t Window::lost_events() const {
  int64_t sum = 0;
  for (const store::Loss& loss : losses_) {
    if (!InRun(loss.thread)) continue;
    for (int64_t lost : {loss.enters, loss.leaves, loss.others}) store::AddTo(&sum, lost);
  }
  return sum;
}

bool Window::HasSeveralProcesses() const {
  int64_t first = 0;
  for (const auto& [id, thread] : database_->catalog().threads()) {
    if (!InRun(id)) continue;
    if (first != 0 && thread.process != first) return true;
    first = thread.process;
  }
  return false;
}

bool Window::HasSeveralThreads() const {
  int count = 0;
  for (const auto& [id, thread] : database_->catalog().threads()) {
    if (InRun(id) && ++count > 1) return true;
  }
  return false;
}

size_t Window::PageOf(const EventKey& key) const {
  if (key.rank == EventKey::Rank::kStart) return PageOfCall(key.id);
  return PageAt(key.rank == EventKey::Rank::kEnd ? key.time_ns : key.time_ns + 1);
}

size_t Window::PageOfCall(int64_t id) const {
  size_t zone = database_->FindBlock(id);
  return std::min(zone, pages() == 0 ? 0 : pages() - 1);
}

size_t Window::PageAt(int64_t time_ns) const {
  const std::vector<store::ZoneMap>& zones = database_->zones();
  auto after = std::lower_bound(zones.begin(), zones.end(), time_ns,
                                [](const store::ZoneMap& zone, int64_t time) { return zone.first_start_ns < time; });
  return after == zones.begin() ? 0 : static_cast<size_t>(after - zones.begin()) - 1;
}

bool Window::Failed() {
  if (!database_->gone() && problem_.empty()) problem_ = database_->error();
  return false;
}

std::shared_ptr<const Page> Window::Get(size_t number) {
  if (number >= pages()) return nullptr;
  for (auto it = recent_.begin(); it != recent_.end(); ++it) {
    if ((*it)->number != number) continue;
    recent_.splice(recent_.begin(), recent_, it);
    return recent_.front();
  }
  auto page = std::make_shared<Page>();
  if (!Fill(number, page.get())) return nullptr;
  page->Sort();
  if (HasAsides() && !AddContext(page.get())) return nullptr;
  recent_.push_front(page);
  if (recent_.size() > kRecentPages) recent_.pop_back();
  return page;
}

bool Window::Calls(size_t number, store::DecodedBlock* block, std::vector<uint8_t>* shown,
                   std::vector<uint8_t>* unfiltered, bool all_blocks) {
  const store::ZoneMap& zone = database_->zones()[number];
  shown->clear();
  if (unfiltered != nullptr) unfiltered->clear();
  block->Clear(zone.first_id);
  if (!all_blocks && !shown_.MayShow(zone)) return true;
  if (!database_->ReadBlock(number, shown_.needs_values(), block)) return Failed();
  shown_.Mark(*block, &zone, nullptr);
  *shown = shown_.starts();
  for (uint32_t i = 0; i < block->size(); ++i) (*shown)[i] |= shown_.ends()[i];
  if (unfiltered != nullptr) *unfiltered = shown_.unfiltered();
  return true;
}

// Over all pages it does not matter on which one the end of a call is. Ends of calls that were let go are counted with
// the first.
Window::Sums Window::Sum(size_t number, bool marks_only) {
  constexpr Sums kFailed{-1, 0, 0};
  Page page;
  Sums sums;
  const std::vector<store::ZoneMap>& zones = database_->zones();
  if (number < zones.size()) {
    const store::ZoneMap& zone = zones[number];
    if (shown_.MayShow(zone) && !(marks_only && zone.exceptions == 0)) {
      if (!database_->ReadBlock(number, shown_.needs_values(), &counted_, shown_.needs_callers())) {
        Failed();
        return kFailed;
      }
      shown_.Mark(counted_, &zone, nullptr);
      sums.events = CountOnes(shown_.starts()) + CountOnes(shown_.ends());
      for (uint32_t row = 0; row < counted_.size() && zone.exceptions + zone.open > 0; ++row) {
        if (shown_.ends()[row] && counted_.outcome[row] == store::Outcome::kException)
          sums.exceptions |= uint64_t{1} << (uint64_t{64} * row / counted_.size());
      }
    }
    if (number == 0 && !AddLateEnds(0, {zone.first_start_ns, kEver}, &page)) {
      Failed();
      return kFailed;
    }
    sums.events += static_cast<int64_t>(page.entries.size());
    page.entries.clear();
  }
  AddNotes(number, &page);
  sums.events += static_cast<int64_t>(page.entries.size());
  for (const Page::Entry& entry : page.entries) {
    if (entry.from != Page::From::kLoss) continue;
    int64_t part = 0;
    if (number < zones.size()) {
      int64_t first = zones[number].first_start_ns, length = zones[number].last_start_ns - first;
      part = length <= 0 ? 0
                         : static_cast<int64_t>(63.0 * static_cast<double>(entry.key.time_ns - first) /
                                                static_cast<double>(length));
    }
    sums.losses |= uint64_t{1} << std::clamp<int64_t>(part, 0, 63);
  }
  return sums;
}

EventRef Window::At(const Page& page, size_t entry) const {
  const Page::Entry& at = page.entries[entry];
  EventRef event;
  event.key = at.key;
  event.aside = at.aside;
  if (at.from == Page::From::kLog) {
    event.kind = EventKind::kLog;
    event.log = &logs_[at.index];
    event.call_id = event.log->call_id;
    event.thread = event.log->thread;
    return event;
  }
  if (at.from == Page::From::kLoss) {
    event.kind = EventKind::kLost;
    event.loss = &losses_[at.index];
    event.thread = event.loss->thread;
    return event;
  }
  event.block = at.from == Page::From::kLateEnd ? &page.late : page.block.get();
  event.row = at.index;
  event.call_id = at.key.id;
  event.thread = event.block->thread[at.index];
  event.function = event.block->function[at.index];
  event.depth = event.block->depth[at.index];
  event.side = at.from == Page::From::kStart ? Side::kStart : Side::kEnd;
  if (event.side == Side::kEnd) {
    event.kind = KindOf(event.block->outcome[at.index]);
  } else if (event.block->start_kind[at.index] != store::Start::kCall) {
    event.kind = EventKind::kResume;
  }
  return event;
}

}  // namespace pytrace::reader
