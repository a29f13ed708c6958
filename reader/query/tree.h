// The typed tree of a filter, as the parser makes it and the evaluator runs it.
//
// Unknowns: a comparison with something that an event does not have (the duration of a running call, an argument of a
// call without arguments) is neither true nor false, and so is its negation. The tree has no `not` above comparisons
// (`Normalize` moves it into them), so the evaluator may take unknown for false.
//
// One and the same argument: a filter is asked once for each argument of an event, with `arg`, `value` and `type` those
// of this argument; the event matches when one of its arguments makes the whole true. An event without arguments is
// asked once, with the three unknown. `any(...)` is asked for every argument anew, on its own.
#ifndef PYTRACE_READER_QUERY_TREE_H_
#define PYTRACE_READER_QUERY_TREE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reader/query/predicate.h"

namespace pytrace::query {

enum class Field {
  kTime,
  kTid,
  kPid,
  kDepth,
  kLine,
  kId,
  kDuration,
  kSelf,
  kOpen,
  kLeaf,  // numbers
  kModule,
  kFunc,
  kQualname,
  kFile,
  kThread,
  kProcess,
  kKind,
  kStack,  // texts
  kArg,
  kValue,
  kType,   // of one argument
  kNamed,  // the value of the argument called Leaf::name
};

// Where a field comes from. Fields of functions and threads are decided once for each function or thread.
enum class Source { kFunction, kThread, kEvent, kArgument, kNamed, kCallers };
Source SourceOf(Field field);

struct Leaf {
  Field field = Field::kTime;
  Op op = Op::kEq;
  bool numeric = false;        // kValue, kNamed: compares numbers
  double number = 0;           // ... with this one
  RangeTest range;             // integer fields
  TextTest text;               // text fields, and values that are compared as text
  bool with_qualname = false;  // kFunc: a pattern with a dot is also tried on the qualified name
  std::string name;            // kNamed

  // Becomes what `not` makes of it.
  void Negate();
};

struct Node {
  enum class Kind { kAnd, kOr, kNot, kAny, kWithin, kContains, kCaller, kLeaf };
  Kind kind = Kind::kLeaf;
  std::vector<std::unique_ptr<Node>> children;  // kNot and those after it: one
  Leaf leaf;
};

using NodePtr = std::unique_ptr<Node>;

NodePtr MakeNode(Node::Kind kind, NodePtr first = nullptr, NodePtr second = nullptr);
// Moves every `not` down to the comparisons, and above `any` and its like at most.
NodePtr Normalize(NodePtr node, bool negate = false);

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_TREE_H_
