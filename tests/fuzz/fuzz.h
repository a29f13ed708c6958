// A fuzzer: runs a target over every file of a corpus, then over mutations of them until its time is up. Where the
// build has coverage callbacks (--config=fuzz) an input that reaches code not seen before joins the corpus in memory.
//
// Each input lies before a page that cannot be touched, so that reading past its end is a crash in every build. An
// input that crashes, or takes longer than a minute, is written to a file, which is named; it goes into the corpus
// when the fault is mended.
//
//   FUZZ_SECONDS   how long; 15 by default
//   FUZZ_SEED      of the mutations; else the same ones each time
#ifndef PYTRACE_TESTS_FUZZ_FUZZ_H_
#define PYTRACE_TESTS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pytrace::fuzz {

// Takes any bytes. May say by Expect that a promise was broken.
using Target = void (*)(std::string_view input);

// Made by the target's own program, beside the files: inputs that are as they should be.
using Seeds = std::vector<std::string>;

// `folder`: of the corpus, below tests/fuzz/corpus. Returns the exit status of main.
int Run(const char* folder, const Seeds& seeds, Target target);

// Ends the run with the input in a file unless `held`.
void Expect(bool held, const char* what);

}  // namespace pytrace::fuzz

#endif  // PYTRACE_TESTS_FUZZ_FUZZ_H_
