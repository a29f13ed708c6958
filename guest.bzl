"""How code is compiled that runs inside traced processes: freestanding C++, nothing of libstdc++ at run time, nothing exported."""

GUEST_COPTS = [
    "-fno-exceptions",
    "-fno-rtti",
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-threadsafe-statics",
    "-fno-stack-protector",
]
