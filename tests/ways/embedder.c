// A program that is no Python and has one: LIBRARY is opened with RTLD_LOCAL, or (built with -DLINKED) linked.
//
//   embedder once|twice|threads LIBRARY CODE
//
// once: runs CODE. twice: the same in two interpreters, one after the other. threads: also in a thread that was there before the interpreter.
//
// Without the C library's start file and with its oldest symbols, so that one build runs with every C library.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__asm__(".symver dlopen,dlopen@GLIBC_2.2.5");
__asm__(".symver dlerror,dlerror@GLIBC_2.2.5");
__asm__(".symver dlsym,dlsym@GLIBC_2.2.5");
__asm__(".symver pthread_create,pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join,pthread_join@GLIBC_2.2.5");
__asm__(".symver sem_post,sem_post@GLIBC_2.2.5");
__asm__(".symver sem_wait,sem_wait@GLIBC_2.2.5");
__asm__(".symver sem_init,sem_init@GLIBC_2.2.5");
__asm__(".globl _start\n_start: xor %ebp,%ebp\n mov (%rsp),%rdi\n lea 8(%rsp),%rsi\n and $-16,%rsp\n call main\n mov %eax,%edi\n call exit\n");

static void (*initialize)(int);
static int (*run)(const char*);
static void (*finalize)(void);
static int (*ensure)(void);
static void (*release)(int);
static void* (*save)(void);
static void (*restore)(void*);
static void (*init_threads)(void);  // gone in 3.13, needed before 3.7

static void* Find(void* library, const char* name, int needed) {
  void* found = dlsym(library, name);
  if (!found && needed) {
    printf("no %s\n", name);
    exit(2);
  }
  return found;
}

static sem_t ready;
static const char* code;

static void* Early(void* failed) {
  sem_wait(&ready);
  for (int i = 0; i < 3; ++i) {
    int state = ensure();
    *(int*)failed |= run(code);
    release(state);
  }
  return NULL;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
#ifdef LINKED
  void* library = RTLD_DEFAULT;
#else
  void* library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
  if (!library) return puts(dlerror()), 2;
#endif
  initialize = (void (*)(int))Find(library, "Py_InitializeEx", 1);
  run = (int (*)(const char*))Find(library, "PyRun_SimpleString", 1);
  finalize = (void (*)(void))Find(library, "Py_Finalize", 1);
  ensure = (int (*)(void))Find(library, "PyGILState_Ensure", 1);
  release = (void (*)(int))Find(library, "PyGILState_Release", 1);
  save = (void* (*)(void))Find(library, "PyEval_SaveThread", 1);
  restore = (void (*)(void*))Find(library, "PyEval_RestoreThread", 1);
  init_threads = (void (*)(void))Find(library, "PyEval_InitThreads", 0);
  code = argv[3];
  int failed = 0, failed_early = 0;
  pthread_t early;
  int threads = strcmp(argv[1], "threads") == 0;
  sem_init(&ready, 0, 0);
  if (threads) pthread_create(&early, NULL, Early, &failed_early);
  for (int round = strcmp(argv[1], "twice") == 0 ? 2 : 1; round > 0; --round) {
    initialize(0);
    if (init_threads) init_threads();
    failed |= run(code);
    if (threads) {
      void* state = save();
      sem_post(&ready);
      pthread_join(early, NULL);
      restore(state);
    }
    finalize();
  }
  return failed || failed_early ? 3 : 0;
}
