/**
 * The store's schema, as numbered steps: the database's `user_version` says how many were applied. A step that was
 * released is never changed; a new need is a new step at the end.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE scripts (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE jobs (
    key TEXT PRIMARY KEY,
    cluster TEXT NOT NULL,
    submitted REAL NOT NULL,
    log_ended INTEGER NOT NULL DEFAULT 0,
    record TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX jobs_open ON jobs (cluster) WHERE log_ended = 0;

  CREATE TABLE eventlog (
    job TEXT NOT NULL,
    seq INTEGER NOT NULL,
    timestamp REAL NOT NULL,
    observed REAL NOT NULL,
    name TEXT NOT NULL,
    context TEXT,
    PRIMARY KEY (job, seq)
  ) WITHOUT ROWID;

  CREATE TABLE watchers (
    job TEXT NOT NULL,
    position INTEGER NOT NULL,
    spec TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (job, position)
  ) WITHOUT ROWID;

  CREATE TABLE outputs (
    job TEXT NOT NULL,
    stream TEXT NOT NULL,
    path TEXT NOT NULL,
    offset INTEGER NOT NULL,
    line INTEGER NOT NULL,
    after_return INTEGER NOT NULL,
    PRIMARY KEY (job, stream)
  ) WITHOUT ROWID;

  -- An intent is a row; result_seq is set in the transaction that logs its result.
  CREATE TABLE actions (
    job TEXT NOT NULL,
    watcher INTEGER NOT NULL,
    trigger_number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    intent_seq INTEGER NOT NULL,
    intent TEXT NOT NULL,
    result_seq INTEGER,
    PRIMARY KEY (job, watcher, trigger_number, position)
  ) WITHOUT ROWID;
  CREATE INDEX actions_open ON actions (job) WHERE result_seq IS NULL;

  CREATE TABLE metrics (
    job TEXT NOT NULL,
    name TEXT NOT NULL,
    timestamp REAL NOT NULL,
    value REAL NOT NULL
  );
  CREATE INDEX metrics_of_job ON metrics (job, name, timestamp);

  -- A submission is written down before the scheduler is asked, and removed in the transaction that adds its job.
  CREATE TABLE submissions (
    key TEXT PRIMARY KEY,
    cluster TEXT NOT NULL,
    created REAL NOT NULL,
    request TEXT NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  -- A job has several eventlogs: "eventlog" is the one of the job itself, Flux keeps others beside it.
  ALTER TABLE eventlog RENAME TO only_eventlog;
  CREATE TABLE eventlog (
    job TEXT NOT NULL,
    log TEXT NOT NULL,
    seq INTEGER NOT NULL,
    timestamp REAL NOT NULL,
    observed REAL NOT NULL,
    name TEXT NOT NULL,
    context TEXT,
    PRIMARY KEY (job, log, seq)
  ) WITHOUT ROWID;
  INSERT INTO eventlog SELECT job, 'eventlog', seq, timestamp, observed, name, context FROM only_eventlog;
  DROP TABLE only_eventlog;
  `,
  // Actions that are tried again, what they came to, and how much is told; events that workflows await.
  `
  ALTER TABLE actions ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE actions ADD COLUMN not_before REAL;
  -- What an action keeps between two attempts, as JSON.
  ALTER TABLE actions ADD COLUMN memo TEXT;
  ALTER TABLE actions ADD COLUMN result TEXT;
  ALTER TABLE actions ADD COLUMN finished REAL;

  -- One row a use of a budget, e.g. a notification of a job: counted over the last minute or hour.
  CREATE TABLE spent (
    budget TEXT NOT NULL,
    timestamp REAL NOT NULL
  );
  CREATE INDEX spent_of_budget ON spent (budget, timestamp);

  -- The first of a name is the event; later ones are kept as duplicates. emit_key makes one emit happen once.
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    emitted REAL NOT NULL,
    source TEXT NOT NULL,
    emit_key TEXT UNIQUE
  );
  CREATE INDEX events_of_name ON events (name, seq);

  -- Scripts whose commands a person has allowed for good.
  CREATE TABLE allowed_scripts (
    hash TEXT PRIMARY KEY,
    allowed REAL NOT NULL
  ) WITHOUT ROWID;
  `,
  // What captures were is written point by point, no longer all of it with each match; files are known by more than a name.
  `
  CREATE TABLE capture_history (
    job TEXT NOT NULL,
    watcher INTEGER NOT NULL,
    capture TEXT NOT NULL,
    seq INTEGER NOT NULL,
    timestamp REAL NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (job, watcher, capture, seq)
  ) WITHOUT ROWID;
  INSERT INTO capture_history
    SELECT watchers.job, watchers.position, captures.key, points.key + 1, points.value ->> 0, points.value ->> 1
    FROM watchers, json_each(watchers.state, '$.history') AS captures, json_each(captures.value) AS points;
  UPDATE watchers SET state = json_remove(state, '$.history', '$.matched');
  ALTER TABLE outputs ADD COLUMN inode TEXT;
  ALTER TABLE outputs ADD COLUMN tail BLOB;
  ALTER TABLE outputs ADD COLUMN began REAL;
  `,
  // What jobs are looked up by stands in columns; which engine follows a job, where several share a store.
  `
  ALTER TABLE jobs ADD COLUMN submit_key TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN parent TEXT;
  ALTER TABLE jobs ADD COLUMN script_hash TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN template_hash TEXT;
  ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN place TEXT NOT NULL DEFAULT '';
  ALTER TABLE submissions ADD COLUMN owner TEXT NOT NULL DEFAULT '';
  ALTER TABLE submissions ADD COLUMN place TEXT NOT NULL DEFAULT '';
  UPDATE jobs SET submit_key = record ->> '$.submitKey', parent = record ->> '$.arrayTask.parent',
    script_hash = record ->> '$.scriptHash', template_hash = record ->> '$.templateHash';
  CREATE INDEX jobs_of_submit_key ON jobs (submit_key);
  CREATE INDEX jobs_of_parent ON jobs (parent) WHERE parent IS NOT NULL;
  CREATE INDEX jobs_of_script ON jobs (script_hash);
  CREATE INDEX jobs_of_template ON jobs (template_hash) WHERE template_hash IS NOT NULL;
  CREATE INDEX jobs_by_time ON jobs (submitted);
  `,
];
