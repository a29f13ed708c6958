"""How code is compiled that runs inside traced processes: freestanding C++, nothing of libstdc++ at run time, nothing exported."""

GUEST_COPTS = [
    "-fno-exceptions",
    "-fno-rtti",
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-threadsafe-statics",
    "-fno-stack-protector",
    # Bazel's toolchain keeps them: a third of what the hook takes of the C stack for each Python call, and a register.
    "-fomit-frame-pointer",
]
