// A pattern that rows of the event view are searched for. Most rows are ruled out before their texts are made: every
// match has some plain word in it, and whether a name or a value has that word is remembered, because both occur again
// and again.
#ifndef PYTRACE_READER_TUI_ROW_SEARCH_H_
#define PYTRACE_READER_TUI_ROW_SEARCH_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "reader/query/pattern.h"
#include "reader/query/value_memo.h"
#include "reader/tui/event_list.h"

namespace pytrace::reader::tui {

class RowSearch {
 public:
  // `negated`: for rows that do not match. `catalog` must outlive this.
  RowSearch(std::shared_ptr<const query::Pattern> pattern, bool negated, const store::Catalog* catalog);

  const std::shared_ptr<const query::Pattern>& pattern() const { return pattern_; }
  bool negated() const { return negated_; }
  // false: Matches is false of the event's row.
  bool MayMatch(const EventRef& event);
  bool Matches(const RowText& row);
  void Forget();  // the catalogue was read anew

 private:
  enum : uint8_t { kNo, kYes, kNotAsked };
  bool HasWord(std::string_view text) const;
  bool FunctionHasIt(const EventRef& event);
  bool ValueHasIt(uint32_t process, std::string_view value);
  uint32_t ProcessOf(uint32_t thread);

  std::shared_ptr<const query::Pattern> pattern_;
  bool negated_;
  const store::Catalog& catalog_;
  std::string word_;                        // that every match has; empty: none is known
  bool in_kind_[8] = {};                    // the words that rows of a kind have of their own
  std::vector<uint8_t> names_, arguments_;  // by function: its name and module; its arguments' names
  query::ValueMemo memo_;
  uint32_t thread_ = 0, process_ = 0;
  bool thread_known_ = false;
  std::string text_;
  std::unordered_map<std::string, bool> modules_;  // what the pattern says of them
  int64_t tid_ = -1;
  bool tid_matches_ = false;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_ROW_SEARCH_H_
