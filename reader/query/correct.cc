// What was meant.
#include <algorithm>
#include <tuple>

#include "reader/edit_distance.h"
#include "reader/query/other_parts.h"
#include "reader/query/suggest.h"
#include "reader/query/suggest_text.h"

namespace pytrace::query {

Choices Nearest(const Choices& choices, std::string_view literal, size_t most) {
  // Wildcards and the quotes of a repr are no letters.
  std::string wanted;
  for (char c : Lowered(Unquoted(literal))) {
    if (c != '%' && c != '\\') wanted.push_back(c);
  }
  using Rank = std::tuple<int, size_t, int64_t, size_t>;
  std::vector<Rank> ranked;
  for (size_t i = 0; i < choices.size() && !wanted.empty(); ++i) {
    std::string text = Lowered(Unquoted(choices[i].text));
    size_t distance = EditDistance(wanted, text), allowed = std::max<size_t>(1, wanted.size() / 3);
    int match;
    if (text == wanted) {
      match = 0;
    } else if (distance <= allowed) {
      match = 1;
    } else if (text.starts_with(wanted)) {
      match = 2;
    } else if (text.find(wanted) != std::string::npos) {
      match = 3;
    } else if (wanted.size() >= 3 && IsSubsequence(wanted, text)) {
      match = 4;
    } else {
      continue;
    }
    ranked.emplace_back(match, match == 1 ? distance : text.size(), -choices[i].count, i);
  }
  std::sort(ranked.begin(), ranked.end());
  Choices nearest;
  for (size_t i = 0; i < ranked.size() && nearest.size() < most; ++i)
    nearest.push_back(choices[std::get<3>(ranked[i])]);
  return nearest;
}

Suggestions Correct(const FilterParts& parts, Dictionary* dictionary) {
  Suggestions found;
  for (const LiteralUse& use : parts.literals) {
    if (!Dictionary::IsComplete(*use.field)) continue;
    if (use.op != Op::kEq && use.op != Op::kIs && use.op != Op::kMatch) continue;
    const Choices& choices = dictionary->Of(*use.field, use.name);
    auto fits = [&](const Choice& choice) { return use.test(choice.text); };
    if (std::any_of(choices.begin(), choices.end(), fits)) continue;
    // A pattern with a dot is for qualified names, too.
    if (use.field->field == Field::kFunc && use.text.find('.') != std::string::npos) {
      const Choices& names = dictionary->Of(*FindField("qualname"), "");
      if (std::any_of(names.begin(), names.end(), fits)) continue;
    }
    found.begin = use.begin;
    found.end = use.end;
    found.message = std::string(use.field->name) + " not found: " + use.text;
    Choices nearest = Nearest(choices, use.text, 9);
    // As the first pytrace: where nothing is near, the commonest.
    if (nearest.empty() && choices.size() <= 9) nearest = choices;
    for (const Choice& choice : nearest) found.items.push_back({QuotedLiteral(choice.text), choice.text, choice.count});
    return found;
  }
  return found;
}

Suggestions CorrectProblem(std::string_view text, const Problem& problem) {
  Suggestions found;
  found.begin = problem.column;
  found.end = problem.column;
  while (found.end < text.size() && IsNameChar(text[found.end])) ++found.end;
  if (text.substr(found.begin).starts_with("=")) {
    found.end = found.begin + 1;
    found.items.push_back({"==", "==", 0});
    return found;
  }
  std::string_view word = text.substr(found.begin, found.end - found.begin);
  if (word.empty() || FindField(word) != nullptr) return found;
  if (problem.message.starts_with("strings are quoted")) {
    found.items.push_back({QuotedLiteral(word), QuotedLiteral(word), 0});
    return found;
  }
  if (!problem.message.starts_with("there is no field")) return found;
  Choices fields;
  for (const FieldInfo& field : AllFields()) fields.push_back({field.name, 0});
  for (const char* flag : {"exception", "open", "leaf", "lost", "log"}) fields.push_back({flag, 0});
  for (const Choice& choice : Nearest(fields, word, 5)) found.items.push_back({choice.text, choice.text, 0});
  return found;
}

}  // namespace pytrace::query
