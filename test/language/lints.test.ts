/** Lints: what brings each up, what does not, and what its quick fix makes of the script. */
import { describe, expect, it } from 'vitest';
import { type CheckOptions, checkScript } from '../../language/check/check-script.ts';
import type { Problem } from '../../language/problem/problem.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { lintCodes } from './lint-codes.ts';
import { applyFix } from './support.ts';

const paths = { isDirectory: (path: string) => path === 'there' };
const commandPolicy = { runCommand: 'allowlist', allowedCommands: ['echo', 'cp'] } as const;
const options: CheckOptions = { paths, commandPolicy };

const header = '#!/bin/bash\n#SBATCH --time=60\n';
const script = (...lines: readonly string[]) => `${header}${lines.map((line) => `${line}\n`).join('')}`;
const block = (...lines: readonly string[]) =>
  script('#WATCHER_BEGIN', ...lines.map((line) => `# ${line}`), '#WATCHER_END');

const on = (condition: string) =>
  block('pattern: "(x)"', 'captures: [loss]', `condition: ${condition}`, 'action: log_event()');

/** Script, `code "text of its place"` of the lints that `about` names, and the script after the first quick fix. */
type Case = readonly [script: string, problems: readonly string[], fixed?: string];

const groups: { readonly [about: string]: readonly Case[] } = {
  'directive/near-miss': [
    [script('  #SBATCH --mem=1G'), ['directive/near-miss "  #SBATCH"'], script('#SBATCH --mem=1G')],
    [script('#sbatch -n 4'), ['directive/near-miss "#sbatch"'], script('#SBATCH -n 4')],
    [script('#SBACTH -n 4'), ['directive/near-miss "#SBACTH"'], script('#SBATCH -n 4')],
    [script('# SBATCH -n 4'), ['directive/near-miss "# SBATCH"'], script('#SBATCH -n 4')],
    [
      script(
        '##SBATCH -n 4',
        '# sbatch reads these',
        '# sbatch -p gpu train.sh',
        '# batch --x',
        'cat <<EOF',
        '  #SBATCH -n 4',
        'EOF',
      ),
      [],
    ],
    [script('#SBATCH -n {{ n }}', '  #SBATCH -N 1'), []],
  ],
  'directive/ignored-text': [
    [script('#SBATCH gpu'), ['directive/ignored-text "gpu"'], script('#SBATCH # gpu')],
    [script('#SBATCH -N 2 4 -n 8'), ['directive/ignored-text "4 -n 8"'], script('#SBATCH -N 2 # 4 -n 8')],
    [script('#SBATCH --hold "" -n 8'), ['directive/ignored-text """ -n 8"'], script('#SBATCH --hold -n 8')],
    [script('#SBATCH --mem = 1G'), ['directive/ignored-text " = "'], script('#SBATCH --mem=1G')],
    [script('#SBATCH --mem =1G'), ['directive/ignored-text " ="'], script('#SBATCH --mem=1G')],
    [script('#SBATCH --mem= 1G'), ['directive/ignored-text "= "'], script('#SBATCH --mem=1G')],
    [script('#SBATCH hetjob', '#SBATCH -n4 # four', '#SBATCH', '#SBATCH <gpu>', '#SBATCH --mem 1G -n 4'), []],
  ],
  'directive/unicode-dash': [
    [script('#SBATCH –nodes=1'), ['directive/unicode-dash "–"'], script('#SBATCH --nodes=1')],
    [script('#SBATCH -–nodes=1'), ['directive/unicode-dash "-–"'], script('#SBATCH --nodes=1')],
    [script('#SBATCH —n 4'), ['directive/unicode-dash "—"'], script('#SBATCH -n 4')],
    [script('#SBATCH -J “my”'), ['directive/unicode-dash "“my”"'], script('#SBATCH -J "my"')],
    [script('#SBATCH -J x # – a dash', '#SBATCH -J a–b'), []],
  ],
  'directive/duplicate-option': [
    [
      script('#SBATCH -n 4', '#SBATCH --ntasks=8'),
      ['directive/duplicate-option "--ntasks=8"'],
      script('#SBATCH --ntasks=8'),
    ],
    [script('#SBATCH -n 4 -n 4'), ['directive/duplicate-option "-n 4"'], script('#SBATCH -n 4')],
    [script('#SBATCH -n 4', '#SBATCH hetjob', '#SBATCH -n 8', '#SBATCH -v', '#SBATCH -v', '##SBATCH -n 2'), []],
    [script('#SBATCH --nersc-thing=1', '#SBATCH --nersc-thing=2'), []],
  ],
  'directive/memory-conflict': [
    [
      script('#SBATCH --mem=4G --mem-per-cpu=1G'),
      ['directive/memory-conflict "--mem-per-cpu=1G"'],
      script('#SBATCH --mem=4G'),
    ],
    [script('#SBATCH --mem=4G', '#SBATCH hetjob', '#SBATCH --mem-per-cpu=1G'), []],
  ],
  'directive/variable': [
    [script('#SBATCH -o $SLURM_JOB_ID.out'), ['directive/variable "$SLURM_JOB_ID"'], script('#SBATCH -o %j.out')],
    [script('#SBATCH -D ${HOME}/x'), ['directive/variable "${HOME}"']],
    [script('#SBATCH --comment="$5"', '#SBATCH -J {{ name }}', '#SBATCH -o $X'), []],
    [script('#SBATCH --comment=$X', '#SBATCH -J cost\\$X # $HOME'), []],
  ],
  'directive/no-time-limit': [
    [
      '#!/bin/bash\n#SBATCH -n 4\n#SBATCH -N 1\ntrue\n',
      ['directive/no-time-limit "#SBATCH"'],
      '#!/bin/bash\n#SBATCH -n 4\n#SBATCH -N 1\n#SBATCH --time=01:00:00\ntrue\n',
    ],
    ['#!/bin/bash\n#PBS -l nodes=1\n', []],
    ['#!/bin/bash\n#SBATCH -n {{ n }}\n', []],
    ['#!/bin/bash\n#SBATCH -n 4 -t 5\n', []],
  ],
  'directive/array-output': [
    [
      script('#SBATCH -a 0-9 -o out.txt'),
      ['directive/array-output "-o out.txt"'],
      script('#SBATCH -a 0-9 -o out_%a.txt'),
    ],
    [
      script('#SBATCH -a 0-9 -o "log_%A"'),
      ['directive/array-output "-o "log_%A""'],
      script('#SBATCH -a 0-9 -o "log_%A_%a"'),
    ],
    [script('#SBATCH -a 0-9 -o %A_%3a.out -e %j.err'), []],
    [script('#SBATCH -a 5 -o out.txt'), []],
    [script('#SBATCH -a 0-9 -o /dev/null'), []],
    [script('#SBATCH -o out.txt'), []],
  ],
  'directive/missing-directory': [
    [script('#SBATCH -o logs/%j.out'), ['directive/missing-directory "logs/%j.out"']],
    [script('#SBATCH -o there/%j.out -e x.err'), []],
    [script('#SBATCH -o /abs/%j.out', '#SBATCH -e ~/x/y', '#SBATCH -o %x/%j.out'), []],
    [script('#SBATCH -o logs/%j.out -D /scratch'), []],
    [script('#SBATCH -o logs/%j.out', '#LOGIN_SETUP_BEGIN', 'mkdir -p logs', '#LOGIN_SETUP_END'), []],
  ],
  'directive/signal-without-trap': [
    [
      script('#SBATCH --signal=B:USR1@120', 'sleep 5'),
      ['directive/signal-without-trap "--signal=B:USR1@120"'],
      script('#SBATCH --signal=B:USR1@120', 'trap \'echo "caught USR1"\' USR1', 'sleep 5'),
    ],
    [
      '#!/bin/bash\r\n#SBATCH -t 60 --signal=B:USR1@120\r\nsleep 5\r\n',
      ['directive/signal-without-trap "--signal=B:USR1@120"'],
      `#!/bin/bash\r\n#SBATCH -t 60 --signal=B:USR1@120\r\ntrap 'echo "caught USR1"' USR1\r\nsleep 5\r\n`,
    ],
    [script('#SBATCH --signal=B:SIGTERM', 'trap x USR1'), ['directive/signal-without-trap "--signal=B:SIGTERM"']],
    [script('#SBATCH --signal=B:USR1@120', "trap 'requeue' SIGUSR1"), []],
    [script('#SBATCH --signal=B:10', 'trap requeue 10'), []],
    [script('#SBATCH --signal=USR1@120', 'srun x'), []],
    [script('#SBATCH --signal=B:USR1@120', 'source ./lib.sh'), []],
    [script('#SBATCH --signal=B:USR1@120', 'exec python train.py'), []],
  ],
  'script/srun-tasks': [
    [script('#SBATCH -n 4', 'srun -n 8 ./a'), ['script/srun-tasks "8"'], script('#SBATCH -n 4', 'srun -n 4 ./a')],
    [script('#SBATCH -N 2 --ntasks-per-node=2', 'srun --ntasks=5 ./a'), ['script/srun-tasks "5"']],
    [script('#SBATCH -n 4', 'srun -n 4 ./a', 'srun -n2 ./a -n 8', 'srun ./a -n 8'), []],
    [script('#SBATCH -n 4 --exclusive', 'srun -n 8 ./a'), []],
    [script('#SBATCH -n 4 -c 8', 'srun -n 8 -c 1 ./a'), []],
    [script('#SBATCH -N 4', 'srun -n 8 ./a'), []],
    [script('#SBATCH -n 4', 'cat <<EOF', 'srun -n 8 ./a', 'EOF', 'srun -n $N ./a', '# srun -n 8 a'), []],
  ],
  'login-setup': [
    [script('#LOGIN_SETUP_BEGIN', 'module load x', '#LOGIN_SETUP_END'), []],
    [script('#LOGIN_SETUP_BEGIN', 'x'), ['login-setup/unclosed "#LOGIN_SETUP_BEGIN"']],
    [script('#LOGIN_SETUP_END'), ['login-setup/stray-end "#LOGIN_SETUP_END"']],
    [
      script('#LOGIN_SETUP_BEGIN', '# x', '#LOGIN_SETUP_END'),
      ['login-setup/empty "#LOGIN_SETUP_BEGIN⏎# x⏎#LOGIN_SETUP_END"'],
    ],
    [
      script('# LOGIN_SETUP_BEGIN', 'x', '#login_setup_end'),
      ['login-setup/near-miss "# LOGIN_SETUP_BEGIN"', 'login-setup/near-miss "#login_setup_end"'],
      script('#LOGIN_SETUP_BEGIN', 'x', '#login_setup_end'),
    ],
    [script('#LOGIN_SETUP'), ['login-setup/near-miss "#LOGIN_SETUP"']],
    [script('# login setup for the cluster', '##LOGIN_SETUP_BEGIN'), []],
    [
      script('#LOGIN_SETUP_BEGIN', 'x', '#SBATCH -n 4', '#WATCHER pattern="x"', '#LOGIN_SETUP_END'),
      ['login-setup/directive "#SBATCH"', 'login-setup/directive "#WATCHER"'],
    ],
  ],
  'watcher/comment-in-value': [
    [
      block('pattern: error # any', 'action: log_event()'),
      ['watcher/comment-in-value " # any"'],
      block('pattern: error', 'action: log_event()'),
    ],
    [block('pattern: "error # any"', 'name: a#b', 'action: log_event()'), []],
    [block('pattern: (?x)error # any', 'action: log_event()'), []],
  ],
  'watcher/in-here-document': [
    [
      script("cat > job.sh <<'EOF'", '#WATCHER pattern="x" action=log_event()', 'EOF'),
      ['watcher/in-here-document "#WATCHER"'],
    ],
    [script("echo 'it is", '#WATCHER pattern="x" action=log_event()'), []],
    [script('cat <<EOF', 'x', 'EOF', '#WATCHER pattern="x" action=log_event()'), []],
  ],
  'watcher/same-pattern': [
    [
      script('#WATCHER pattern="x" action=cancel_job()', '#WATCHER pattern="x" output=both action=log_event()'),
      ['watcher/same-pattern ""x""'],
    ],
    [
      script(
        '#WATCHER pattern="x" action=cancel_job()',
        '#WATCHER pattern="x" output=stderr action=log_event()',
        '#WATCHER pattern="x" condition="elapsed > 5" action=log_event()',
        '#WATCHER pattern="x" enabled=false action=log_event()',
        '#WATCHER pattern="x" trigger_on_job_end=true trigger_job_states=[any] action=log_event()',
      ),
      [],
    ],
  ],
  'watcher/unused-capture': [
    [script('#WATCHER pattern="(a) (b)" captures=[x,y] action=notify(message="$x")'), ['watcher/unused-capture "y"']],
    [script('#WATCHER pattern="(?P<x>a)" action=cancel_job()'), ['watcher/unused-capture "x"']],
    [script('#WATCHER pattern="(a)" captures=[x] action=resubmit()', 'go ${x:+--from ${x}}'), []],
    [script('#WATCHER pattern="(a)" captures=[x] condition="x" action=cancel_job()'), []],
    [script('#WATCHER pattern="(a)" captures=[x] action=notify(message="$1")'), []],
    [script('#WATCHER pattern="(a)" captures=[x] action=log_event()'), []],
    [script('#WATCHER pattern="(a)" captures=[_x] action=cancel_job()'), []],
  ],
  'watcher/never-triggers': [
    [
      script('#WATCHER pattern="x" condition="line and elapsed > 3600" action=log_event()'),
      ['watcher/never-triggers "elapsed > 3600"'],
    ],
    [
      script('#WATCHER pattern="x" condition="2 * 3600 <= elapsed" action=log_event()'),
      ['watcher/never-triggers "2 * 3600 <= elapsed"'],
    ],
    [script('#WATCHER silence=1h action=log_event()'), ['watcher/never-triggers "1h"']],
    [
      script('#WATCHER pattern="x" timer_mode=true timer_interval=2h action=log_event()'),
      ['watcher/never-triggers "2h"'],
    ],
    [
      script(
        `#WATCHER trigger_on_job_end=true trigger_job_states=[failed] condition="job_end_state == 'timeout'" action=log_event()`,
      ),
      [`watcher/never-triggers "job_end_state == 'timeout'"`],
    ],
    [
      script(
        '#WATCHER pattern="x" condition="elapsed > 3599 or elapsed > 9999" action=log_event()',
        '#WATCHER silence=10m action=log_event()',
        `#WATCHER trigger_on_job_end=true trigger_job_states=[failed] condition="job_end_state == 'out_of_memory'" action=log_event()`,
      ),
      [],
    ],
    [
      script('#SBATCH -e x.err', '#WATCHER pattern="DUE TO TIME LIMIT" action=log_event()'),
      ['watcher/never-triggers ""DUE TO TIME LIMIT""'],
      script('#SBATCH -e x.err', '#WATCHER pattern="DUE TO TIME LIMIT" output_type=both action=log_event()'),
    ],
    [
      script('#SBATCH -o a -e b', '#WATCHER output_type=stdout pattern="oom.kill" action=log_event()'),
      ['watcher/never-triggers ""oom.kill""'],
      script('#SBATCH -o a -e b', '#WATCHER output_type=both pattern="oom.kill" action=log_event()'),
    ],
    [script('#SBATCH -o a -e b', '#WATCHER pattern="error|loss" action=log_event()'), []],
    [script('#SBATCH -o a -e a', '#WATCHER pattern="CANCELLED" action=log_event()'), []],
    [script('#SBATCH -o a', '#WATCHER pattern="CANCELLED" action=log_event()'), []],
    [script('#SBATCH -e a', '#WATCHER pattern="slurmstepd" output_type=both action=log_event()'), []],
    ['#!/bin/bash\n#SBATCH -t UNLIMITED\n#WATCHER silence=1d action=log_event()\n', []],
  ],
  'watcher/default-states': [
    [
      script('#WATCHER trigger_on_job_end=true action=log_event()'),
      ['watcher/default-states "trigger_on_job_end"'],
      script('#WATCHER trigger_on_job_end=true trigger_job_states=[completed, failed, timeout] action=log_event()'),
    ],
    [script('#WATCHER trigger_on_job_end=true trigger_job_states=[any] action=log_event()'), []],
    // Lines that end as in DOS.
    [
      block('trigger_on_job_end: true', 'action: log_event()').replaceAll('\n', '\r\n'),
      ['watcher/default-states "trigger_on_job_end"'],
      block(
        'trigger_on_job_end: true',
        'trigger_job_states: [completed, failed, timeout]',
        'action: log_event()',
      ).replaceAll('\n', '\r\n'),
    ],
  ],
  'watcher/array-job': [
    [
      script('#SBATCH -a 0-3', '#WATCHER pattern="x" action=log_event()', '#WATCHER pattern="y" action=log_event()'),
      ['watcher/array-job "#WATCHER"'],
    ],
  ],
  'watcher/resubmit': [
    [
      script('#WATCHER pattern="x" action=resubmit(modifications={"mem": "2G"})'),
      ['watcher/resubmit-limit "resubmit"'],
      script('#WATCHER pattern="x" action=resubmit(modifications={"mem": "2G"}) remaining_resubmits=3'),
    ],
    [
      script('#WATCHER pattern="x" remaining_resubmits=2 action=resubmit()', 'python train.py'),
      ['watcher/resubmit-from-start "resubmit"'],
    ],
    [script('#WATCHER pattern="x" max_triggers=1 action=resubmit()', 'python train.py --resume auto'), []],
    [
      script(
        '#WATCHER pattern="saved (.*)" captures=[x] remaining_resubmits=2 action=resubmit()',
        'go ${x:+--from $x}',
      ),
      [],
    ],
  ],
  'watcher/cancel-and-resubmit': [
    [
      script('#WATCHER pattern="x" remaining_resubmits=1 action=cancel_job() action=resubmit(modifications={"a": 1})'),
      ['watcher/cancel-and-resubmit "cancel_job"'],
    ],
    [
      script(
        '#WATCHER pattern="x" remaining_resubmits=1 action=cancel_job(condition="elapsed > 5") action=resubmit(modifications={"a": 1})',
        '#WATCHER pattern="y" remaining_resubmits=1 action=cancel_job() action=resubmit(modifications={"a": 1}, cancel_original=false)',
      ),
      [],
    ],
  ],
  'pattern/matches-every-line': [
    [script('#WATCHER pattern="" action=log_event()'), ['pattern/matches-every-line ""']],
    [script('#WATCHER pattern="error|" action=log_event()'), ['pattern/matches-every-line "error|"']],
    [script('#WATCHER pattern="(\\d*)" action=log_event()'), ['pattern/matches-every-line "(\\d*)"']],
    ...['.*', '^.*$', '(.*)', '^$', '^\\s*$', 'a?b', '\\b', 'a*$|b'].map(
      (pattern): Case => [script(`#WATCHER pattern="${pattern}" action=log_event()`), []],
    ),
  ],
  'pattern/never-matches': [
    [script('#WATCHER pattern="a\\nb" action=log_event()'), ['pattern/never-matches "\\n"']],
    [script('#WATCHER pattern="a^b" action=log_event()'), ['pattern/never-matches "^"']],
    [script('#WATCHER pattern="a$b" action=log_event()'), ['pattern/never-matches "b"']],
    [script('#WATCHER pattern="(?:[\\r\\n])+" action=log_event()'), ['pattern/never-matches "[\\r\\n]"']],
    ...['a\\n?', 'a[\\n ]b', '(?m)^a$', 'a|\\n', '^\\s*^a', 'a$\\s*', '[^\\n]+'].map(
      (pattern): Case => [script(`#WATCHER pattern="${pattern}" action=log_event()`), []],
    ),
  ],
  'pattern/matches-itself': [
    [script('#WATCHER pattern="error" action=log_event()', 'set -xv', 'x'), ['pattern/matches-itself ""error""']],
    [script('#WATCHER pattern="error" action=log_event()', 'cat "$0"'), ['pattern/matches-itself ""error""']],
    [script('#WATCHER pattern="^error" action=log_event()', 'cat $0'), []],
    [script('#WATCHER pattern="error" action=log_event()', 'set -x'), []],
  ],
  'pattern/catastrophic': [
    [script('#WATCHER pattern="(?:a+)+b" action=log_event()'), ['pattern/catastrophic "(?:a+)+"']],
    [script('#WATCHER pattern="(?:a+)+" action=log_event()'), []],
  ],
  'condition/': [
    [on('int(loss) + "x" == line'), ['condition/always-raises "+"'], on('str(int(loss)) + "x" == line')],
    [on('float(loss) > "5"'), ['condition/always-raises ">"'], on('float(loss) > 5')],
    [on('len(5) > 1'), ['condition/always-raises "len"']],
    [on('len(float(loss)) > 1'), ['condition/always-raises "len"']],
    [on('float(loss)[0] == "1"'), ['condition/always-raises "0"']],
    [on('line["a"] == "1"'), ['condition/always-raises ""a""']],
    [on('loss.lower(1) == "x"'), ['condition/always-raises "lower"']],
    [on('float(loss).lower() == "x"'), ['condition/always-raises "lower"']],
    [on('5 in line'), ['condition/always-raises "in"']],
    [on('loss in 5'), ['condition/always-raises "in"']],
    [on('-line == 5'), ['condition/always-raises "-line"']],
    [on('history("loss") > 5'), ['condition/always-raises ">"']],
    [on('history("loss", 5, 6)[0] > 5'), ['condition/always-raises "history"']],
    [on('history("loss")[0] > line'), ['condition/text-as-number "line"']],
    [on('f"{loss:.2f}" == "1.00"'), ['condition/always-raises "loss"']],
    [on('{[1]: 2} == {}'), ['condition/always-raises "[1]"']],
    [on('min(float(loss), "a") > 1'), ['condition/always-raises "min"']],
    [on('1 / 0 > loss'), ['condition/always-raises "/"']],
    [on('int("x") > 1'), ['condition/always-raises "int"']],
    [on('previous["loss"] > 5'), ['condition/text-as-number "previous["loss"]"'], on('float(previous["loss"]) > 5')],
    [on('loss.strip() > 5'), ['condition/text-as-number "loss.strip()"'], on('float(loss.strip()) > 5')],
    [on('stream == "out"'), ['condition/never-equal ""out""']],
    [on('job_end_state == "COMPLETED"'), ['condition/never-equal ""COMPLETED""'], on('job_end_state == "completed"')],
    [on('elapsed == "5"'), ['condition/never-equal "=="'], on('elapsed == 5')],
    [on('("loss > 5")'), ['condition/constant "("loss > 5")"']],
    [on('1 < 2 and "a" in "b"'), ['condition/constant "1 < 2 and "a" in "b""']],
    [on('True'), ['condition/constant "True"']],
    ...[
      'float(loss) > 5 and int(loss) % 2 == 0',
      'loss == "5" or loss is None',
      'previous["loss"] is not None and float(previous["loss"]) > float(loss)',
      '(mean("loss", 5) or 0) > 1',
      'mean("loss", 5) > 1',
      'rate("loss", seconds=60) < 0',
      'sum(history("loss")) / 10 > 1.5',
      'max(history("loss", n=3)) > float(loss)',
      'len(line.split()) > 3 and line.split()[2] == "x"',
      'sorted(history("loss"))[0] > 1',
      'f"{float(loss):.2f}" == "1.00"',
      '"nan" in loss.lower()',
      '(float(loss) if loss else 0) > 5',
      'loss in ("a", "b")',
      'line[1:3] + "x" > line',
      '"ab" * int(loss) == line',
      'round(float(loss), 2) == 0.5',
      'any([loss == "x", elapsed > 5])',
      'job_end_state == ""',
    ].map((condition): Case => [on(condition), []]),
  ],
  'action/no-target': [
    [script('#WATCHER pattern="x" action=notify_email(message="x")'), ['action/no-target "notify_email"']],
    [script('#WATCHER pattern="x" action=slack(message="x")'), ['action/no-target "slack"']],
    [script('#WATCHER pattern="x" action=notify_email(to="a@b") action=notify_slack(webhook="https://x")'), []],
  ],
  'action/command-policy': [
    [script('#WATCHER pattern="x" action=run_command(command="rm x")'), ['action/command-policy ""rm x""']],
    [script('#WATCHER pattern="x" action=run_command(command="echo a > b")'), ['action/command-policy ""echo a > b""']],
    [script('#WATCHER pattern="x" action=run_command(command="echo $(ls)")'), ['action/command-policy ""echo $(ls)""']],
    [script(`#WATCHER pattern="x" action=run_command(command="echo 'a > b' \${LINE} | tee -a log && cp a b")`), []],
  ],
};

