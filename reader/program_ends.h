// Whether a run's programs still run, and which of them were ended in the middle: killed, crashed, by os._exit or exec.
#ifndef PYTRACE_READER_PROGRAM_ENDS_H_
#define PYTRACE_READER_PROGRAM_ENDS_H_

#include <cstdint>
#include <vector>

#include "dumper/store/database.h"

namespace pytrace::reader {

// `run`: runs.id, kNewestRun or kAllRuns.
bool Live(const store::Catalog& catalog, int64_t run);

// Of the run, or of all (kAllRuns). A process made by fork is not among them: it leaves by os._exit when all is well.
std::vector<const store::Process*> CutOff(const store::Catalog& catalog, int64_t run);

}  // namespace pytrace::reader

#endif  // PYTRACE_READER_PROGRAM_ENDS_H_
