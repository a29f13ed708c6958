#include "reader/query/plan.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace pytrace::query {
namespace {

// A damaged block may name any id.
constexpr uint32_t kMaxRemembered = 1u << 24;

bool AllFrom(const Node& node, Source source) {
  if (node.kind == Node::Kind::kLeaf) return SourceOf(node.leaf.field) == source;
  if (node.kind != Node::Kind::kAnd && node.kind != Node::Kind::kOr) return false;
  return std::all_of(node.children.begin(), node.children.end(),
                     [&](const NodePtr& child) { return AllFrom(*child, source); });
}

// Moves the children that speak of `source` only under one node, so that they become one set.
void Gather(Node* node, Source source) {
  auto rest = std::stable_partition(node->children.begin(), node->children.end(),
                                    [&](const NodePtr& child) { return AllFrom(*child, source); });
  if (rest - node->children.begin() < 2) return;
  NodePtr together = MakeNode(node->kind);
  std::move(node->children.begin(), rest, std::back_inserter(together->children));
  node->children.erase(node->children.begin(), rest);
  node->children.insert(node->children.begin(), std::move(together));
}

bool Holds(const Leaf& leaf, const store::Function& function) {
  switch (leaf.field) {
    case Field::kLine:
      return leaf.range(function.line);
    case Field::kModule:
      return leaf.text(function.module);
    case Field::kQualname:
      return leaf.text(function.qualname);
    case Field::kFile:
      return leaf.text(function.file);
    case Field::kFunc:
      return leaf.with_qualname ? leaf.text.AnyOf(function.func, function.qualname) : leaf.text(function.func);
    default:
      return false;
  }
}

struct ThreadRow {
  const store::Thread* thread;
  const store::Process* process;
};

bool Holds(const Leaf& leaf, const ThreadRow& row) {
  if (leaf.field == Field::kTid) return leaf.range(row.thread->tid);
  if (leaf.field == Field::kThread) return leaf.text(row.thread->name);
  if (row.process == nullptr) return false;
  return leaf.field == Field::kPid ? leaf.range(row.process->pid) : leaf.text(row.process->argv);
}

template <class Row>
bool Holds(const Node& node, const Row& row) {
  auto holds = [&](const NodePtr& child) { return Holds(*child, row); };
  if (node.kind == Node::Kind::kAnd) return std::all_of(node.children.begin(), node.children.end(), holds);
  if (node.kind == Node::Kind::kOr) return std::any_of(node.children.begin(), node.children.end(), holds);
  return Holds(node.leaf, row);
}

bool IsStructure(const Node& node) {
  return node.kind == Node::Kind::kWithin || node.kind == Node::Kind::kContains || node.kind == Node::Kind::kCaller;
}

Plan::Kind LeafKind(Field field) {
  Source source = SourceOf(field);
  return source == Source::kArgument ? Plan::Kind::kArgument
         : source == Source::kNamed  ? Plan::Kind::kNamed
                                     : Plan::Kind::kEvent;
}

}  // namespace

Plan::Plan(NodePtr node) {
  if (AllFrom(*node, Source::kFunction)) {
    kind = Kind::kFunctions;
    names_ = std::move(node);
  } else if (AllFrom(*node, Source::kThread)) {
    kind = Kind::kThreads;
    names_ = std::move(node);
  } else if (node->kind == Node::Kind::kLeaf && node->leaf.field == Field::kStack) {
    kind = Kind::kCallers;
    callers = Structure::Kind::kStack;
    leaf = std::move(node->leaf);
  } else if (IsStructure(*node) || (node->kind == Node::Kind::kNot && IsStructure(*node->children[0]))) {
    kind = Kind::kCallers;
    negated = node->kind == Node::Kind::kNot;
    if (negated) node = std::move(node->children[0]);
    callers = node->kind == Node::Kind::kWithin     ? Structure::Kind::kWithin
              : node->kind == Node::Kind::kContains ? Structure::Kind::kContains
                                                    : Structure::Kind::kCaller;
    inner = std::move(node->children[0]);
  } else if (node->kind == Node::Kind::kLeaf) {
    kind = LeafKind(node->leaf.field);
    leaf = std::move(node->leaf);
    if (kind == Kind::kNamed || leaf.field == Field::kValue) test = ValueTest(leaf);
  } else if (node->kind == Node::Kind::kAny || node->kind == Node::Kind::kNot) {
    bool negated = node->kind == Node::Kind::kNot;
    if (negated) node = std::move(node->children[0]);
    kind = negated ? Kind::kNotAny : Kind::kAny;
    children.emplace_back(std::move(node->children[0]));
  } else {
    kind = node->kind == Node::Kind::kAnd ? Kind::kAnd : Kind::kOr;
    Gather(node.get(), Source::kThread);
    Gather(node.get(), Source::kFunction);
    children.reserve(node->children.size());
    for (NodePtr& child : node->children) children.emplace_back(std::move(child));
    // The cheap and selective first: sets, then columns, then what needs values.
    std::stable_sort(children.begin(), children.end(),
                     [](const Plan& a, const Plan& b) { return a.NeedsArguments() < b.NeedsArguments(); });
  }
}

