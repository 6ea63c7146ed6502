/**
 * The store's tables on PostgreSQL, as numbered steps: `schema_version` says how many were applied. The first is what
 * `migrations.ts` has come to for SQLite. A step that was released is never changed; a new need is a new step at the end.
 */
export const postgresSteps: readonly string[] = [
  `
  CREATE TABLE scripts (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL
  );

  -- The engine whose row is gone has nothing any more: others may take what it had.
  CREATE TABLE engines (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    username TEXT NOT NULL,
    pid INTEGER NOT NULL,
    place TEXT NOT NULL,
    started TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires TIMESTAMPTZ NOT NULL
  );

  CREATE FUNCTION still_mine(engine TEXT) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    -- The lock holds until the end of the transaction: nobody takes over while it writes.
    PERFORM 1 FROM engines WHERE id = engine FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'taken over' USING ERRCODE = 'VG001';
    END IF;
  END $$;

  CREATE TABLE jobs (
    key TEXT PRIMARY KEY,
    cluster TEXT NOT NULL,
    submitted DOUBLE PRECISION NOT NULL,
    log_ended INTEGER NOT NULL DEFAULT 0,
    record TEXT NOT NULL,
    submit_key TEXT NOT NULL,
    parent TEXT,
    script_hash TEXT NOT NULL,
    template_hash TEXT,
    owner TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT ''
  );
  CREATE INDEX jobs_open ON jobs (cluster) WHERE log_ended = 0;
  CREATE INDEX jobs_open_of_owner ON jobs (owner) WHERE log_ended = 0;
  CREATE INDEX jobs_of_submit_key ON jobs (submit_key);
  CREATE INDEX jobs_of_parent ON jobs (parent) WHERE parent IS NOT NULL;
  CREATE INDEX jobs_of_script ON jobs (script_hash);
  CREATE INDEX jobs_of_template ON jobs (template_hash) WHERE template_hash IS NOT NULL;
  CREATE INDEX jobs_by_time ON jobs (submitted);

  CREATE TABLE eventlog (
    job TEXT NOT NULL,
    log TEXT NOT NULL,
    seq BIGINT NOT NULL,
    timestamp DOUBLE PRECISION NOT NULL,
    observed DOUBLE PRECISION NOT NULL,
    name TEXT NOT NULL,
    context TEXT,
    PRIMARY KEY (job, log, seq)
  );

  CREATE TABLE watchers (
    job TEXT NOT NULL,
    position INTEGER NOT NULL,
    spec TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (job, position)
  );

  CREATE TABLE outputs (
    job TEXT NOT NULL,
    stream TEXT NOT NULL,
    path TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    line BIGINT NOT NULL,
    after_return INTEGER NOT NULL,
    inode TEXT,
    tail BYTEA,
    began DOUBLE PRECISION,
    PRIMARY KEY (job, stream)
  );

  CREATE TABLE actions (
    job TEXT NOT NULL,
    watcher INTEGER NOT NULL,
    trigger_number BIGINT NOT NULL,
    position INTEGER NOT NULL,
    intent_seq BIGINT NOT NULL,
    intent TEXT NOT NULL,
    result_seq BIGINT,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before DOUBLE PRECISION,
    memo TEXT,
    result TEXT,
    finished DOUBLE PRECISION,
    PRIMARY KEY (job, watcher, trigger_number, position)
  );
  CREATE INDEX actions_open ON actions (job) WHERE result_seq IS NULL;

  CREATE TABLE metrics (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    job TEXT NOT NULL,
    name TEXT NOT NULL,
    timestamp DOUBLE PRECISION NOT NULL,
    value DOUBLE PRECISION NOT NULL
  );
  CREATE INDEX metrics_of_job ON metrics (job, name, timestamp);

  CREATE TABLE submissions (
    key TEXT PRIMARY KEY,
    cluster TEXT NOT NULL,
    created DOUBLE PRECISION NOT NULL,
    request TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT ''
  );

  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  );

  CREATE TABLE spent (
    budget TEXT NOT NULL,
    timestamp DOUBLE PRECISION NOT NULL
  );
  CREATE INDEX spent_of_budget ON spent (budget, timestamp);
  CREATE INDEX spent_by_time ON spent (timestamp);

  CREATE TABLE events (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    emitted DOUBLE PRECISION NOT NULL,
    source TEXT NOT NULL,
    emit_key TEXT UNIQUE
  );
  CREATE INDEX events_of_name ON events (name, seq);

  CREATE TABLE allowed_scripts (
    hash TEXT PRIMARY KEY,
    allowed DOUBLE PRECISION NOT NULL
  );

  CREATE TABLE capture_history (
    job TEXT NOT NULL,
    watcher INTEGER NOT NULL,
    capture TEXT NOT NULL,
    seq BIGINT NOT NULL,
    timestamp DOUBLE PRECISION NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (job, watcher, capture, seq)
  );
  `,
  `
  -- By the clock of the server, in seconds since the epoch: whoever wanted this commit has given up, and was told so.
  CREATE FUNCTION in_time(deadline DOUBLE PRECISION) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF extract(epoch FROM clock_timestamp()) > deadline THEN
      RAISE EXCEPTION 'too late' USING ERRCODE = 'VG002';
    END IF;
  END $$;
  `,
  `
  -- Which transaction wrote a row last: engines ask what others have written about their jobs.
  ALTER TABLE jobs ADD COLUMN change XID8 NOT NULL DEFAULT pg_current_xact_id();
  ALTER TABLE eventlog ADD COLUMN change XID8 NOT NULL DEFAULT pg_current_xact_id();
  CREATE INDEX jobs_by_change ON jobs (change);
  CREATE INDEX eventlog_by_change ON eventlog (change);
  CREATE FUNCTION mark_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    NEW.change := pg_current_xact_id();
    RETURN NEW;
  END $$;
  CREATE TRIGGER jobs_change BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION mark_change();
  `,
];
