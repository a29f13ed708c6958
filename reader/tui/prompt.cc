#include "reader/tui/prompt.h"

#include <cctype>
#include <utility>

#include "dumper/store/text.h"
#include "reader/printable.h"

namespace pytrace::reader::tui {
namespace {

bool Continues(char c) { return (c & 0xc0) == 0x80; }
bool WordChar(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80); }

}  // namespace

void Prompt::Open(std::string label, std::string text, const std::vector<std::string>& history) {
  label_ = std::move(label);
  text_ = std::move(text);
  cursor_ = text_.size();
  history_ = history;
  recalled_ = history_.size();
  typed_ = text_;
  prefix_.clear();
}

size_t Prompt::Before(size_t at) const {
  if (at > 0) --at;
  while (at > 0 && Continues(text_[at])) --at;
  return at;
}

size_t Prompt::After(size_t at) const {
  if (at < text_.size()) ++at;
  while (at < text_.size() && Continues(text_[at])) ++at;
  return at;
}

size_t Prompt::WordBefore(size_t at) const {
  while (at > 0 && !WordChar(text_[at - 1])) --at;
  while (at > 0 && WordChar(text_[at - 1])) --at;
  return at;
}

size_t Prompt::WordAfter(size_t at) const {
  while (at < text_.size() && !WordChar(text_[at])) ++at;
  while (at < text_.size() && WordChar(text_[at])) ++at;
  return at;
}

void Prompt::Erase(size_t from, size_t to) {
  text_.erase(from, to - from);
  cursor_ = from;
}

void Prompt::Insert(Key code_point) {
  std::string bytes;
  store::AppendUtf8(static_cast<uint32_t>(code_point), &bytes);
  text_.insert(cursor_, bytes);
  cursor_ += bytes.size();
}

// Walks the lines that begin with what was typed. What the prompt opened with does not count as typed.
void Prompt::Recall(int step) {
  if (recalled_ == history_.size()) {
    if (text_ != typed_) prefix_ = text_;
    typed_ = text_;
  }
  size_t at = recalled_;
  while (step < 0 ? at > 0 : at < history_.size()) {
    at += step;
    if (at == history_.size() || history_[at].starts_with(prefix_)) break;
  }
  if (at < history_.size() && !history_[at].starts_with(prefix_)) return;
  recalled_ = at;
  text_ = at == history_.size() ? typed_ : history_[at];
  cursor_ = text_.size();
}

Prompt::Result Prompt::Type(Key key) {
  auto cut = [&](size_t from, size_t to) {
    cut_ = text_.substr(from, to - from);
    Erase(from, to);
  };
  switch (key) {
    case kEnter:
      return Result::kEntered;
    case kEscape:
    case kCtrlC:
      return Result::kLeft;
    case kBackspace:
    case Ctrl('h'):
      if (text_.empty()) return Result::kLeft;
      Erase(Before(cursor_), cursor_);
      break;
    case kDelete:
    case Ctrl('d'):
      Erase(cursor_, After(cursor_));
      break;
    case kLeft:
    case Ctrl('b'):
      cursor_ = Before(cursor_);
      break;
    case kRight:
    case Ctrl('f'):
      cursor_ = After(cursor_);
      break;
    case kHome:
    case Ctrl('a'):
      cursor_ = 0;
      break;
    case kEnd:
    case Ctrl('e'):
      cursor_ = text_.size();
      break;
    case kCtrlLeft:
    case 'b' + kAlt:
      cursor_ = WordBefore(cursor_);
      break;
    case kCtrlRight:
    case 'f' + kAlt:
      cursor_ = WordAfter(cursor_);
      break;
    case Ctrl('w'):
      cut(WordBefore(cursor_), cursor_);
      break;
    case 'd' + kAlt:
      cut(cursor_, WordAfter(cursor_));
      break;
    case Ctrl('u'):
      cut(0, cursor_);
      break;
    case Ctrl('k'):
      cut(cursor_, text_.size());
      break;
    case Ctrl('y'):
      text_.insert(cursor_, cut_);
      cursor_ += cut_.size();
      break;
    case kUp:
    case Ctrl('p'):
      Recall(-1);
      break;
    case kDown:
    case Ctrl('n'):
      Recall(+1);
      break;
    default:
      if (key >= ' ' && key < kSpecial) Insert(key);
  }
  return Result::kTyping;
}

void Prompt::Draw(Canvas* canvas, int row) const {
  int start = canvas->Put(row, 0, canvas->width(), label_, {Ink::kArrow});
  std::string before, all;
  AppendPrintable(std::string_view(text_).substr(0, cursor_), &before);
  AppendPrintable(text_, &all);
  int cursor = TextWidth(before), room = canvas->width() - start - 1;
  int skip = cursor > room ? cursor - room / 2 : 0;
  canvas->cursor_row = row;
  canvas->cursor_column = start + cursor - skip;
  canvas->PutFrom(row, start, canvas->width(), &skip, all, {});
}

}  // namespace pytrace::reader::tui