function lintsOf(text: string, about: string): readonly Problem[] {
  return checkScript(parseScript(text), options).filter(({ code }) => code.startsWith(about));
}

describe.each(Object.entries(groups))('%s', (about, cases) => {
  const named = cases.map(([text, wanted, fixed]) => ({ text, wanted, fixed }));
  it.each(named)('$text', ({ text, wanted, fixed }) => {
    const problems = lintsOf(text, about);
    const shown = problems.map(
      ({ code, span }) => `${code} "${text.slice(span.start, span.end).replaceAll('\n', '⏎')}"`,
    );
    expect(shown).toEqual(wanted);
    if (fixed === undefined) return;
    const [fix] = problems.find(({ fixes }) => fixes.length > 0)?.fixes ?? [];
    expect(fix && applyFix(text, fix)).toBe(fixed);
  });
});

describe('a quick fix of a lint takes it away', () => {
  const scripts = Object.values(groups).flatMap((cases) => cases.map(([text]) => text));
  it.each(scripts)('%j', (text) => {
    const key = ({ code, message }: Problem) => `${code} ${message}`;
    const all = (source: string) => checkScript(parseScript(source), options);
    for (const found of all(text)) {
      for (const fix of found.fixes) {
        const count = (source: string) => all(source).filter((each) => key(each) === key(found)).length;
        expect({ fix: fix.title, left: count(applyFix(text, fix)) }).toEqual({ fix: fix.title, left: count(text) - 1 });
      }
    }
  });
});

it('every lint is brought up by a case', () => {
  const seen = new Set(
    Object.values(groups)
      .flat()
      .flatMap(([, problems]) => problems.map((shown) => shown.split(' ')[0])),
  );
  expect([...lintCodes].filter((code) => !seen.has(code))).toEqual([]);
});
