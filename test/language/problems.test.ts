/** Every diagnostic: what brings it up, where it stands, and what its quick fix makes of the script. */
import { describe, expect, it } from 'vitest';
import { checkScript } from '../../language/check/check-script.ts';
import { problemCodes } from '../../language/problem/codes.ts';
import type { Problem } from '../../language/problem/problem.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { lintCodes } from './lint-codes.ts';
import { applyFix } from './support.ts';

function problemsOf(text: string): readonly Problem[] {
  return checkScript(parseScript(text)).filter(({ code }) => !lintCodes.has(code));
}

const header = '#!/bin/bash\n';
const inline = (rest: string) => `${header}#WATCHER ${rest}\n`;
const block = (...lines: readonly string[]) =>
  `${header}#WATCHER_BEGIN\n${lines.map((line) => `# ${line}\n`).join('')}#WATCHER_END\n`;
const log = 'action=log_event()';
const on = (condition: string) =>
  block('pattern: "(x)"', 'captures: [loss]', `condition: ${condition}`, 'action: log_event()');
const acts = (action: string) => block('pattern: "(x)"', 'captures: [loss]', `action: ${action}`);

/** Script, `code "text of its place"` of each problem, and the script after the first quick fix of the first problem. */
type Case = readonly [script: string, problems: readonly string[], fixed?: string];

interface NamedCase {
  readonly script: string;
  readonly wanted: readonly string[];
  readonly fixed: string | undefined;
}

