#ifndef PYTRACE_PRELOAD_CONTROL_H_
#define PYTRACE_PRELOAD_CONTROL_H_

namespace pytrace {

// Connects the module `pytrace` with the recording.
void InitControl();

}  // namespace pytrace

#endif  // PYTRACE_PRELOAD_CONTROL_H_
