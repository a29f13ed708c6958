#include "preload/strands.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <new>

#include "preload/cold_record.h"
#include "preload/process.h"
#include "ringbuf/record/encode.h"

namespace pytrace {
namespace {

constexpr uint32_t kFirstBuckets = 64;

Strand** BucketOf(Strands& s, const void* bottom) {
  uint64_t hash = (reinterpret_cast<uintptr_t>(bottom) >> 4) * 0x9e3779b97f4a7c15;
  return &s.buckets[(hash >> 32) & (s.bucket_count - 1)];
}

bool Grow(Strands& s) {
  Strand** old = s.buckets;
  uint32_t old_count = s.bucket_count;
  uint32_t count = old_count != 0 ? old_count * 2 : kFirstBuckets;
  Strand** buckets = static_cast<Strand**>(calloc(count, sizeof(Strand*)));
  if (buckets == nullptr) return false;
  s.buckets = buckets;
  s.bucket_count = count;
  for (uint32_t i = 0; i < old_count; ++i) {
    while (Strand* strand = old[i]) {
      old[i] = strand->next;
      Strand** bucket = BucketOf(s, strand->bottom);
      strand->next = *bucket;
      *bucket = strand;
    }
  }
  free(old);
  return true;
}

void Insert(Strands& s, Strand* strand, const void* bottom) {
  strand->bottom = bottom;
  // Where memory is short the buckets get longer, or it is not found again and its calls stay open.
  if (s.known >= s.bucket_count) Grow(s);
  if (s.bucket_count == 0) return;
  Strand** bucket = BucketOf(s, bottom);
  strand->next = *bucket;
  *bucket = strand;
  ++s.known;
}

void Remove(Strands& s, Strand* strand) {
  if (s.bucket_count == 0) return;
  for (Strand** at = BucketOf(s, strand->bottom); *at != nullptr; at = &(*at)->next) {
    if (*at != strand) continue;
    *at = strand->next;
    --s.known;
    return;
  }
}

Strand* Find(Strands& s, const void* bottom) {
  if (s.bucket_count == 0) return nullptr;
  Strand* strand = *BucketOf(s, bottom);
  while (strand != nullptr && strand->bottom != bottom) strand = strand->next;
  return strand;
}

// Whether the strand that runs has no call that matters.
bool Idle(const ThreadState& t) {
  return t.newest <= t.first_call && t.strands->running->frame == nullptr && t.top == t.stack && t.suppressed == 0;
}

Strand* IdleOrNew(Strands& s) {
  Strand* strand = s.idle;
  if (strand != nullptr) {
    s.idle = strand->next;
    return strand;
  }
  void* memory = malloc(sizeof(Strand));
  if (memory == nullptr) return nullptr;
  strand = new (memory) Strand();
  strand->id = ++s.last_id;
  return strand;
}

bool Is(const char* name, const char* module, size_t size) {
  size_t n = strlen(name);
  return size >= n && memcmp(module, name, n) == 0 && (size == n || module[n] == '.');
}

}  // namespace

bool BringsGreenlets(const char* module, size_t size) {
  // Up to 0.4 greenlet has no Python code of its own; then its users are met.
  return Is("greenlet", module, size) || Is("gevent", module, size) || Is("eventlet", module, size);
}

void BeginStrands() { process.strands = true, process.SetShortWay(); }

void RunStrandOf(ThreadState& t, const void* bottom) {
  if (t.strands == nullptr) {
    void* memory = malloc(sizeof(Strands));
    if (memory == nullptr) return;
    t.strands = new (memory) Strands();
    t.strands->began = t.writer.calls;
    return Insert(*t.strands, &t.strands->root, bottom);
  }
  Strands& s = *t.strands;
  if (s.running->bottom == bottom) return;
  Strand* strand = Find(s, bottom);
  if (strand == nullptr) {
    if (Idle(t)) {
      Remove(s, s.running);
      return Insert(s, s.running, bottom);
    }
    strand = IdleOrNew(s);
    if (strand == nullptr) return;
    Insert(s, strand, bottom);
  }
  RunStrand(t, strand);
}

void RunStrand(ThreadState& t, Strand* strand) {
  Strands& s = *t.strands;
  Strand* waits = s.running;
  bool idle = Idle(t);
  waits->newest = t.newest;
  waits->suppressed = t.suppressed;
  waits->top = t.top;
  waits->stack = t.stack;
  waits->stack_end = t.stack_end;
  if (idle) {
    Remove(s, waits);
    waits->bottom = nullptr;
    waits->next = s.idle;
    s.idle = waits;
  }
  s.running = strand;
  t.strand = strand->id;
  t.newest = strand->newest > t.first_call ? strand->newest : 0;  // else it began before a fork
  t.suppressed = strand->suppressed;
  t.top = strand->top;
  t.stack = strand->stack;
  t.stack_end = strand->stack_end;
}

void TellStrand(ThreadState& t) {
  ColdRecord strand(t, record::tag::kStrand);
  strand.out.Uint(record::Tag(1, record::kVarint), t.strand);
  strand.Time();
  t.strand_told = t.strand;
  strand.Publish();
}

void FreeStrands(ThreadState& t) {
  if (t.strands == nullptr) return;
  Strands& s = *t.strands;
  auto drop = [&](Strand* strand) {
    if (strand->stack != nullptr && strand != s.running)
      munmap(strand->stack, (strand->stack_end - strand->stack) * sizeof(ThreadState::Open));
    if (strand != &s.root) free(strand);
  };
  auto drop_list = [&](Strand* first) {
    while (Strand* strand = first) {
      first = strand->next;
      drop(strand);
    }
  };
  for (uint32_t i = 0; i < s.bucket_count; ++i) drop_list(s.buckets[i]);
  drop_list(s.idle);
  free(s.buckets);
  free(t.strands);
  t.strands = nullptr;
}

}  // namespace pytrace
