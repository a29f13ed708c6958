#include "reader/tui/diagnosis.h"

#include <algorithm>
#include <utility>

#include "reader/program_ends.h"

namespace pytrace::reader::tui {
namespace {

constexpr size_t kMostParts = 8, kMostNear = 3, kMostOffers = 6;

}  // namespace

Diagnosis::Diagnosis(store::Database* database, const Selection& selection, const std::string& filter,
                     query::Dictionary* dictionary)
    : database_(database), selection_(selection), dictionary_(dictionary), filter_(filter) {
  query::FilterParts found;
  query::Problem problem;
  query::FilterContext context = query::ContextOf(*database);
  if (query::ParseFilter(filter, {context.first_ns, context.last_ns}, &problem, &found) == nullptr) return;
  for (const auto& span : found.conjuncts) {
    if (parts_.size() == kMostParts) break;
    Part part;
    part.text = filter.substr(span.begin, span.end - span.begin);
    for (const auto& other : found.conjuncts) {
      if (other.begin == span.begin) continue;
      part.without += (part.without.empty() ? "" : " and ") + filter.substr(other.begin, other.end - other.begin);
    }
    parts_.push_back(std::move(part));
  }
  for (Part& part : parts_) {
    AddCount(part.text, &part.alone);
    AddCount(part.without, &part.others);
  }
  AddNear(filter);
  for (Offer& offer : near_) AddCount(offer.filter, &offer.events);
}

void Diagnosis::AddCount(const std::string& filter, int64_t* to) { counts_.push_back({filter, to}); }

// Literals that are compared with values: names have been corrected before.
void Diagnosis::AddNear(const std::string& filter) {
  query::FilterParts found;
  query::Problem problem;
  query::FilterContext context = query::ContextOf(*database_);
  query::ParseFilter(filter, {context.first_ns, context.last_ns}, &problem, &found);
  for (const query::LiteralUse& use : found.literals) {
    if (query::Dictionary::IsComplete(*use.field)) continue;
    for (const query::Choice& choice : query::Nearest(dictionary_->Of(*use.field, use.name), use.text, kMostNear)) {
      std::string literal = query::QuotedLiteral(query::Unquoted(choice.text));
      if (literal == filter.substr(use.begin, use.end - use.begin)) continue;
      near_.push_back({literal + " for " + filter.substr(use.begin, use.end - use.begin),
                       filter.substr(0, use.begin) + literal + filter.substr(use.end), 0});
    }
  }
}

bool Diagnosis::Work(Deadline deadline) {
  while (!done()) {
    if (running_ == nullptr) {
      std::unique_ptr<query::Filter> filter =
          query::Filter::Parse(counts_[next_].filter, query::ContextOf(*database_), nullptr, nullptr);
      if (filter == nullptr) {
        ++next_;
        continue;
      }
      running_ = std::make_unique<EventCount>(database_, selection_, std::move(filter));
    }
    if (running_->Work(deadline)) return true;
    *counts_[next_].to = running_->events();
    running_.reset();
    ++next_;
  }
  if (offers_.empty()) Finish();
  return false;
}

void Diagnosis::Finish() {
  for (const Offer& offer : near_) {
    if (offer.events > 0) offers_.push_back(offer);
  }
  std::vector<Offer> drops;
  for (const Part& part : parts_) {
    if (part.others > 0) drops.push_back({"without " + part.text, part.without, part.others});
  }
  std::stable_sort(drops.begin(), drops.end(), [](const Offer& a, const Offer& b) { return a.events < b.events; });
  offers_.insert(offers_.end(), drops.begin(), drops.end());
  if (offers_.size() > kMostOffers) offers_.resize(kMostOffers);
  if (Live(database_->catalog(), selection_.run)) offers_.push_back({"keep it and follow: events may come", filter_, 0, true});
}

}  // namespace pytrace::reader::tui
