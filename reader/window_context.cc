// Pages with events that the filters do not match: all of them, or those near to one that they do. The rows near the
// end of a page may be near to a match on the next one.
#include <algorithm>
#include <utility>
#include <vector>

#include "reader/window.h"

namespace pytrace::reader {

bool Window::FillAll(size_t number, Page* page) {
  std::vector<query::Filter*> filters = shown_.Exchange({});
  bool filled = Fill(number, page);
  shown_.Exchange(std::move(filters));
  page->Sort();
  return filled;
}

Window::Nearness Window::NearnessOf(size_t number) {
  auto known = nearness_.find(number);
  if (known != nearness_.end()) return known->second;
  Nearness near;
  Page shown, all;
  const std::vector<store::ZoneMap>& zones = database_->zones();
  bool filled = Fill(number, &shown);
  if (filled && shown.entries.empty() && number < zones.size() && zones[number].calls > selection().context) {
    near.rows = zones[number].calls;  // far enough, whatever of it is shown
  } else if (filled && FillAll(number, &all)) {
    shown.Sort();
    near.rows = static_cast<int64_t>(all.entries.size());
    auto earlier = [](const Page::Entry& a, const Page::Entry& b) { return a.key < b.key; };
    auto place = [&](const Page::Entry& entry) {
      return std::lower_bound(all.entries.begin(), all.entries.end(), entry, earlier) - all.entries.begin();
    };
    if (!shown.entries.empty()) {
      near.head = place(shown.entries.front());
      near.tail = near.rows - 1 - place(shown.entries.back());
    }
  }
  return nearness_[number] = near;
}

// From the first row of a page back to the match before it, or from its last row on; more than the context: too far.
int64_t Window::RowsToMatch(size_t number, bool back) {
  int64_t rows = 0;
  while (rows < selection().context && (back ? number > 0 : number + 1 < pages())) {
    number += back ? -1 : 1;
    Nearness near = NearnessOf(number);
    int64_t to_match = back ? near.tail : near.head;
    if (to_match >= 0) return rows + to_match + 1;
    rows += near.rows;
  }
  return selection().context + 1;
}

// The page has what the filters match.
bool Window::AddContext(Page* page) {
  int64_t context = selection().context;
  bool all_rows = selection().filter_mode == FilterMode::kDim;
  int64_t before = all_rows ? 0 : RowsToMatch(page->number, true),
          after = all_rows ? 0 : RowsToMatch(page->number, false);
  if (!all_rows && page->entries.empty() && before > context && after > context) return true;
  Page all;
  if (!FillAll(page->number, &all)) return false;
  auto match = page->entries.begin();
  for (Page::Entry& entry : all.entries) {
    while (match != page->entries.end() && match->key < entry.key) ++match;
    entry.aside = match == page->entries.end() || !(match->key == entry.key);
  }
  if (!all_rows) {
    // Rows from each to the nearest match, from both sides.
    size_t size = all.entries.size();
    std::vector<int64_t> rows(size);
    for (size_t i = 0; i < size; ++i) rows[i] = all.entries[i].aside ? (i == 0 ? before : rows[i - 1] + 1) : 0;
    for (size_t i = size; i-- > 0;)
      rows[i] = std::min(rows[i], i + 1 == size ? (all.entries[i].aside ? after : 0) : rows[i + 1] + 1);
    size_t kept = 0;
    for (size_t i = 0; i < size; ++i) {
      if (rows[i] <= context) all.entries[kept++] = all.entries[i];
    }
    all.entries.resize(kept);
  }
  *page = std::move(all);
  return true;
}

}  // namespace pytrace::reader