const groups: { readonly [name: string]: readonly Case[] } = {
  'near misses': [
    [`${header}#watcher pattern="x"\n`, ['watcher/near-miss "#watcher"'], inline('pattern="x"')],
    [`${header}# WATCHER pattern="x"\n`, ['watcher/near-miss "# WATCHER"'], inline('pattern="x"')],
    [`${header}#WATCHERS pattern="x"\n`, ['watcher/near-miss "#WATCHERS"'], inline('pattern="x"')],
    [`${header}#WATCHER: pattern="x"\n`, ['watcher/near-miss "#WATCHER:"'], inline('pattern="x"')],
    [`${header}#WATCHER:pattern="x"\n`, ['watcher/near-miss "#WATCHER:"'], inline('pattern="x"')],
    [`${header}#WATCHER_START\n`, ['watcher/near-miss "#WATCHER_START"'], `${header}#WATCHER_BEGIN\n`],
    [`${header}# WATCHER_BEGIN\n`, ['watcher/near-miss "# WATCHER_BEGIN"'], `${header}#WATCHER_BEGIN\n`],
    [`${header}#WATCHER_FINISH\n`, ['watcher/near-miss "#WATCHER_FINISH"']],
    [`${header}#WATCHER_BEGIN oom\n`, ['watcher/near-miss "#WATCHER_BEGIN"']],
    [`${header}# watcher for the logs\n# the watcher: starts\n##WATCHER pattern="x"\n# watchers = many\n`, []],
  ],
  blocks: [
    [`${header}#WATCHER\n`, ['watcher/empty "#WATCHER"']],
    [`${header}#WATCHER   \n`, ['watcher/empty "#WATCHER"']],
    [block(), ['watcher/empty "#WATCHER_BEGIN⏎#WATCHER_END"']],
    [`${header}#WATCHER_END\n`, ['watcher/stray-end "#WATCHER_END"']],
    [
      `${header}#WATCHER_BEGIN\n# pattern: x\n# action: log\necho\n`,
      ['watcher/unclosed-block "#WATCHER_BEGIN"'],
      `${header}#WATCHER_BEGIN\n# pattern: x\n# action: log\n#WATCHER_END\necho\n`,
    ],
    [
      `${header}#WATCHER_BEGIN\n# pattern: x\n# action: log\n#WATCHER_BEGIN\n# pattern: y\n# action: log\n#WATCHER_END\n`,
      ['watcher/unclosed-block "#WATCHER_BEGIN"'],
    ],
    [
      `${header}#WATCHER_BEGIN\n# pattern: x\necho a\necho b\n# action: log\n#WATCHER_END\n`,
      ['watcher/not-a-comment "echo a⏎echo b"'],
    ],
    [
      block('pattern: x', '# a comment', '', 'action: log', 'what is this'),
      ['watcher/malformed-line "what is this"'],
      block('pattern: x', '# a comment', '', 'action: log', '# what is this'),
    ],
    [
      block('pattern: x', 'action: log', 'name = "y"'),
      ['watcher/malformed-line "name = "y""'],
      block('pattern: x', 'action: log', 'name: "y"'),
    ],
    [block('pattern: x', 'actions:', '  -log'), ['watcher/missing-value ""', 'watcher/malformed-line "-log"']],
    [block('pattern: x', '- log'), ['watcher/no-action "#WATCHER_BEGIN"', 'watcher/stray-item "- log"']],
    [block('pattern: "x" # note', 'action: log'), ['watcher/unbalanced-quote """']],
    [block('pattern: "a"|"b"', 'action: log'), ['watcher/ambiguous-quotes ""a"|"b""']],
    [block('pattern: x', 'actions:'), ['watcher/missing-value ""']],
    [block('pattern: x', 'actions:', '  - '), ['watcher/missing-value ""']],
    [
      block(
        'pattern: x',
        'actions:',
        '  - type: notify_email',
        '    params:',
        '      subject: it is done',
        '      to: "a@b.c"',
      ),
      ['watcher/malformed-line "subject: it is done⏎#       to: "a@b.c""'],
      block('pattern: x', 'actions:', '  - type: notify_email', '    params: {"subject": "it is done", "to": "a@b.c"}'),
    ],
    [block('pattern: x', 'actions:', '  - type: log_event', '    params:'), ['watcher/missing-value ""']],
    [block('pattern: x', 'interval:', '  - 5', 'action: log'), ['watcher/wrong-type "5"']],
    [
      block('pattern: x', 'actions:', '  - tipe: log'),
      ['watcher/unknown-key "tipe"'],
      block('pattern: x', 'actions:', '  - type: log'),
    ],
    [block('pattern: x', 'actions:', '  - type: log', '    type: log'), ['watcher/duplicate-key "type"']],
  ],
  'inline form': [
    [inline(`pattern = "x" ${log}`), ['watcher/blank-around-equals " = "'], inline(`pattern="x" ${log}`)],
    [inline(`pattern=foo bar ${log}`), ['watcher/stray-text "bar"'], inline(`pattern="foo bar" ${log}`)],
    [
      inline(`pattern="x" condition=1 > 0 ${log}`),
      ['watcher/stray-text "> 0"'],
      inline(`pattern="x" condition="1 > 0" ${log}`),
    ],
    [inline(`pattern="x" ${log} # note`), ['watcher/stray-text "# note"'], inline(`pattern="x" ${log}`)],
    [inline(`pattern="x ${log}`), ['watcher/unclosed-text """'], inline(`pattern="x" ${log}`)],
    [
      inline(`pattern="(x)" captures=[loss ${log}`),
      ['watcher/unclosed-list "["'],
      inline(`pattern="(x)" captures=[loss] ${log}`),
    ],
    [inline(`pattern="x" name= ${log}`), ['watcher/missing-value ""']],
    [inline('pattern="x" action=log_event('), ['action/syntax "("'], inline('pattern="x" action=log_event()')],
    [
      inline('pattern="x" action=log_event checkpoint saved'),
      ['watcher/stray-text "checkpoint saved"'],
      inline('pattern="x" action="log_event checkpoint saved"'),
    ],
  ],
  properties: [
    [inline(`pattren="x" ${log}`), ['watcher/missing-pattern "#WATCHER"', 'watcher/unknown-key "pattren"']],
    [
      inline(`pattern="x" intervall=5 ${log}`),
      ['watcher/unknown-key "intervall"'],
      inline(`pattern="x" interval=5 ${log}`),
    ],
    [inline(`pattern="x" colour=red ${log}`), ['watcher/unknown-key "colour"']],
    [inline(`pattern="x" PATTERN="y" ${log}`), ['watcher/duplicate-key "PATTERN"'], inline(`pattern="x"  ${log}`)],
    [
      block('pattern: x', 'pattern: y', 'action: log'),
      ['watcher/duplicate-key "pattern"'],
      block('pattern: x', 'action: log'),
    ],
    [
      block('pattern: (x)', 'captures: [a]', 'captures:', '# a comment', '  - b', 'action: log'),
      ['watcher/duplicate-key "captures"'],
      block('pattern: (x)', 'captures: [a]', '# a comment', 'action: log'),
    ],
    [inline(`pattern="x" interval=5 interval_seconds=6 ${log}`), ['watcher/duplicate-key "interval_seconds"']],
    [inline(`pattern="x" interval=soon ${log}`), ['watcher/wrong-type "soon"']],
    [
      inline(`pattern="x" interval=2h ${log}`),
      ['watcher/out-of-range "2h"'],
      inline(`pattern="x" interval=3600 ${log}`),
    ],
    [inline(`pattern="x" interval=0 ${log}`), ['watcher/out-of-range "0"'], inline(`pattern="x" interval=1 ${log}`)],
    [inline(`pattern="x" max_triggers=1.5 ${log}`), ['watcher/wrong-type "1.5"']],
    [inline(`pattern="x" max_failures=0 ${log}`), ['watcher/out-of-range "0"']],
    [inline(`pattern="x" enabled=maybe ${log}`), ['watcher/wrong-type "maybe"']],
    [
      inline(`pattern="x" output_type=stdrr ${log}`),
      ['watcher/wrong-type "stdrr"'],
      inline(`pattern="x" output_type=stderr ${log}`),
    ],
    [
      inline(`trigger_on_job_end=true trigger_job_states=[failed,timout] ${log}`),
      ['watcher/wrong-type "timout"'],
      inline(`trigger_on_job_end=true trigger_job_states=[failed,timeout] ${log}`),
    ],
    [inline(`pattern="x" name="" ${log}`), ['watcher/wrong-type """"']],
    [inline(`name=a ${log}`), ['watcher/missing-pattern "#WATCHER"']],
    [inline(`silence=10m ${log}`), []],
    [inline('pattern="x"'), ['watcher/no-action "#WATCHER"'], inline('pattern="x" action=log_event()')],
    [block('pattern: x'), ['watcher/no-action "#WATCHER_BEGIN"'], block('pattern: x', 'action: log_event()')],
    [inline(`pattern="x" timer_interval=5 ${log}`), ['watcher/no-effect "timer_interval"']],
    [`${inline(`name=a pattern="x" ${log}`)}#WATCHER name="a" pattern="x" ${log}\n`, ['watcher/duplicate-name ""a""']],
    [
      header + `#WATCHER pattern="x" ${log}\n`.repeat(12),
      ['watcher/too-many "#WATCHER"', 'watcher/too-many "#WATCHER"'],
    ],
  ],
  captures: [
    [inline(`pattern="(a)" captures=[a,b] ${log}`), ['watcher/too-many-captures "b"']],
    [inline(`pattern="(a)(b)" captures=[a] ${log}`), ['watcher/unnamed-groups "[a]"']],
    [
      inline(`pattern="(a)(b)(c)" captures=[float,2x,line] ${log}`),
      ['watcher/bad-capture "float"', 'watcher/bad-capture "2x"', 'watcher/bad-capture "line"'],
    ],
    [inline(`pattern="(a)(b)" captures=[a,a] ${log}`), ['watcher/bad-capture "a"']],
    [inline(`pattern="(?P<len>a)" ${log}`), ['watcher/bad-capture ""(?P<len>a)""']],
  ],
  patterns: [
    [inline(`pattern="(a" ${log}`), ['pattern/syntax "(a"'], inline(`pattern="(a)" ${log}`)],
    [inline(`pattern="say \\"(hi\\"" ${log}`), ['pattern/syntax "(hi\\""'], inline(`pattern="say \\"(hi\\")" ${log}`)],
    [inline(`pattern="a)" ${log}`), ['pattern/syntax ")"'], inline(`pattern="a\\)" ${log}`)],
    [inline(`pattern="[a-z" ${log}`), ['pattern/syntax "[a-z"'], inline(`pattern="[a-z]" ${log}`)],
    [inline(`pattern="*a" ${log}`), ['pattern/syntax "*"'], inline(`pattern="\\*a" ${log}`)],
    [inline(`pattern="a**" ${log}`), ['pattern/syntax "*"'], inline(`pattern="a*" ${log}`)],
    [inline(`pattern="\\q" ${log}`), ['pattern/syntax "\\q"'], inline(`pattern="q" ${log}`)],
    [inline(`pattern="a(?i)b" ${log}`), ['pattern/syntax "(?i)"'], inline(`pattern="(?i)ab" ${log}`)],
    [
      inline('pattern="[(?P<loss>\\d+" condition="float(loss) > 1" action=log_event(message="${loss}")'),
      ['pattern/syntax "[(?P<loss>\\d+"'],
    ],
    [inline(`pattern="(?=a)b" ${log}`), ['pattern/not-supported "(?=a)"']],
    [inline(`pattern="(a)\\1" captures=[x] ${log}`), ['pattern/not-supported "\\1"']],
    [inline(`pattern="(?:(?:a{200}){200})" ${log}`), ['pattern/not-supported "(?:(?:a{200}){200})"']],
    [inline(`pattern="(?:a+)+b" ${log}`), []],
    [inline(`pattern="${'x'.repeat(1001)}" ${log}`), [`pattern/too-long ""${'x'.repeat(1001)}""`]],
  ],
  conditions: [
    [on('loss > 5'), ['condition/text-as-number "loss"'], on('float(loss) > 5')],
    [on('5 < loss and True'), ['condition/text-as-number "loss"'], on('5 < float(loss) and True')],
    [on('loss - 1 > elapsed'), ['condition/text-as-number "loss"']],
    [on('loss == 5'), ['condition/never-equal "loss"'], on('float(loss) == 5')],
    [on('loss == "5" and loss * 2 == "55"'), []],
    [on('float(los) > 5'), ['condition/unknown-name "los"'], on('float(loss) > 5')],
    [on('flaot(loss) > 5'), ['condition/unknown-function "flaot"'], on('float(loss) > 5')],
    [on('loss.stirp() == ""'), ['condition/unknown-function "stirp"'], on('loss.strip() == ""')],
    [on('mean("los", 5) > 1'), ['condition/unknown-name ""los""'], on('mean("loss", 5) > 1')],
    [on('previous["loss"] is None'), []],
    [on('previous > 1'), ['condition/unknown-name "previous"']],
    [on('float'), ['condition/unknown-name "float"'], on('float()')],
    [on('float(loss) >'), ['condition/syntax ""']],
    [on('float(loss > 5'), ['condition/syntax "("']],
    [on('loss && line'), ['condition/syntax "&&"'], on('loss and line')],
    [on('!loss'), ['condition/syntax "!"'], on('not loss')],
    [on('loss = "5"'), ['condition/syntax "="'], on('loss == "5"')],
    [on('[x for x in line]'), ['condition/unknown-name "x"', 'condition/not-supported "for x in line"']],
    [on('(lambda: 1)()'), ['condition/not-supported "lambda: 1"']],
    [on('loss.__class__'), ['condition/not-supported "__class__"']],
    [on('(y := 5) > 1'), ['condition/not-supported ":="']],
    [on('elapsed & 1'), ['condition/not-supported "&"']],
    [on(`line == '${'x'.repeat(500)}'`), [`condition/too-long "line == '${'x'.repeat(500)}'"`]],
  ],
  actions: [
    [acts('cancle_job()'), ['action/unknown "cancle_job"'], acts('cancel_job()')],
    [acts('dance()'), ['action/unknown "dance"']],
    [acts('cancel_job(raeson="x")'), ['action/unknown-parameter "raeson"'], acts('cancel_job(reason="x")')],
    [acts('cancel_job("x")'), ['action/unnamed-parameter ""x""'], acts('cancel_job(reason="x")')],
    [
      acts('cancel_job(reason="x", reason="y")'),
      ['action/duplicate-parameter "reason"'],
      acts('cancel_job(reason="x")'),
    ],
    [acts('cancel_job(reason=5)'), ['action/wrong-type "5"']],
    [acts('cancel_job(reason=)'), ['watcher/missing-value ""']],
    [acts('cancel_job(reason=high)'), ['action/unquoted-text "high"'], acts('cancel_job(reason="high")')],
    [acts('cancel_job(reason=float(loss))'), ['action/syntax "float(loss)"']],
    [acts('cancel_job(reason="x") now'), ['action/syntax " now"'], acts('cancel_job(reason="x")')],
    [acts('cancel_job it'), ['action/unknown-parameter "it"']],
    [acts('run_command()'), ['action/missing-parameter "run_command"']],
    [acts('store_metric(name="loss")'), ['action/missing-parameter "store_metric"']],
    [
      acts('store_metric(name="loss", variable="los")'),
      ['action/unknown-variable ""los""'],
      acts('store_metric(name="loss", variable="loss")'),
    ],
    [acts('resubmit(modifications="mem")'), ['action/wrong-type ""mem""']],
    [acts('resubmit(modifications={"mem": "32Q"})'), ['action/wrong-type ""32Q""']],
    [acts('resubmit(modifications={"mem": "2G", "mem": "4G"})'), ['action/duplicate-parameter ""mem""']],
    [acts('webhook(url="https://x", body={"a": {"b": 1, "b": 2}})'), ['action/duplicate-parameter ""b""']],
    [
      acts('store_metric(name="loss", value=loss)'),
      ['action/wrong-type "loss"'],
      acts('store_metric(name="loss", value="${loss}")'),
    ],
    [
      acts('store_metric(name="loss", value="loss")'),
      ['action/wrong-type ""loss""'],
      acts('store_metric(name="loss", value="${loss}")'),
    ],
    [acts('store_metric(name="loss", value="${loss}")'), []],
    [acts('store_metric(name="loss", value="1e-3")'), []],
    [
      acts('resubmit(modifications={"mem": "1G", "learning-rate": 1}, cancel_previous=false, delay=5m)'),
      ['action/environment-variable ""learning-rate""'],
    ],
    [
      acts('notify(message="${los} ${JOB_ID} $loss $1 $2", level="info")'),
      ['action/unknown-variable "los"', 'action/unknown-variable "2"'],
      acts('notify(message="${loss} ${JOB_ID} $loss $1 $2", level="info")'),
    ],
    [
      acts('notify(message="x", level="eror")'),
      ['action/wrong-type ""eror""'],
      acts('notify(message="x", level="error")'),
    ],
    [acts('notify(message="x")'), ['action/ssync-notify "notify"'], acts('notify_email(message="x")')],
    [acts('run_command(command="cp $HOME/x ${los}")'), ['action/unknown-variable "los"']],
    [
      acts('stop_watcher(name="watcher-2")'),
      ['action/unknown-watcher ""watcher-2""'],
      acts('stop_watcher(name="watcher-1")'),
    ],
    [acts('log_event(condition="float(loss) > x")'), ['condition/unknown-name "x"']],
    [acts('log_event(condition=5)'), ['action/wrong-type "5"']],
    [acts('resubmit(modifications={"mem": "*2", "time": "60"})'), []],
    [acts('resubmit(delay=60)'), []],
    [acts('log_event checkpoint saved, with (parentheses) and = signs'), []],
  ],
  directives: [
    [`${header}#SBATCH --job-name="x\n`, ['directive/open-quote """']],
    [`${header}#SBATCH -n1\ntrue\n#SBATCH -t5\n`, ['directive/after-command "#SBATCH -t5"']],
    [`${header}module load x\n#SBATCH -t5\n`, ['directive/after-command "#SBATCH -t5"']],
    [`${header}#SBATCH -n1\ncat > job <<EOF\n#SBATCH -t5\nEOF\nsbatch job\n`, []],
    [
      `${header}#SBATCH -n1\ncat > job <<-'END'\n\t#SBATCH -t5\n#SBATCH -t5\n\tEND\n#SBATCH -t6\n`,
      ['directive/after-command "#SBATCH -t6"'],
    ],
    [`${header}#SBATCH -n1\necho "\n#SBATCH -t5\n" > job\n`, []],
    [`${header}cat <<EOF\n#SBATCH -t5\nEOF\n#SBATCH -n1\n`, []],
    [`${header}#SBATCH -n1\ntrue\n#SBATCH -t {{ time }}\n`, []],
    [`${header}#SBATCH -n1\necho 'it\n#SBATCH -t5\n`, []],
    [`${header}#flux: -N1\ntrue\n#flux: -N2\n`, ['directive/flux-syntax "#flux:"']],
    [`${header}true\n# SBATCH -t5\n##SBATCH -t5\n  #SBATCH -t5\n`, []],
  ],
  options: [
    [
      `${header}#SBATCH --ntasts-per-node=2\n`,
      ['directive/unknown-option "--ntasts-per-node"'],
      `${header}#SBATCH --ntasks-per-node=2\n`,
    ],
    [`${header}#SBATCH --memory=2G\n`, ['directive/unknown-option "--memory"'], `${header}#SBATCH --mem=2G\n`],
    [`${header}#SBATCH --workdir=/x\n`, ['directive/unknown-option "--workdir"'], `${header}#SBATCH --chdir=/x\n`],
    [`${header}#SBATCH --no-such-thing\n`, ['directive/unknown-option "--no-such-thing"']],
    [`${header}#SBATCH --image=ubuntu --container-mounts /a:/a\n`, []],
    [`${header}#SBATCH --gre=gpu:1\n`, ['directive/ambiguous-option "--gre"'], `${header}#SBATCH --gres=gpu:1\n`],
    [`${header}#SBATCH --time=2h\n`, ['directive/bad-value "2h"'], `${header}#SBATCH --time=2:00:00\n`],
    [`${header}#SBATCH --time="2 h"\n`, ['directive/bad-value ""2 h""']],
    [
      `${header}#SBATCH --mail-type=END,FAILED\n`,
      ['directive/bad-value "FAILED"'],
      `${header}#SBATCH --mail-type=END,FAIL\n`,
    ],
    [`${header}#SBATCH --time={{ time }} --mem=<MEM> -n $N --nodes={nodes} -p @P@\n`, []],
    [`${header}#SBATCH --time\n`, ['directive/missing-value "--time"']],
    [`${header}#SBATCH --hold=yes\n`, ['directive/unexpected-value "=yes"'], `${header}#SBATCH --hold\n`],
    [`${header}#SBATCH hetjob\n#SBATCH -n1\n`, []],
    [`${header}#PBS -l walltime=2h,nodes=1:ppn=x\n`, ['directive/bad-value "2h"', 'directive/bad-value "x"']],
    [`${header}#PBS -l select=2:ppn=8\n`, ['directive/bad-value "ppn"'], `${header}#PBS -l select=2:ncpus=8\n`],
    [`${header}#PBS -N name -y\n`, ['directive/unknown-option "-y"']],
    [`${header}#BSUB -W24:00 -n16 -R "span[ptile=4]" -oo out\n`, []],
    [`${header}#BSUB -W 1:00:00\n`, ['directive/bad-value "1:00:00"'], `${header}#BSUB -W 1:00\n`],
    [`${header}#$ -cwd -pe smp 4 -l h_rt=1:00:00,h_vmem=4G -j y\n`, []],
    [
      `${header}#$ -l h_vmem=4GB more\n`,
      ['directive/bad-value "4GB"', 'directive/stray-word "more"'],
      `${header}#$ -l h_vmem=4G more\n`,
    ],
    [`${header}#$HOME/bin/x\n#$ a comment\n`, []],
    [`${header}cat <<E\n#BSUB -W x\nE\n`, []],
    [`${header}#flux: -c=8 -t=270000 -n=2\n`, []],
    [`${header}#flux: -c=x -n2\n`, ['directive/bad-value "x"']],
    [`${header}#$ -pe XXXqueueXXX XXXnodesXXX\n`, []],
    [`${header}#PBS -l wd\n#PBS -l storage=gdata/w35,walltime=24:0:0\n#PBS -l nodes=1:ncpus=12\n`, []],
    [`${header}#PBS -P \n`, ['directive/missing-value "-P"']],
    [`${header}#BSUB -R rusage[mem=50000]\n#BSUB -M 5GB\n#BSUB -W 4320\n#BSUB -q long # which queue\n`, []],
    [`${header}#$ -V ### all variables\n#$ -t 1-20   # a line each\n#$ -binding linear:1 -p 200 -l h_fsize=500G\n`, []],
    [`${header}#flux: -t 10:00 -N1\n`, ['directive/bad-value "10:00"'], `${header}#flux: -t 10m -N1\n`],
  ],
  file: [
    ['#SBATCH -n1\ntrue\n', ['script/no-shebang "#SBATCH -n1"'], '#!/bin/bash\n#SBATCH -n1\ntrue\n'],
    ['\n#!/bin/bash\n#SBATCH -n1\n', ['script/no-shebang "⏎"'], '#!/bin/bash\n#SBATCH -n1\n'],
    ['\ufeff#!/bin/bash\n#SBATCH -n1\n', ['script/no-shebang "\ufeff"'], '#!/bin/bash\n#SBATCH -n1\n'],
    [
      '#!/bin/bash\r\n#SBATCH -n1\r\ntrue\r\n',
      ['script/dos-line-breaks "#!/bin/bash"'],
      '#!/bin/bash\n#SBATCH -n1\ntrue\n',
    ],
    ['echo hello\r\n', []],
    ['', []],
  ],
};

