#include "reader/tui/filter_stack.h"

#include <algorithm>

#include "reader/query/parse.h"

namespace pytrace::reader::tui {
namespace {

constexpr char kAnd[] = " and ";

// Of a text that can be read; times do not matter here.
query::FilterParts PartsOf(const std::string& text) {
  query::FilterParts parts;
  query::Problem problem;
  query::ParseFilter(text, {}, &problem, &parts);
  return parts;
}

// Without blanks around it, nor a comment behind it: it is to be joined with others.
std::string Bare(const std::string& text) {
  std::vector<query::Token> tokens;
  query::Problem problem;
  if (!query::Tokenize(text, &tokens, &problem) || tokens.size() < 2) return "";
  return text.substr(tokens.front().column, tokens[tokens.size() - 2].end - tokens.front().column);
}

}  // namespace

FilterStack::FilterStack(const std::vector<std::string>& given) {
  for (const std::string& text : given) items_.push_back({text, true, static_cast<int>(items_.size())});
}

size_t FilterStack::off() const {
  return static_cast<size_t>(std::count_if(items_.begin(), items_.end(), [](const Item& item) { return !item.on; }));
}

std::string FilterStack::Text() const {
  std::vector<const Item*> joined;
  for (const Item& item : items_) {
    if (item.on && item.given < 0) joined.push_back(&item);
  }
  if (joined.size() == 1) return joined[0]->text;
  std::string text;
  for (const Item* item : joined) {
    if (!text.empty()) text += kAnd;
    text += PartsOf(item->text).alternatives ? "(" + item->text + ")" : item->text;
  }
  return text;
}

void FilterStack::Add(const std::string& filter) {
  std::string text = Bare(filter);
  for (Item& item : items_) {
    if (item.text != text || item.given >= 0) continue;
    item.on = true;
    return;
  }
  items_.push_back({text});
}

void FilterStack::Replace(const std::string& text) {
  std::string before = Text();
  if (text == before) return;
  std::vector<query::FilterParts::Part> parts = PartsOf(text).conjuncts;
  // Behind what was there: that stays as it is.
  bool longer = !before.empty() && !parts.empty() && text.starts_with(before + kAnd);
  if (!longer) std::erase_if(items_, [](const Item& item) { return item.on && item.given < 0; });
  if (parts.empty() && !Bare(text).empty()) items_.push_back({Bare(text)});
  for (const query::FilterParts::Part& part : parts) {
    if (!longer || part.begin > before.size()) items_.push_back({text.substr(part.begin, part.end - part.begin)});
  }
}

void FilterStack::Edit(size_t item, const std::string& text) {
  std::string bare = Bare(text);
  if (bare.empty()) return Remove(item);
  items_[item] = {bare, items_[item].on, bare == items_[item].text ? items_[item].given : -1};
}

void FilterStack::Toggle(size_t item) { items_[item].on = !items_[item].on; }

void FilterStack::Only(size_t item) {
  for (size_t i = 0; i < items_.size(); ++i) items_[i].on = i == item;
}

void FilterStack::Remove(size_t item) { items_.erase(items_.begin() + static_cast<ptrdiff_t>(item)); }

}  // namespace pytrace::reader::tui
