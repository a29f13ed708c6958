// A small recording to try things on: make_recording PATH [EVENTS [SEED]].
#include <stdio.h>
#include <stdlib.h>

#include "dumper/store/test_recorder.h"

int main(int argc, char** argv) {
  using namespace pytrace::store;
  if (argc < 2) return 2;
  TestRecorder recorder(SmallBlocks(argv[1]));
  recorder.Random(argc > 2 ? atoi(argv[2]) : 1000, argc > 3 ? static_cast<uint32_t>(atoi(argv[3])) : 1);
  recorder.Log(0, "a message");
  recorder.CloseAll();
  recorder.End();
  printf("%zu\n", recorder.calls().size());
  return 0;
}
