#include "reader/query/tree.h"

#include <utility>

namespace pytrace::query {

Source SourceOf(Field field) {
  switch (field) {
    case Field::kLine:
    case Field::kModule:
    case Field::kFunc:
    case Field::kQualname:
    case Field::kFile:
      return Source::kFunction;
    case Field::kTid:
    case Field::kPid:
    case Field::kThread:
    case Field::kProcess:
      return Source::kThread;
    case Field::kArg:
    case Field::kValue:
    case Field::kType:
      return Source::kArgument;
    case Field::kNamed:
      return Source::kNamed;
    case Field::kStack:
      return Source::kCallers;
    default:
      return Source::kEvent;
  }
}

void Leaf::Negate() {
  op = Opposite(op);
  range.inverted = !range.inverted;
  text.Invert();
}

NodePtr MakeNode(Node::Kind kind, NodePtr first, NodePtr second) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  if (first != nullptr) node->children.push_back(std::move(first));
  if (second != nullptr) node->children.push_back(std::move(second));
  return node;
}

NodePtr Normalize(NodePtr node, bool negate) {
  switch (node->kind) {
    case Node::Kind::kNot:
      return Normalize(std::move(node->children[0]), !negate);
    case Node::Kind::kAnd:
    case Node::Kind::kOr:
      for (NodePtr& child : node->children) child = Normalize(std::move(child), negate);
      if (negate) node->kind = node->kind == Node::Kind::kAnd ? Node::Kind::kOr : Node::Kind::kAnd;
      return node;
    case Node::Kind::kAny:
    case Node::Kind::kWithin:
    case Node::Kind::kContains:
    case Node::Kind::kCaller:
      node->children[0] = Normalize(std::move(node->children[0]));
      return negate ? MakeNode(Node::Kind::kNot, std::move(node)) : std::move(node);
    case Node::Kind::kLeaf:
      if (negate) node->leaf.Negate();
      return node;
  }
  return node;
}

}  // namespace pytrace::query
