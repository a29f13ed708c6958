// A filter's tree, prepared for running: what asks for names of functions or threads only becomes a set of ids, decided
// once for each.
#ifndef PYTRACE_READER_QUERY_PLAN_H_
#define PYTRACE_READER_QUERY_PLAN_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "dumper/store/database.h"
#include "reader/query/structure.h"
#include "reader/query/tree.h"
#include "reader/query/value_test.h"

namespace pytrace::query {

class Plan {
 public:
  enum class Kind { kAnd, kOr, kFunctions, kThreads, kEvent, kArgument, kNamed, kAny, kNotAny, kCallers };

  explicit Plan(NodePtr node);

  Kind kind;
  std::vector<Plan> children;  // kAnd, kOr; kAny, kNotAny: one
  Leaf leaf;                   // kEvent, kArgument, kNamed

  ValueTest test;  // kArgument, kNamed

  // kCallers. The evaluator makes `structure` of the rest, and `mask` for each block.
  Structure::Kind callers = Structure::Kind::kWithin;
  bool negated = false;
  NodePtr inner;
  std::unique_ptr<Structure> structure;
  std::vector<uint8_t> mask;

  bool NeedsArguments() const;
  bool NeedsNames() const;    // of arguments
  bool NeedsFacts() const;    // asks for more than arguments
  bool NeedsCallers() const;  // asks for the callers of calls, or what they left to their callees
  // The only thing that the plan asks of arguments, if that is a value: `value > 3` or `arg.n == 42` among conditions
  // on the event, joined by `and`. nullptr: it asks more.
  Plan* OnlyValue();
  // Makes the span of time smaller, as far as the plan asks for that: what it holds of is inside.
  void NarrowSpan(int64_t* from_ns, int64_t* until_ns) const;
  // Whether a call's start and its end may get different answers.
  bool SidesDiffer() const;

  // kFunctions: whether the function fits. kArgument, kNamed: whether calls of it may have an argument that fits, by
  // the argument's name.
  bool HasFunction(const store::Catalog& catalog, uint32_t id);
  // The same for a column of functions: a byte for each.
  void MarkFunctions(const store::Catalog& catalog, const std::vector<uint32_t>& functions, std::vector<uint8_t>* out);
  bool HasThread(const store::Catalog& catalog, uint32_t id);  // kThreads
  // kArgument, kNamed: whether a result of this name may fit.
  bool MayBeResult(std::string_view name) const;
  // Threads get other names while a recording goes on.
  void ForgetThreads();

 private:
  enum : uint8_t { kNo, kYes, kNotAsked };
  bool AskFunction(const store::Function& function) const;

  NodePtr names_;                 // kFunctions, kThreads: the condition
  std::vector<uint8_t> members_;  // by id
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_PLAN_H_
