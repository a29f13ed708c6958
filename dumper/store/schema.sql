-- The plain tables of traces.sqlite. `calls`, `arguments` and `traces` are virtual tables over `blocks` (see the table `readme`).
-- user_version counts changes of meaning; columns only grow. Times (`..._ns`) are nanoseconds since the epoch, durations nanoseconds.
-- SQLite keeps the text of a table up to its last parenthesis: the comments are in each database, too.

CREATE TABLE meta(
  key TEXT PRIMARY KEY,    -- created_ns, pytrace_version, rundir; let_go_calls, let_go_before_ns (what --max-traces and --max-size removed); stopped
  value                    -- of rundir: the run-time directory; of stopped: why recording stopped, if it did
) WITHOUT ROWID;

CREATE TABLE readme(
  line INTEGER PRIMARY KEY,  -- from 1
  text TEXT                  -- for whoever opens the database without pytrace
);

CREATE TABLE runs(
  id INTEGER PRIMARY KEY,
  token TEXT UNIQUE,       -- ProcessInfo.run
  started_ns INTEGER,      -- of its first process
  ended_ns INTEGER,        -- of its last process; NULL while one lives
  program TEXT,            -- how pytrace was called, or argv of the first process; JSON array
  cwd TEXT                 -- of the first process
);

CREATE TABLE processes(
  id INTEGER PRIMARY KEY,
  run INTEGER REFERENCES runs(id),
  pid INTEGER,             -- in its own pid namespace
  parent_pid INTEGER,      -- the same; when recording of it began
  started_ns INTEGER,      -- when recording of it began
  main_ns INTEGER,         -- when the first line of __main__ ran; NULL: not yet, or no __main__
  main_end_ns INTEGER,     -- when __main__ had ended; NULL: not yet, or not seen
  ended_ns INTEGER,        -- NULL while it lives
  python TEXT,             -- its version: 3.11.2
  mode TEXT,               -- eval_frame, monitoring, profile, none
  mode_reason TEXT,        -- why not the best mode, or why none
  executable TEXT,         -- path
  argv TEXT,               -- JSON array
  cwd TEXT,                -- when recording of it began
  segment TEXT UNIQUE      -- file name in the run-time directory
);

-- A greenlet's stack is one, too.
CREATE TABLE threads(
  id INTEGER PRIMARY KEY,
  process INTEGER REFERENCES processes(id),
  tid INTEGER,             -- the kernel's thread id
  name TEXT,               -- as threading knows it, greenlet-N; empty: unknown
  main INTEGER,            -- 1: the interpreter's main thread
  started_ns INTEGER,      -- its first record
  ended_ns INTEGER         -- NULL while it lives
);

CREATE TABLE functions(
  id INTEGER PRIMARY KEY,
  run INTEGER REFERENCES runs(id),
  module TEXT,             -- __name__ of its globals; for __main__ the file's base name
  func TEXT,               -- its name
  qualname TEXT,           -- equal to func where the Python has none
  file TEXT,               -- co_filename
  line INTEGER,            -- co_firstlineno
  flags INTEGER,           -- co_flags
  arguments TEXT,          -- JSON array of names, in the order of the signature
  star INTEGER,            -- 1 + index of *args in arguments, 0: none
  star_star INTEGER,       -- the same for **kwargs
  calls INTEGER NOT NULL DEFAULT 0,       -- that began; exact, also for calls that were let go, as are the next three
  exceptions INTEGER NOT NULL DEFAULT 0,  -- calls that ended by one
  total_ns INTEGER NOT NULL DEFAULT 0,    -- sum of duration_ns of the ended calls (recursive calls count each)
  self_ns INTEGER NOT NULL DEFAULT 0      -- total_ns less the time in recorded calls made from it
);

CREATE TABLE types(
  process INTEGER,         -- processes.id
  id INTEGER,              -- Type.id; values in blocks refer to it
  name TEXT,               -- module.qualname; builtins without the module
  PRIMARY KEY(process, id)) WITHOUT ROWID;

