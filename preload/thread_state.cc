#include "preload/thread_state.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "preload/cold_record.h"
#include "preload/process.h"
#include "preload/strands.h"
#include "pyshim/libc.h"
#include "ringbuf/record/encode.h"

extern "C" void* __libc_stack_end;

namespace pytrace {

using ring::ChunkHeader;
namespace tag = record::tag;

__thread ThreadState thread_state;

namespace {

constexpr int kWaitMs = 20;
constexpr int kLongestCommitMs = 5000;
constexpr uint32_t kChunksPerDumperCheck = 64;  // 4 MiB of records
constexpr size_t kMinStack = 4096;              // shadow stack entries to begin with

// glibc moved the pthread functions into libc.so.6; found by name, they need no version.
struct Pthread {
  int (*key_create)(pthread_key_t*, void (*)(void*));
  int (*setspecific)(pthread_key_t, const void*);
  int (*getattr_np)(pthread_t, pthread_attr_t*);
  int (*attr_getstack)(const pthread_attr_t*, void**, size_t*);
  int (*attr_destroy)(pthread_attr_t*);
  pthread_key_t key;
  bool ready;
} threads;

uint32_t Tid() { return static_cast<uint32_t>(syscall(SYS_gettid)); }

// Where this thread's C stack lies: the guard is its middle.
void FindStack(ThreadState& t) {
  uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  uintptr_t base = 0, low = 0;
  if (Tid() == static_cast<uint32_t>(getpid())) {
    struct rlimit limit;
    base = reinterpret_cast<uintptr_t>(__libc_stack_end);
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
    low = base - limit.rlim_cur;
  } else {
    pthread_attr_t attributes;
    void* address;
    size_t size;
    if (threads.getattr_np(pthread_self(), &attributes) != 0) return;
    if (threads.attr_getstack(&attributes, &address, &size) == 0) {
      low = reinterpret_cast<uintptr_t>(address);
      base = low + size;
    }
    threads.attr_destroy(&attributes);
  }
  if (here <= low || here >= base) return;  // on a stack of its own (greenlets, signal stacks): unknown, no guard
  t.stack_low = low;
  t.stack_guard = low + (base - low) / 2;
}

void WriteThreadRecord(ThreadState& t) {
  ColdRecord thread(t, tag::kThread);
  thread.out.Uint(record::Tag(1, record::kVarint), t.ring->tid);
  thread.Time();
  if (t.ring->tid == static_cast<uint32_t>(getpid())) {
    thread.out.Text(record::Tag(3, record::kBytes), "MainThread");
    thread.out.Uint(record::Tag(4, record::kVarint), 1);
  }
  thread.Publish();
}

bool TakeRing(ThreadState& t) {
  if (t.ring != nullptr && t.epoch_bits == process.epoch_bits) return true;
  if (!process.segment.mapped() && !OpenSegment()) return false;
  ring::Ring* ring = process.segment.TakeRing(Tid());
  if (ring == nullptr) return false;
  t.ring = ring;
  t.epoch_bits = process.epoch_bits;
  t.writer.chunk = nullptr;
  t.writer.records = 0;
  t.writer.last_time = process.Now();
  t.chunks = 0;
  t.first_call = t.writer.calls;
  t.newest = 0;
  t.strand_told = 0;
  t.resync = false;
  if (threads.ready) threads.setspecific(threads.key, &t);
  if (t.stack_guard == 0) FindStack(t);
  return true;
}

bool Stopped() {
  if (process.control == nullptr) return false;
  uint32_t stop = process.control->stopped.load(std::memory_order_relaxed);
  return stop != static_cast<uint32_t>(ring::Stop::kNo) && stop != static_cast<uint32_t>(ring::Stop::kTrying);
}

// The next chunk, or nullptr and why not.
ChunkHeader* TakeChunk(ThreadState& t, bool large, ring::Drop* why) {
  for (;;) {
    bool no_memory;
    uint32_t epoch = process.segment.FreeEpoch();
    ChunkHeader* chunk = process.segment.TakeChunk(large, &no_memory);
    if (chunk != nullptr) return chunk;
    *why = no_memory ? ring::Drop::kNoMemory : ring::Drop::kFull;
    if (!process.config.block) return nullptr;
    if (no_memory && t.writer.chunk == nullptr) return nullptr;  // nothing of ours that could ever be freed
    if (!EnsureDumper()) return nullptr;
    if (Stopped()) {
      *why = ring::Drop::kStopped;
      return nullptr;
    }
    RingDoorbell();
    process.segment.WaitForFree(epoch, kWaitMs);
  }
}

// For the dumper, should the thread end before there is room for a Loss record.
void ShowUntold(ThreadState& t) {
  if (t.ring == nullptr) return;
  t.ring->untold[0].store(t.lost_enters, std::memory_order_relaxed);
  t.ring->untold[1].store(t.lost_leaves, std::memory_order_relaxed);
  t.ring->untold[2].store(t.lost_others, std::memory_order_relaxed);
}

void CountLoss(ThreadState& t, What what, ring::Drop why) {
  (what == What::kEnter ? t.lost_enters : what == What::kLeave ? t.lost_leaves : t.lost_others)++;
  t.lost_reason = static_cast<uint32_t>(why);
  t.resync = true;
  if (t.ring != nullptr) t.ring->dropped[static_cast<int>(why)].fetch_add(1, std::memory_order_relaxed);
  ShowUntold(t);
}

// Says what is missing, as the first record that has room again.
void WriteLoss(ThreadState& t) {
  ColdRecord loss(t, tag::kLoss);
  if (t.lost_reason) loss.out.Uint(record::Tag(1, record::kVarint), t.lost_reason);
  loss.Time();
  if (t.lost_enters) loss.out.Uint(record::Tag(3, record::kVarint), t.lost_enters);
  if (t.lost_leaves) loss.out.Uint(record::Tag(4, record::kVarint), t.lost_leaves);
  if (t.lost_others) loss.out.Uint(record::Tag(5, record::kVarint), t.lost_others);
  loss.out.Uint(record::Tag(6, record::kVarint), t.writer.calls + 1);
  if (!loss.Publish()) return;
  t.lost_enters = t.lost_leaves = t.lost_others = 0;
  ShowUntold(t);
}

void ThreadEnds(void* state) {
  ThreadState& t = *static_cast<ThreadState*>(state);
  if (t.ring != nullptr && t.epoch_bits == process.epoch_bits) {
    t.ring->written.store(t.writer.records, std::memory_order_relaxed);
    t.ring->state.store(ring::RingState::kClosed,
                        std::memory_order_release);  // pairs with the drain's acquire: all is written
    RingDoorbell();
  }
  FreeStrands(t);
  if (t.stack != nullptr) munmap(t.stack, (t.stack_end - t.stack) * sizeof(ThreadState::Open));
  t = ThreadState();  // another destructor may still run Python: that would take a new ring
}

bool TakeRoom(ThreadState& t, uint32_t bytes, What what) {
  if (process.off.load(std::memory_order_relaxed)) return false;
  ring::Drop why = ring::Drop::kNoMemory;
  if (Stopped()) {
    CountLoss(t, what, ring::Drop::kStopped);
    return false;
  }
  if (!TakeRing(t)) {
    CountLoss(t, what, why);
    return false;
  }
  if (t.writer.chunk == nullptr || static_cast<size_t>(t.writer.end - t.writer.at) < bytes + ring::kRoom) {
    // A thread's first chunk is small: most threads never need another.
    bool large = t.chunks > 0 || bytes + ring::kRoom + sizeof(ChunkHeader) > ring::kUnitBytes;
    ChunkHeader* chunk = TakeChunk(t, large, &why);
    if (chunk == nullptr) {
      CountLoss(t, what, why);
      return false;
    }
    bool first = t.writer.chunk == nullptr;
    t.writer.MoveTo(&process.segment, t.ring, chunk);
    if (first) WriteThreadRecord(t);
    if (++t.chunks % kChunksPerDumperCheck == 0 || process.segment.FillingUp()) EnsureDumper();
    RingDoorbell();
  }
  if (t.lost_enters | t.lost_leaves | t.lost_others) WriteLoss(t);
  return true;
}

}  // namespace

bool InitThreads() {
  auto find = [](const char* name) { return FindSymbol(RTLD_DEFAULT, name); };
  threads.key_create = reinterpret_cast<decltype(threads.key_create)>(FindSymbol(RTLD_NEXT, "pthread_key_create"));
  threads.setspecific = reinterpret_cast<decltype(threads.setspecific)>(find("pthread_setspecific"));
  threads.getattr_np = reinterpret_cast<decltype(threads.getattr_np)>(find("pthread_getattr_np"));
  threads.attr_getstack = reinterpret_cast<decltype(threads.attr_getstack)>(find("pthread_attr_getstack"));
  threads.attr_destroy = reinterpret_cast<decltype(threads.attr_destroy)>(find("pthread_attr_destroy"));
  if (!threads.key_create || !threads.setspecific || !threads.getattr_np || !threads.attr_getstack ||
      !threads.attr_destroy)
    return false;
  threads.ready = threads.key_create(&threads.key, &ThreadEnds) == 0;
  return threads.ready;
}

void ForgetThread(ThreadState& t) {
  t.ring = nullptr;
  t.writer.chunk = nullptr;
  t.writer.at = t.writer.limit = t.writer.end = nullptr;
  t.first_call = t.writer.calls;
  t.newest = 0;
  t.strand_told = 0;
  t.lost_enters = t.lost_leaves = t.lost_others = 0;
  t.resync = false;
}

void WaitUntilCommitted(const ThreadState& t) {
  if (t.ring == nullptr || t.writer.chunk == nullptr || t.epoch_bits != process.epoch_bits) return;
  uint64_t end = t.writer.chunk->position + (t.writer.at - t.writer.payload());
  for (int i = 0; i < kLongestCommitMs && t.ring->drained.load(std::memory_order_relaxed) < end; ++i) {
    if (Stopped() || !EnsureDumper()) return;
    RingDoorbell();
    struct timespec pause = {0, 1000000};
    syscall(SYS_nanosleep, &pause, nullptr);
  }
}

__attribute__((noinline)) bool MakeRoom(ThreadState& t, uint32_t bytes, What what) {
  // C code that calls back into Python may look at errno afterwards.
  int error = errno;
  bool ok = TakeRoom(t, bytes, what);
  errno = error;
  return ok;
}

}  // namespace pytrace
