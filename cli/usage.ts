/** What `vigil --help` prints. Completion reads the commands, options and choices out of it, so it is the one list of them. */
export const usage = `vigil: batch jobs that are watched

Without an engine:
  vigil check FILE… [--format text|json|sarif] [--scheduler auto|slurm|flux|…] [--cluster C]
                    [--severity CODE=error|warning|information|hint|off]…
                                        with --cluster: by what C says of itself, if the engine is connected to it
  vigil replay SCRIPT --stdout FILE [--stderr FILE] [--state completed|failed|…] [--format text|json]
  vigil completion bash|zsh|fish        what the shell needs to complete all of this with Tab

With Vigil's engine, which is started when it is needed:
  vigil clusters [--format text|json]
  vigil connect CLUSTER
  vigil submit SCRIPT [--cluster C] [--workdir DIR] [--format text|json] [-- SBATCH OPTIONS]
  vigil run-script SCRIPT [--cluster C] [--workdir DIR] [--format text|json] [-- SBATCH OPTIONS]
  vigil jobs [--cluster C] [--format text|json]
  vigil jobs --foreign --cluster C [--days N]   your jobs there that were submitted elsewhere and are not watched;
                                        with --days those that ended within so many days, too
  vigil top [--cluster C] [--all]       all jobs on the whole screen, live; ? tells the keys
  vigil watch JOB --with SCRIPT [--watcher NAME] [--from start|end] [--act] [--stdout PATH] [--stderr PATH]
                                        attaches SCRIPT's watchers; a job that is over is only replayed unless --act
  vigil watchers JOB [--format text|json]
  vigil watchers pause|resume|stop|trigger JOB NAME
  vigil watchers edit JOB NAME --with SCRIPT
  vigil watchers run JOB [NAME…] [--act]  over the output of a job that is over; without --act nothing is done
  vigil eventlog JOB [-F|--follow] [--name GLOB] [LOG OPTIONS]
  vigil wait-event JOB EVENT [-t DURATION] [-c COUNT] [-q|--quiet] [-v|--verbose] [--raise] [LOG OPTIONS]
  vigil output JOB [--stream stdout|stderr] [--follow]
  vigil forward JOB PORT [--local PORT]   a port of the node where JOB runs as a port of this machine, until Ctrl-C
  vigil cancel JOB                      of an array some tasks: 'JOB_[1-5,8]'
  vigil hold|release|requeue JOB
  vigil signal JOB SIGNAL
  vigil extend JOB TIME                 adds to the time limit: 90s, 10m, 2h, 1d
  vigil urgency JOB 0…31|hold|default|expedite
  vigil raise JOB [--type T] [--severity 0…7] [NOTE]   an exception (Flux only); severity 0 ends the job
  vigil memo JOB [KEY=VALUE…]           notes on a job; KEY= takes one away, no pair prints them
  vigil actions JOB [--format text|json]
  vigil metrics JOB [--name N] [--format csv|json]
  vigil run FILE.vigil.yaml [-p NAME=VALUE]… [--label NAME=VALUE]… [--cluster C] [--follow] [--delay 2h|--at TIME]
            [--idempotency-key K]
                                        a workflow; --dry-run: says what would be done, and does nothing
  vigil schedule FILE.vigil.yaml [-p NAME=VALUE]… [--label NAME=VALUE]… [--cluster C]
                                        a run whenever the file says so under "on"; cancel-run of the one that waits ends it
  vigil runs [--state S] [--name GLOB] [--label NAME=VALUE]… [--limit N] [--run RUN] [--format text|json]
  vigil wait-run RUN
  vigil cancel-run RUN|--all [--reason R] [--wait]
  vigil retry-run RUN [--from STEP] [--new] [--follow]   again, but for what has completed
  vigil dump-run RUN                    all that is known of it, as JSON
  vigil clean-runs [--older-than 30d] [--limit 1000]     forgets runs that are over
  vigil approve RUN STEP [--no]
  vigil emit EVENT [--payload JSON] [--idempotency-key K]
  vigil events [--name N] [--awaited] [--format text|json]   with --awaited: what runs wait for
  vigil status [--format text|json]     the engine's health: clusters, jobs, database, memory
  vigil mcp [--help]                    jobs for assistants: an MCP server on stdin and stdout
  vigil stop-engine                     jobs go on; the next engine takes up their watchers

LOG OPTIONS, as of flux-job(1): -f text|json, -T raw|iso|offset|human, -H, -L auto|always|never, -m KEY=VALUE,
-p exec|output|… (another log of a Flux job).

A job is named CLUSTER/JOBID, e.g. local/3. The cluster is "local" unless --cluster names a Host of
~/.ssh/config or one of the setting vigil.clusters. Passwords are asked for, or, for the cluster that a
command names, taken from VIGIL_PASSWORD and VIGIL_PASSPHRASE. Exit status: 0 well, 1 not, 2 wrong usage; run-script exits as the job did.
`;
