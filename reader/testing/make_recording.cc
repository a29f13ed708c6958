// make_recording SHAPE FILE [CALLS [SEED]]: a database for tests of the reader, the same each time.
//   shop    some 60 calls worth looking at: arguments, exceptions, a generator, threads, a log, a loss, start-up,
//   hostile
//           names
//   wide    CALLS calls of 200 functions in 4 threads, a few of them slow, some raise
//   random  the same by another SEED and with values of all kinds, in blocks of 8 calls
//   deep    CALLS calls of one recursion
//   huge    CALLS calls with a text of 10 MB each
//   many    CALLS functions, each called once
//   nested  a call with a long dict
//   crashed a program that was killed in a call
//   empty   no call
//   live    grows by as many calls as each line of stdin says; in a recording that is there it is one more run
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "reader/testing/recording.h"

namespace pytrace::reader::testing {
namespace {

using store::FunctionRow;
using store::Outcome;
using store::Start;

FunctionRow Function(const char* module, const char* qualname, const char* file, uint32_t line,
                     std::vector<std::string> arguments) {
  const char* dot = strrchr(qualname, '.');
  FunctionRow row;
  row.module = module;
  row.func = dot == nullptr ? qualname : dot + 1;
  row.qualname = qualname;
  row.file = file;
  row.line = line;
  row.arguments = std::move(arguments);
  return row;
}

// One customer after the other buys; the second one's article does not exist.
class Shop {
 public:
  explicit Shop(Recording* to) : to_(to) {
    process_ = to_->AddProcess(812, {"python3", "shop.py"});
    main_ = to_->AddThread(process_, 812, "MainThread", true);
    worker_ = to_->AddThread(process_, 830, "mailer", false);
    to_->writer()->AddType(process_, 1, "shop.cart.Cart");
    to_->writer()->AddType(process_, 2, "KeyError");
    to_->writer()->AddType(process_, 3, "bad\033[31mtype");
    startup_ =
        Add("importlib._bootstrap", "_find_and_load", "<frozen importlib._bootstrap>", 1022, {"name", "import_"});
    module_ = Add("shop.py", "<module>", "/home/ada/shop.py", 1, {});
    checkout_ = Add("shop.cart", "checkout", "/home/ada/shop/cart.py", 41, {"cart", "user"});
    total_ = Add("shop.cart", "Cart.total", "/home/ada/shop/cart.py", 77, {"self"});
    lookup_ = Add("shop.price", "lookup", "/home/ada/shop/price.py", 12, {"sku", "currency"});
    fib_ = Add("shop.price", "fib", "/home/ada/shop/price.py", 30, {"n"});
    lines_ = Add("shop.cart", "lines", "/home/ada/shop/cart.py", 90, {"cart"});
    mail_ = Add("shop.mail", "send", "/home/ada/shop/mail.py", 5, {"to", "text"});
    hostile_ = Add("evil\033]0;title\007", "na\033[2Jme\xff", "/tmp/\n", 1, {"a\tb"});
  }

