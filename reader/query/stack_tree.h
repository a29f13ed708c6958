// Call stacks as a tree of functions, each with what a test says of its text `outermost > ... > innermost`. Programs
// have few different stacks, generated ones have millions: finding one is a look into a table, and a new one costs its
// last name.
#ifndef PYTRACE_READER_QUERY_STACK_TREE_H_
#define PYTRACE_READER_QUERY_STACK_TREE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dumper/store/database.h"
#include "reader/query/predicate.h"

namespace pytrace::query {

class StackTree {
 public:
  StackTree(TextTest test, const store::Catalog* catalog) : test_(std::move(test)), catalog_(*catalog) { Clear(); }

  static constexpr uint32_t kEmpty = 0;
  // The stack with one more call.
  uint32_t Below(uint32_t stack, uint32_t function);
  bool Answer(uint32_t stack);
  size_t size() const { return nodes_.size(); }
  void Clear();

 private:
  enum : uint8_t { kNo, kYes, kNotAsked };
  struct Node {
    uint32_t above, function, level;
    uint8_t answer;
  };
  // Of the stack whose text is text_: its nodes, outermost first, and where the names end.
  struct Named {
    uint32_t node;
    size_t end;
  };
  void MakeText(uint32_t stack);
  void Grow();

  TextTest test_;
  const store::Catalog& catalog_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> table_;  // open addressing over nodes_; 0: free
  std::vector<Named> named_;
  std::vector<uint32_t> path_;
  std::string text_;
};

}  // namespace pytrace::query

#endif  // PYTRACE_READER_QUERY_STACK_TREE_H_
