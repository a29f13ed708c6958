// Only a part of the time: typed, or taken from the strip. It is a part of the filter like any other.
#include <string>
#include <utility>

#include "reader/tui/application.h"

namespace pytrace::reader::tui {

// false: the filter has no such part.
bool Application::ReplacePart(const std::string& part, const std::string& with) {
  for (size_t i = 0; i < filters_.items().size(); ++i) {
    if (!filters_.items()[i].on || filters_.items()[i].text != part) continue;
    FilterStack filters = filters_;
    filters.Edit(i, with);
    SetFilters(std::move(filters));
    return true;
  }
  size_t at = part.empty() ? std::string::npos : filter_text_.find(part);
  if (at == std::string::npos) return false;
  std::string before = filter_text_.substr(0, at), after = filter_text_.substr(at + part.size());
  if (with.empty() && before.ends_with(" and ")) before.resize(before.size() - 5);
  if (with.empty() && before.empty() && after.starts_with(" and ")) after.erase(0, 5);
  return SetFilter(before + with + after);
}

// The innermost one that the filter still has; empty: none. The others were undone, or the filter is another one.
std::string Application::CurrentZoom() {
  while (!zooms_.empty() && filter_text_.find(zooms_.back()) == std::string::npos) zooms_.pop_back();
  return zooms_.empty() ? "" : zooms_.back();
}

// A zoom into a zoom takes its place.
void Application::ZoomIn(const std::string& filter) {
  std::string outer = CurrentZoom();
  zooms_.push_back(filter);
  if (!ReplacePart(outer, filter)) Narrow(filter);
}

void Application::ZoomOut() {
  std::string inner = CurrentZoom();
  if (inner.empty()) return Say("this is all of the time", false);
  zooms_.pop_back();
  ReplacePart(inner, zooms_.empty() ? "" : zooms_.back());
}

}  // namespace pytrace::reader::tui