  void Record() {
    to_->Enter(main_, startup_, {Str("shop"), None()});
    to_->Tick(400'000);
    to_->Leave(main_, None());
    to_->writer()->SetMain(process_, to_->now() + 1);
    to_->Enter(main_, module_, {});
    Buy({"A-17", "B-01"}, "ada");
    to_->Tick(3'000'000);
    Buy({"A-17", "B-02"}, "bob");
    Hostile();
    to_->Lose(main_, 700, 503);
    Fib(5);
    to_->Leave(main_, None());
    to_->writer()->SetMainEnd(process_, to_->now() + 1);
    to_->Tick(1000);
    to_->Enter(main_, startup_, {Str("atexit"), None()});
    to_->Leave(main_, None());
  }

 private:
  uint32_t Add(const char* module, const char* qualname, const char* file, uint32_t line,
               std::vector<std::string> arguments) {
    return to_->AddFunction(process_, Function(module, qualname, file, line, std::move(arguments)));
  }

  void Buy(const std::vector<const char*>& skus, const char* user) {
    std::string cart = Object(1, 0x7f5a1c0d2e80);
    to_->Enter(main_, checkout_, {cart, Str(user)});
    to_->Tick(12'000);
    to_->Enter(main_, lines_, {cart});
    to_->Tick(900);
    to_->Leave(main_, Int(static_cast<int64_t>(skus.size())), Outcome::kYield);
    to_->Enter(main_, total_, {cart});
    bool sold = true;
    for (const char* sku : skus) sold = sold && Lookup(sku);
    to_->Leave(main_, sold ? Float(12.5) : Exception(2, {Str("B-02")}), sold ? Outcome::kReturn : Outcome::kException);
    to_->Enter(main_, lines_, {}, sold ? Start::kResume : Start::kThrow);
    to_->Tick(300);
    to_->Leave(main_, None());
    if (sold) to_->Log(main_, "sold to ada for 12.50 €");
    to_->Enter(worker_, mail_,
               {Str("ada@example.org"),
                Str(std::string(sold ? "your order is on its way: " : "sorry: ") + std::string(90, 'x'))});
    to_->Tick(2'500'000);
    to_->Leave(main_, sold ? None() : Exception(2, {Str("B-02")}), sold ? Outcome::kReturn : Outcome::kException);
    to_->Leave(worker_, Bool(true));
  }

  bool Lookup(const char* sku) {
    bool known = strcmp(sku, "B-02") != 0;
    to_->Enter(main_, lookup_, {Str(sku), Str("EUR")});
    to_->Tick(known ? 10'900'000 : 810'000);
    to_->Leave(main_, known ? Float(6.25) : Exception(2, {Str(sku)}), known ? Outcome::kReturn : Outcome::kException);
    return known;
  }

  void Hostile() {
    to_->Enter(main_, hostile_, {Str("\033[31mred\r\n日本語 e\xcc\x81 \xf0\x9f\x90\x8d")});
    to_->Leave(main_, Object(3, 0xbad));
  }

  int Fib(int n) {
    to_->Enter(main_, fib_, {Int(n)});
    to_->Tick(150);
    int value = n < 2 ? n : Fib(n - 1) + Fib(n - 2);
    to_->Leave(main_, Int(value));
    return value;
  }

  Recording* to_;
  int64_t process_ = 0;
  int main_ = 0, worker_ = 0;
  uint32_t startup_, module_, checkout_, total_, lookup_, fib_, lines_, mail_, hostile_;
};

// Numbers that look random and are the same each time.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint32_t Roll(uint32_t sides) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state_ >> 33) % sides;
  }

 private:
  uint64_t state_;
};

// Values of every kind that comparisons treat in a way of its own.
std::string AnyValue(Dice* dice) {
  switch (dice->Roll(8)) {
    case 0:
      return None();
    case 1:
      return Bool(dice->Roll(2) != 0);
    case 2:
      return Float(dice->Roll(4) - 1.5);
    case 3:
      return Int(static_cast<int64_t>(dice->Roll(5)) - 2);
    case 4:
      return Str("it's");
    case 5:
      return Str(dice->Roll(2) != 0 ? "a\\b" : "tab\t");
    case 6:
      return Str("True");
    default:
      return Object(1, 16 * dice->Roll(4));
  }
}

// `mixed`: of values of all kinds.
void RecordWide(Recording* to, int64_t calls, uint64_t seed, bool mixed) {
  constexpr int kThreads = 4;
  constexpr uint32_t kFunctions = 200;
  Dice dice(seed);
  int64_t process = to->AddProcess(4000, {"python3", "wide.py"});
  int threads[kThreads];
  for (int i = 0; i < kThreads; ++i)
    threads[i] = to->AddThread(process, 4000 + i, i == 0 ? "MainThread" : "worker-" + std::to_string(i), i == 0);
  to->writer()->AddType(process, 1, "wide.Node");
  to->writer()->AddType(process, 2, "ValueError");
  std::vector<uint32_t> functions;
  for (uint32_t i = 0; i < kFunctions; ++i) {
    std::string number = std::to_string(i);
    functions.push_back(to->AddFunction(
        process, Function(("wide.part" + std::to_string(i % 10)).c_str(), ("Node.step_" + number).c_str(),
                          "/srv/wide.py", 10 + i, {"self", "n", "name"})));
  }
  to->writer()->SetMain(process, to->now());
  for (int64_t made = 0; made < calls;) {
    int thread = threads[dice.Roll(1000) == 0 ? dice.Roll(kThreads) : 0];
    to->Tick(dice.Roll(100'000) == 0 ? 2'000'000 : dice.Roll(80));
    // Depth wanders between 0 and some 40.
    if (to->depth(thread) == 0 || (to->depth(thread) < 40 && dice.Roll(100) < 52)) {
      int64_t n = dice.Roll(10'000);
      to->Enter(thread, functions[dice.Roll(dice.Roll(10) == 0 ? kFunctions : 20)],
                {mixed ? AnyValue(&dice) : Object(1, 0x7f0000000000 + 16 * n), Int(n),
                 Str("item-" + std::to_string(n % 100))});
      ++made;
    } else if (dice.Roll(5000) == 0) {
      to->Leave(thread, Exception(2, {Str("no such node")}), Outcome::kException);
    } else {
      to->Leave(thread, mixed ? AnyValue(&dice) : Int(dice.Roll(1000)));
    }
  }
}

void RecordDeep(Recording* to, int64_t calls) {
  int64_t process = to->AddProcess(77, {"python3", "deep.py"});
  int thread = to->AddThread(process, 77, "MainThread", true);
  uint32_t down = to->AddFunction(process, Function("deep.py", "down", "/srv/deep.py", 1, {"n"}));
  to->writer()->SetMain(process, to->now());
  for (int64_t i = 0; i < calls; ++i) to->Enter(thread, down, {Int(i)});
  for (int64_t i = calls; i > 0; --i) to->Leave(thread, Int(i));
}

void RecordHuge(Recording* to, int64_t calls) {
  int64_t process = to->AddProcess(77, {"python3", "huge.py"});
  int thread = to->AddThread(process, 77, "MainThread", true);
  uint32_t eat = to->AddFunction(process, Function("huge.py", "eat", "/srv/huge.py", 1, {"text"}));
  to->writer()->SetMain(process, to->now());
  for (int64_t i = 0; i < calls; ++i) {
    to->Enter(thread, eat, {Str(std::string(10u << 20, 'x'))});
    to->Leave(thread, None());
  }
}

void RecordMany(Recording* to, int64_t calls) {
  int64_t process = to->AddProcess(77, {"python3", "many.py"});
  int thread = to->AddThread(process, 77, "MainThread", true);
  to->writer()->SetMain(process, to->now());
  for (int64_t i = 0; i < calls; ++i) {
    std::string name = "f" + std::to_string(i);
    uint32_t function = to->AddFunction(process, Function("many.py", name.c_str(), "/srv/many.py", 1, {"n"}));
    to->Enter(thread, function, {Int(i)});
    to->Tick(100);
    to->Leave(thread, None());
  }
}

void RecordCrashed(Recording* to) {
  int64_t process = to->AddProcess(91, {"python3", "fall.py"});
  int thread = to->AddThread(process, 91, "MainThread", true);
  uint32_t main = to->AddFunction(process, Function("fall.py", "<module>", "/srv/fall.py", 1, {}));
  uint32_t fall = to->AddFunction(process, Function("fall.py", "fall", "/srv/fall.py", 3, {"depth"}));
  to->Tick(1000);
  to->writer()->SetMain(process, to->now());
  to->Enter(thread, main, {});
  for (int depth = 0; depth < 3; ++depth) {
    to->Tick(500'000);
    to->Enter(thread, fall, {Int(depth)});
  }
}

void RecordNested(Recording* to) {
  int64_t process = to->AddProcess(77, {"python3", "nested.py"});
  int thread = to->AddThread(process, 77, "MainThread", true);
  uint32_t order = to->AddFunction(process, Function("nested.py", "order", "/srv/nested.py", 1, {"request", "sizes"}));
  to->writer()->SetMain(process, to->now());
  auto line = [](const char* sku, int64_t count, double price) { return Tuple({Str(sku), Int(count), Float(price)}); };
  std::string customer = Dict({Str("name"), Str("Ada Lovelace, Countess"), Str("mail"), Str("ada@example.org"),
                               Str("(groups)"), List({Str("staff"), Str("maths")})});
  std::string request = Dict({Str("id"), Int(4711), Str("customer"), customer, Str("lines"),
                              List({line("A-17", 2, 12.5), line("B-02", 1, 99.8)}), Str("seen"), List({}), Str("note"),
                              Str(std::string(70, 'x') + " and, [so on")});
  to->Enter(thread, order, {request, List({Int(1), Int(2), Int(3)})});
  to->Tick(1'000'000);
  to->Leave(thread, Dict({Str("state"), Str("sold"), Str("items"), List({Str("A-17"), Str("B-02")})}));
}

void RecordLive(Recording* to) {
  int64_t process = to->AddProcess(77, {"python3", "live.py"});
  int thread = to->AddThread(process, 77, "MainThread", true);
  uint32_t step = to->AddFunction(process, Function("live.py", "step", "/srv/live.py", 1, {"n"}));
  to->writer()->SetMain(process, to->now());
  int64_t made = 0;
  char line[64];
  do {
    to->Commit();
    printf("ok\n");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == nullptr) break;
    for (int64_t left = strtoll(line, nullptr, 10); left > 0; --left) {
      to->Enter(thread, step, {Int(++made)});
      to->Tick(1000);
      to->Leave(thread, Int(made));
    }
  } while (true);
}

int Main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "make_recording shop|wide|random|deep|huge|many|nested|crashed|empty|live FILE [CALLS [SEED]]\n");
    return 2;
  }
  std::string shape = argv[1];
  int64_t calls = argc > 3 ? strtoll(argv[3], nullptr, 10) : 1000;
  uint64_t seed = argc > 4 ? strtoull(argv[4], nullptr, 10) : 42;
  bool live = shape == "live";
  if (!live) unlink(argv[2]);
  // Small blocks where few calls should still make several.
  Recording recording(argv[2],
                      shape == "random" ? 8
                      : shape == "shop" ? 16
                      : shape == "deep" ? 256
                                        : store::kBlockCalls,
                      live ? "live " + std::to_string(getpid()) : "0123456789abcdef");
  if (shape == "shop") Shop(&recording).Record();
  if (shape == "wide" || shape == "random") RecordWide(&recording, calls, seed, shape == "random");
  if (shape == "deep") RecordDeep(&recording, calls);
  if (shape == "huge") RecordHuge(&recording, calls);
  if (shape == "many") RecordMany(&recording, calls);
  if (shape == "nested") RecordNested(&recording);
  if (shape == "crashed") RecordCrashed(&recording);
  if (live) RecordLive(&recording);
  recording.End();
  return 0;
}

}  // namespace
}  // namespace pytrace::reader::testing

int main(int argc, char** argv) { return pytrace::reader::testing::Main(argc, argv); }