CREATE TABLE blocks(
  first_id INTEGER PRIMARY KEY,  -- calls.id of its first call; those of the others follow
  calls INTEGER,           -- how many
  first_start_ns INTEGER,  -- of the first call
  last_start_ns INTEGER,   -- of the last
  max_duration_ns INTEGER,  -- of the calls whose end is in the block
  max_depth INTEGER,       -- 0: nothing recorded is below the call
  exceptions INTEGER,      -- calls whose end is in the block, and is one
  open INTEGER,            -- calls whose end is not in the block
  functions BLOB,          -- set of the functions.id that occur: rising, as varints, each less the one before
  threads BLOB,            -- the same of threads.id
  keyframe BLOB,           -- the open calls just before the first
  call_columns BLOB,       -- docs/store-schema.md: all but values
  value_columns BLOB       -- arguments and results
);

-- Ends of calls that ended after their block was full.
CREATE TABLE late_ends(
  call_id INTEGER PRIMARY KEY,  -- calls.id
  end_ns INTEGER,          -- when it ended
  children_ns INTEGER,     -- time in recorded calls made from it
  outcome INTEGER,         -- 1 return, 2 exception, 3 yield
  result BLOB              -- a serialized Value; empty: None
);

-- Holes: records of a thread that are missing.
CREATE TABLE losses(
  id INTEGER PRIMARY KEY,
  thread INTEGER REFERENCES threads(id),
  time_ns INTEGER,         -- behind what is missing; of deep and damaged before it
  before_call INTEGER,     -- id of the newest call of all threads when it happened; 0: none
  reason TEXT,             -- full, stopped, no_memory, damaged, deep
  enters INTEGER,          -- missing starts of calls; of deep and damaged nobody counts, all three are 0
  leaves INTEGER,          -- missing ends of calls
  others INTEGER           -- missing records of other kinds: definitions, names of threads and tasks, strands, logs
);

CREATE TABLE logs(
  id INTEGER PRIMARY KEY,
  thread INTEGER REFERENCES threads(id),
  time_ns INTEGER,         -- when it was made
  call_id INTEGER,         -- the call in which it was made; 0: none
  level INTEGER,           -- meant as those of the module logging: 20 is INFO
  text TEXT                -- as the program gave it
);

-- asyncio tasks. The runs of a task's coroutine are the calls of the process with its frame, from call_id to last_call.
CREATE TABLE IF NOT EXISTS tasks(
  process INTEGER,         -- processes.id
  frame INTEGER,           -- calls.frame
  call_id INTEGER,         -- the first run
  last_call INTEGER,       -- the run in which the coroutine ended; NULL: not yet, or not seen
  name TEXT,               -- when the first run began
  PRIMARY KEY(process, frame, call_id)) WITHOUT ROWID;

-- Where the dumper stands, in the same transaction as what it has read: whoever takes over goes on from here. Gone when the process is.
CREATE TABLE rings(
  process INTEGER,         -- processes.id
  ring INTEGER,            -- index in the segment
  generation INTEGER,      -- of the ring: a number for each thread that takes it
  thread INTEGER,          -- threads.id
  position INTEGER,        -- of the stream: bytes of this generation that are committed; -1: the rest is damaged
  last_ticks INTEGER,      -- time of the newest record that is committed, as the guest tells it
  last_ns INTEGER,         -- the same as readers get it
  next_call INTEGER,       -- serial of the next Enter
  open_calls BLOB,         -- dumper/open_calls.h
  PRIMARY KEY(process, ring)) WITHOUT ROWID;

-- Function.id of a live process -> functions.id. Gone when the process is.
CREATE TABLE function_ids(
  process INTEGER,         -- processes.id
  id INTEGER,              -- Function.id
  function INTEGER,        -- functions.id
  main INTEGER,            -- 1: the body of __main__
  PRIMARY KEY(process, id)) WITHOUT ROWID;
