#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <random>

namespace pytrace::fuzz {
namespace {

constexpr size_t kLargest = 1 << 16;
constexpr int kHangSeconds = 60;
constexpr size_t kEdges = 1 << 16;

uint8_t edges[kEdges];  // places of the code that some input reached
bool new_edge = false;

const char* input_data = nullptr;
size_t input_size = 0;
char crash_path[4096];

void SaveInput() {
  int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || write(fd, input_data, input_size) < 0) return;
  close(fd);
  dprintf(2, "the input is in %s\n", crash_path);
}

void OnSignal(int number) {
  dprintf(2, "%s\n", number == SIGALRM ? "an input takes too long" : strsignal(number));
  SaveInput();
  signal(number, SIG_DFL);
  raise(number == SIGALRM ? SIGABRT : number);
}

// Memory whose last byte is followed by a page that nobody may touch.
class Edge {
 public:
  Edge() {
    char* map =
        static_cast<char*>(mmap(nullptr, kLargest + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (map == MAP_FAILED || mprotect(map + kLargest, 4096, PROT_NONE) != 0) abort();
    end_ = map + kLargest;
  }
  std::string_view Put(std::string_view bytes) {
    char* begin = end_ - bytes.size();
    memcpy(begin, bytes.data(), bytes.size());
    return {begin, bytes.size()};
  }

 private:
  char* end_;
};

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string Make(const std::vector<std::string>& corpus) {
    std::string bytes = corpus[Below(corpus.size())];
    for (size_t n = 1 + Below(4); n > 0; --n) Change(corpus, &bytes);
    if (bytes.size() > kLargest) bytes.resize(kLargest);
    return bytes;
  }

 private:
  size_t Below(size_t n) { return n == 0 ? 0 : random_() % n; }

  void Change(const std::vector<std::string>& corpus, std::string* bytes) {
    static constexpr unsigned char kTelling[] = {0, 1, 0x7f, 0x80, 0xff, 0x08, 0x10, 0x1a, 0xfe};
    size_t at = Below(bytes->size());
    switch (Below(7)) {
      case 0:
        if (!bytes->empty()) (*bytes)[at] ^= static_cast<char>(1 << Below(8));
        break;
      case 1:
        if (!bytes->empty()) (*bytes)[at] = static_cast<char>(kTelling[Below(sizeof(kTelling))]);
        break;
      case 2:
        bytes->resize(at);
        break;
      case 3:
        bytes->erase(at, 1 + Below(8));
        break;
      case 4:
        bytes->insert(at, 1 + Below(8), static_cast<char>(random_()));
        break;
      case 5:  // a number of eight bytes
        for (int i = 0; i < 8 && at + i < bytes->size(); ++i) (*bytes)[at + i] = static_cast<char>(random_() >> 56);
        break;
      default: {  // a piece of another
        const std::string& other = corpus[Below(corpus.size())];
        size_t from = Below(other.size());
        bytes->insert(at, other, from, Below(other.size() - from + 1));
      }
    }
  }

  std::mt19937_64 random_;
};

std::vector<std::string> ReadFolder(const std::string& path) {
  std::vector<std::string> files;
  DIR* folder = opendir(path.c_str());
  if (folder == nullptr) return files;
  while (struct dirent* entry = readdir(folder)) {
    if (entry->d_name[0] == '.') continue;
    std::ifstream in(path + "/" + entry->d_name, std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  closedir(folder);
  return files;
}

void Catch() {
  const char* folder = getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  snprintf(crash_path, sizeof(crash_path), "%s/fuzz-%d.input", folder != nullptr ? folder : "/tmp", getpid());
  for (int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM}) signal(number, OnSignal);
}

}  // namespace

void Expect(bool held, const char* what) {
  if (held) return;
  dprintf(2, "broken: %s\n", what);
  abort();
}

int Run(const char* folder, const Seeds& seeds, Target target) {
  Catch();
  const char* seconds = getenv("FUZZ_SECONDS");
  const char* seed = getenv("FUZZ_SEED");
  std::vector<std::string> corpus = ReadFolder(std::string("tests/fuzz/corpus/") + folder);
  corpus.insert(corpus.end(), seeds.begin(), seeds.end());
  if (corpus.empty()) corpus.emplace_back();
  Mutator mutator(seed != nullptr ? strtoull(seed, nullptr, 10) : 1);
  Edge edge;
  using Clock = std::chrono::steady_clock;
  auto end = Clock::now() + std::chrono::seconds(seconds != nullptr ? atoi(seconds) : 15);
  Clock::time_point armed;
  uint64_t runs = 0;
  for (size_t file = 0; file < corpus.size() || Clock::now() < end; ++runs) {
    std::string made = file < corpus.size() ? corpus[file] : mutator.Make(corpus);
    bool mutated = file >= corpus.size();
    file += !mutated;
    if (made.size() > kLargest) made.resize(kLargest);
    std::string_view input = edge.Put(made);
    input_data = input.data();
    input_size = input.size();
    new_edge = false;
    if (auto now = Clock::now(); now - armed >= std::chrono::seconds(1)) {
      alarm(kHangSeconds);
      armed = now;
    }
    target(input);
    if (mutated && new_edge) corpus.insert(corpus.end(), std::move(made)), file = corpus.size();
  }
  alarm(0);
  printf("%llu inputs, %zu in the corpus\n", static_cast<unsigned long long>(runs), corpus.size());
  return 0;
}

}  // namespace pytrace::fuzz

// Called at every edge of code that is built with -fsanitize-coverage=trace-pc.
extern "C" __attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc() {
  uintptr_t pc = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  uint8_t& edge = pytrace::fuzz::edges[(pc ^ pc >> 16) % pytrace::fuzz::kEdges];
  if (edge == 0) pytrace::fuzz::new_edge = true;
  edge = 1;
}
