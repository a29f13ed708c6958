// What helps while a filter is typed: a list of what can come next, what was meant, and how many events it matches.
#ifndef PYTRACE_READER_TUI_FILTER_HELP_H_
#define PYTRACE_READER_TUI_FILTER_HELP_H_

#include <memory>
#include <optional>
#include <string>

#include "reader/query/dictionary.h"
#include "reader/query/filter.h"
#include "reader/query/suggest.h"
#include "reader/tui/co_occurrence.h"
#include "reader/tui/prompt.h"
#include "reader/tui/view.h"
#include "reader/window.h"

namespace pytrace::reader::tui {

// Counts the events that a selection shows, page by page.
class EventCount {
 public:
  // `filter` is added to the selection.
  EventCount(store::Database* database, Selection selection, std::unique_ptr<query::Filter> filter);
  bool Work(Deadline deadline);  // whether anything is left
  bool done() const { return page_ >= window_.pages(); }
  int64_t events() const { return events_; }
  int percent() const;

 private:
  std::unique_ptr<query::Filter> filter_;
  Window window_;
  size_t page_ = 0;
  int64_t events_ = 0;
};

class FilterHelp {
 public:
  explicit FilterHelp(store::Database* database) : database_(database), dictionary_(database) {}

  void Open(const Selection& selection, const Prompt& prompt);
  // After each key of the prompt that this did not take.
  void Typed(const Prompt& prompt);
  // Tab and arrows in the list. false: the key is the prompt's.
  bool Take(Key key, Prompt* prompt);
  // Looks for what is wrong with a filter that is about to be used. true: there is something to be chosen; the list
  // shows it. The same text a second time is taken as it is.
  bool Correct(Prompt* prompt, std::string* message);
  bool correcting() const { return correcting_; }
  // A filter that could not be read.
  void Problem(const Prompt& prompt, const query::Problem& problem);
  bool Work(Deadline deadline);
  void Refresh();
  // Above the prompt's row, and at its right end.
  void Draw(Canvas* canvas, int row, bool message_above) const;
  query::Dictionary* dictionary() { return &dictionary_; }

 private:
  void OfferToKeep();
  void Choose(int step, Prompt* prompt);
  void Put(Prompt* prompt);
  void Count(const std::string& text);
  void LookAtOthers();
  void List();

  store::Database* database_;
  query::Dictionary dictionary_;
  Selection selection_;
  query::Suggestions list_;
  int chosen_ = -1;  // in list_; -1: none
  std::string before_, counted_text_, corrected_text_;
  size_t cursor_ = 0;
  bool correcting_ = false;
  bool sampled_ = false;  // the dictionary has all that it will have
  std::unique_ptr<EventCount> count_;
  std::string others_;  // the other parts of the filter, where the cursor is
  std::unique_ptr<CoOccurrence> values_of_others_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_FILTER_HELP_H_
