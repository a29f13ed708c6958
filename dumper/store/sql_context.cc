#include "dumper/store/sql_context.h"

#include "dumper/store/schema.h"

namespace pytrace::store {
namespace {

constexpr size_t kRememberedBlocks = 8;

}  // namespace

bool SqlContext::Connect(std::string* error) {
  if (database_ == nullptr) {
    if (Identify(db_, "the main database", error) == Identity::kRefused) return false;
    own_ = Database::Wrap(db_);
    database_ = own_.get();
  }
  ++connected_;
  return true;
}

void SqlContext::Disconnect() {
  if (--connected_ > 0) return;
  blocks_.clear();
  if (own_) database_ = nullptr;
  own_.reset();
}

bool SqlContext::Refresh() {
  if (own_ && !database_->Refresh()) return false;
  if (database_->version() != version_) blocks_.clear();
  version_ = database_->version();
  return true;
}

double SqlContext::Calls() {
  Refresh();
  const auto& zones = database_->zones();
  if (zones.empty()) return 1;
  return static_cast<double>(zones.back().first_id - zones.front().first_id) + zones.back().calls;
}

std::shared_ptr<const DecodedBlock> SqlContext::Block(size_t zone, bool values, bool* gone) {
  int64_t first_id = database_->zones()[zone].first_id;
  for (auto at = blocks_.begin(); at != blocks_.end(); ++at) {
    if ((*at)->first_id != first_id || (values && !(*at)->has_values)) continue;
    std::shared_ptr<const DecodedBlock> found = *at;
    blocks_.erase(at);
    blocks_.push_front(found);
    return found;
  }
  auto fresh = std::make_shared<DecodedBlock>();
  *gone = false;
  if (!database_->ReadBlock(zone, values, fresh.get())) {
    *gone = database_->gone();
    return nullptr;
  }
  std::erase_if(blocks_, [&](const auto& block) { return block->first_id == first_id; });
  blocks_.push_front(fresh);
  if (blocks_.size() > kRememberedBlocks) blocks_.pop_back();
  return fresh;
}

std::string SqlContext::ValueText(uint32_t thread, std::string_view value) const {
  std::string text;
  record::AppendValueText(value, ThreadTypes(catalog(), thread), &text);
  return text;
}

std::string SqlContext::ValueType(uint32_t thread, std::string_view value) const {
  std::string text;
  record::AppendValueType(value, ThreadTypes(catalog(), thread), &text);
  return text;
}

}  // namespace pytrace::store
