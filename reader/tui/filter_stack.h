// The filters that hold at the same time: each can be switched off and on again. Those that were typed and are on make
// one filter, joined by `and`, so that what they say of arguments is about one and the same argument.
#ifndef PYTRACE_READER_TUI_FILTER_STACK_H_
#define PYTRACE_READER_TUI_FILTER_STACK_H_

#include <cstddef>
#include <string>
#include <vector>

namespace pytrace::reader::tui {

class FilterStack {
 public:
  struct Item {
    std::string text;
    bool on = true;
    int given = -1;  // its place on the command line; -1: it was typed

    friend bool operator==(const Item&, const Item&) = default;
  };

  FilterStack() = default;
  explicit FilterStack(const std::vector<std::string>& given);

  const std::vector<Item>& items() const { return items_; }
  size_t off() const;
  // The filter that the typed ones make which are on. Empty: none is.
  std::string Text() const;

  // All but the last three take only what can be read as a filter.
  void Add(const std::string& filter);
  // What Text() is to be: the parts of its outermost `and` become filters by themselves. Those that are off stay.
  void Replace(const std::string& text);
  void Edit(size_t item, const std::string& text);  // blank: removes it
  void Toggle(size_t item);
  void Only(size_t item);  // is on
  void Remove(size_t item);

  friend bool operator==(const FilterStack&, const FilterStack&) = default;

 private:
  std::vector<Item> items_;
};

}  // namespace pytrace::reader::tui

#endif  // PYTRACE_READER_TUI_FILTER_STACK_H_