// `any` asks whether there are arguments at all.
bool Plan::NeedsArguments() const {
  if (kind == Kind::kArgument || kind == Kind::kNamed || kind == Kind::kAny || kind == Kind::kNotAny) return true;
  return std::any_of(children.begin(), children.end(), [](const Plan& child) { return child.NeedsArguments(); });
}

bool Plan::NeedsNames() const {
  if (kind == Kind::kNamed || (kind == Kind::kArgument && leaf.field == Field::kArg)) return true;
  return std::any_of(children.begin(), children.end(), [](const Plan& child) { return child.NeedsNames(); });
}

bool Plan::NeedsFacts() const {
  if (kind == Kind::kFunctions || kind == Kind::kThreads || kind == Kind::kEvent || kind == Kind::kCallers) return true;
  return std::any_of(children.begin(), children.end(), [](const Plan& child) { return child.NeedsFacts(); });
}

bool Plan::NeedsCallers() const {
  if (kind == Kind::kCallers) return true;
  if (kind == Kind::kEvent) return leaf.field == Field::kSelf || leaf.field == Field::kLeaf;
  return std::any_of(children.begin(), children.end(), [](const Plan& child) { return child.NeedsCallers(); });
}

Plan* Plan::OnlyValue() {
  if (kind == Kind::kNamed || (kind == Kind::kArgument && leaf.field == Field::kValue)) return this;
  if (kind != Kind::kAnd) return nullptr;
  Plan* asks = nullptr;
  for (Plan& child : children) {
    if (!child.NeedsArguments()) continue;
    if (asks != nullptr) return nullptr;
    asks = &child;
  }
  return asks == nullptr ? nullptr : asks->OnlyValue();
}

void Plan::NarrowSpan(int64_t* from_ns, int64_t* until_ns) const {
  if (kind == Kind::kEvent && leaf.field == Field::kTime && !leaf.range.inverted) {
    *from_ns = std::max(*from_ns, leaf.range.low);
    *until_ns = std::min(*until_ns, leaf.range.high);
  }
  if (kind != Kind::kAnd) return;
  for (const Plan& child : children) child.NarrowSpan(from_ns, until_ns);
}

bool Plan::SidesDiffer() const {
  if (NeedsArguments()) return true;
  if (kind == Kind::kEvent) return leaf.field == Field::kTime || leaf.field == Field::kKind;
  return std::any_of(children.begin(), children.end(), [](const Plan& child) { return child.SidesDiffer(); });
}

bool Plan::AskFunction(const store::Function& function) const {
  if (kind == Kind::kFunctions) return Holds(*names_, function);
  for (const std::string& name : function.arguments) {
    if (kind == Kind::kNamed ? name == leaf.name : leaf.field != Field::kArg || leaf.text(name)) return true;
  }
  return false;
}

bool Plan::HasFunction(const store::Catalog& catalog, uint32_t id) {
  if (id < members_.size() && members_[id] != kNotAsked) return members_[id] == kYes;
  const store::Function* function = catalog.function(id);
  bool has = function != nullptr && AskFunction(*function);
  if (function != nullptr && id < kMaxRemembered) {
    if (id >= members_.size()) members_.resize(id + 1, kNotAsked);
    members_[id] = has ? kYes : kNo;
  }
  return has;
}

void Plan::MarkFunctions(const store::Catalog& catalog, const std::vector<uint32_t>& functions,
                         std::vector<uint8_t>* out) {
  // What was asked before is one look into a table; bit 1 of kNotAsked tells the rest.
  const size_t size = functions.size();
  uint8_t unknown = 0;
  for (size_t i = 0; i < size; ++i) {
    uint8_t member = functions[i] < members_.size() ? members_[functions[i]] : uint8_t{kNotAsked};
    unknown |= member;
    (*out)[i] = member;
  }
  if ((unknown & kNotAsked) == 0) return;
  for (size_t i = 0; i < size; ++i) {
    if ((*out)[i] == kNotAsked) (*out)[i] = HasFunction(catalog, functions[i]);
  }
}

bool Plan::HasThread(const store::Catalog& catalog, uint32_t id) {
  if (id < members_.size() && members_[id] != kNotAsked) return members_[id] == kYes;
  const store::Thread* thread = catalog.thread(id);
  bool has = thread != nullptr && Holds(*names_, ThreadRow{thread, catalog.process_of_thread(id)});
  if (thread != nullptr && id < kMaxRemembered) {
    if (id >= members_.size()) members_.resize(id + 1, kNotAsked);
    members_[id] = has ? kYes : kNo;
  }
  return has;
}

bool Plan::MayBeResult(std::string_view name) const {
  if (kind == Kind::kNamed) return leaf.name == name;
  return leaf.field != Field::kArg || leaf.text(name);
}

void Plan::ForgetThreads() {
  if (kind == Kind::kThreads) members_.clear();
  for (Plan& child : children) child.ForgetThreads();
}

}  // namespace pytrace::query
