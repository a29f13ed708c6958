-- The plain tables of traces.sqlite. `calls`, `arguments` and `traces` are virtual tables over `blocks` (see the table `readme`).
-- user_version counts changes of meaning; columns only grow. Times are nanoseconds since the epoch.

CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
-- Keys: created_ns, pytrace_version, rundir; let_go_calls, let_go_before_ns (what --max-traces and --max-size removed); stopped (why recording stopped, if it did).

CREATE TABLE readme(line INTEGER PRIMARY KEY, text TEXT);

CREATE TABLE runs(
  id INTEGER PRIMARY KEY,
  token TEXT UNIQUE,       -- ProcessInfo.run
  started_ns INTEGER,
  ended_ns INTEGER,        -- NULL while a process of it lives
  program TEXT,            -- JSON array
  cwd TEXT);

CREATE TABLE processes(
  id INTEGER PRIMARY KEY,
  run INTEGER REFERENCES runs(id),
  pid INTEGER,
  parent_pid INTEGER,
  started_ns INTEGER,
  main_ns INTEGER,         -- when the first line of __main__ ran; NULL: not yet, or no __main__
  main_end_ns INTEGER,     -- when __main__ had ended; NULL: not yet, or not seen
  ended_ns INTEGER,        -- NULL while it lives
  python TEXT,
  mode TEXT,               -- eval_frame, monitoring, profile, none
  mode_reason TEXT,        -- why not the best mode, or why none
  executable TEXT,
  argv TEXT,               -- JSON array
  cwd TEXT,
  segment TEXT UNIQUE);    -- file name in the run-time directory

CREATE TABLE threads(
  id INTEGER PRIMARY KEY,
  process INTEGER REFERENCES processes(id),
  tid INTEGER,
  name TEXT,
  main INTEGER,            -- 1: the interpreter's main thread
  started_ns INTEGER,
  ended_ns INTEGER);

CREATE TABLE functions(
  id INTEGER PRIMARY KEY,
  run INTEGER REFERENCES runs(id),
  module TEXT,
  func TEXT,
  qualname TEXT,
  file TEXT,
  line INTEGER,
  flags INTEGER,           -- co_flags
  arguments TEXT,          -- JSON array of names, in the order of the signature
  star INTEGER,            -- 1 + index of *args in arguments, 0: none
  star_star INTEGER,       -- the same for **kwargs
  calls INTEGER NOT NULL DEFAULT 0,       -- exact, also for calls that were let go
  exceptions INTEGER NOT NULL DEFAULT 0,
  total_ns INTEGER NOT NULL DEFAULT 0,    -- sum of duration_ns of the ended calls (recursive calls count each)
  self_ns INTEGER NOT NULL DEFAULT 0);    -- total_ns less the time in recorded calls made from it

-- Type.id of a process -> name; values in blocks refer to it.
CREATE TABLE types(
  process INTEGER,
  id INTEGER,
  name TEXT,
  PRIMARY KEY(process, id)) WITHOUT ROWID;

CREATE TABLE blocks(
  first_id INTEGER PRIMARY KEY,
  calls INTEGER,
  first_start_ns INTEGER,
  last_start_ns INTEGER,
  max_duration_ns INTEGER,
  max_depth INTEGER,
  exceptions INTEGER,
  open INTEGER,            -- calls whose end is not in the block
  functions BLOB,          -- sets of the ids that occur
  threads BLOB,
  keyframe BLOB,           -- the open calls just before the first
  call_columns BLOB,
  value_columns BLOB);

-- Ends of calls that ended after their block was full.
CREATE TABLE late_ends(
  call_id INTEGER PRIMARY KEY,
  end_ns INTEGER,
  children_ns INTEGER,     -- time in recorded calls made from it
  outcome INTEGER,         -- 1 return, 2 exception, 3 yield
  result BLOB);            -- Value

CREATE TABLE losses(
  id INTEGER PRIMARY KEY,
  thread INTEGER REFERENCES threads(id),
  time_ns INTEGER,
  before_call INTEGER,     -- id of the newest call of all threads when it happened; 0: none
  reason TEXT,             -- full, stopped, no_memory, damaged, deep
  enters INTEGER,
  leaves INTEGER,
  others INTEGER);

CREATE TABLE logs(
  id INTEGER PRIMARY KEY,
  thread INTEGER REFERENCES threads(id),
  time_ns INTEGER,
  call_id INTEGER,         -- the call in which it was made; 0: none
  level INTEGER,
  text TEXT);

-- asyncio tasks. The runs of a task's coroutine are the calls of the process with its frame, from call_id to last_call.
CREATE TABLE IF NOT EXISTS tasks(
  process INTEGER,
  frame INTEGER,           -- calls.frame
  call_id INTEGER,         -- the first run
  last_call INTEGER,       -- the run in which the coroutine ended; NULL: not yet, or not seen
  name TEXT,
  PRIMARY KEY(process, frame, call_id)) WITHOUT ROWID;

-- Where the dumper stands, in the same transaction as what it has read: whoever takes over goes on from here. Gone when the process is.
CREATE TABLE rings(
  process INTEGER,
  ring INTEGER,
  generation INTEGER,
  thread INTEGER,          -- threads.id
  position INTEGER,        -- of the stream
  last_ticks INTEGER,
  last_ns INTEGER,
  next_call INTEGER,       -- serial
  open_calls BLOB,
  PRIMARY KEY(process, ring)) WITHOUT ROWID;

-- Function.id of a live process -> functions.id. Gone when the process is.
CREATE TABLE function_ids(
  process INTEGER,
  id INTEGER,
  function INTEGER,
  main INTEGER,
  PRIMARY KEY(process, id)) WITHOUT ROWID;