describe.each(Object.entries(groups))('%s', (_name, cases) => {
  const named = cases.map(([script, wanted, fixed]): NamedCase => ({ script, wanted, fixed }));
  it.each(named)('$script', ({ script, wanted, fixed }) => {
    const problems = problemsOf(script);
    const shown = problems.map(
      ({ code, span }) => `${code} "${script.slice(span.start, span.end).replaceAll('\n', '⏎')}"`,
    );
    expect(shown).toEqual(wanted);
    if (fixed === undefined) return;
    const [first] = problems.filter(({ fixes }) => fixes.length > 0);
    const [fix] = first?.fixes ?? [];
    expect(fix && applyFix(script, fix)).toBe(fixed);
  });
});

describe('a quick fix takes its problem away', () => {
  const scripts = Object.values(groups).flatMap((cases) => cases.map(([script]) => script));
  const key = ({ code, message, span }: Problem) => `${code} ${span.start} ${message}`;
  it.each(scripts)('%j', (script) => {
    for (const found of problemsOf(script)) {
      for (const fix of found.fixes) {
        const left = problemsOf(applyFix(script, fix)).map(key);
        expect({ fix: fix.title, left }).not.toEqual({ fix: fix.title, left: expect.arrayContaining([key(found)]) });
      }
    }
  });
});

