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
];