it('a line that a quick fix removes goes with its break, whatever that is', () => {
  const script = block('pattern: x', 'pattern: y', 'action: log').replaceAll('\n', '\r\n');
  const fix = problemsOf(script).find(({ code }) => code === 'watcher/duplicate-key')?.fixes[0];
  expect(fix && applyFix(script, fix)).toBe(block('pattern: x', 'action: log').replaceAll('\n', '\r\n'));
});

it('every code is brought up by a case', () => {
  const seen = new Set(
    Object.values(groups)
      .flat()
      .flatMap(([, problems]) => problems.map((shown) => shown.split(' ')[0])),
  );
  // Those of workflow files, of the cluster's own word, and lints have tests of their own.
  const ofCluster = ['directive/unknown-name', 'directive/beyond-limit', 'directive/no-access'];
  const ofScripts = Object.keys(problemCodes).filter(
    (code) => !/^(workflow|suppression|recipe)\//.test(code) && !ofCluster.includes(code) && !lintCodes.has(code),
  );
  expect(ofScripts.filter((code) => !seen.has(code))).toEqual([]);
});

describe('severities that depend on the script', () => {
  it.each([
    ['#SBATCH -n1\n', 'error'],
    ['#WATCHER pattern="x" action=log\n', 'warning'],
    ['# {{ header }}\n#SBATCH -n1\n', 'warning'],
    ['#PBS -l nodes=1\n', 'warning'],
  ])('%j: %s', (script, severity) => {
    expect(problemsOf(script)).toMatchObject([{ code: 'script/no-shebang', severity }]);
  });
});

describe('options', () => {
  it('maxWatchers', () => {
    const script = `${inline(`pattern="x" ${log}`)}#WATCHER pattern="y" ${log}\n`;
    expect(checkScript(parseScript(script), { maxWatchers: 1 }).map(({ code }) => code)).toEqual(['watcher/too-many']);
  });

  it('scheduler', () => {
    const script = '#PBS -l nodes=1\ntrue\n#PBS -q x\n#SBATCH -n1\n';
    const codes = (scheduler: 'auto' | 'slurm' | 'pbs' | 'flux') =>
      checkScript(parseScript(script), { scheduler }).map(({ code, severity }) => `${code} ${severity}`);
    expect(codes('auto')).toEqual([
      'script/no-shebang warning',
      'directive/after-command warning',
      'directive/after-command warning',
    ]);
    expect(codes('slurm')).toEqual(['script/no-shebang error', 'directive/after-command warning']);
    expect(codes('pbs')).toEqual(['script/no-shebang warning', 'directive/after-command warning']);
    expect(codes('flux')).toEqual(['script/no-shebang error']);
  });
});
