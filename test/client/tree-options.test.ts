/** How the jobs view is told what to show, and why jobs wait. */
import { describe, expect, it } from 'vitest';
import { explainReason } from '../../client/jobs/pending-reason.ts';
import { defaultOptions, describeFilters, isFiltered, readOptions } from '../../client/jobs/tree-options.ts';

describe('options of the jobs tree', () => {
  it('come back from the memory as they were', () => {
    const options = { group: 'day', order: 'name', kinds: ['failed'], watched: true, text: 'a b', days: 3 } as const;
    expect(readOptions(JSON.parse(JSON.stringify(options)))).toEqual(options);
  });

  it.each([undefined, null, 3, 'x', [], { group: 'moon', order: 1, kinds: 'failed', watched: 1, text: {}, days: -1 }])(
    '%o are the defaults',
    (value) => expect(readOptions(value)).toEqual(defaultOptions),
  );

  it('are told in words', () => {
    expect([describeFilters(defaultOptions), isFiltered(defaultOptions)]).toEqual(['', false]);
    const options = readOptions({ kinds: ['running', 'waiting'], watched: true, text: 'train', days: 3 });
    expect(describeFilters(options)).toBe('running or waiting · with watchers · “train” · of the last 3 days');
    expect(isFiltered(options)).toBe(true);
  });
});

describe('reasons', () => {
  it.each([
    ['Priority', 'jobs of higher priority come first'],
    ['ReqNodeNotAvail, UnavailableNodes:n[1-2]', /maintenance/],
    ['Dependency (after-start=ƒ12)', 'waits for other jobs'],
    ['JobHeldUser', /held by you/],
    ['QOSMaxJobsPerUserLimit', 'the QOS allows no more jobs for one user'],
    ['QOSMaxGRESPerUser', 'the QOS allows no more GPUs (GRES) for one user'],
    ['QOSGrpCpuLimit', 'the QOS allows no more CPUs, all its jobs together'],
    ['AssocGrpCPURunMinutesLimit', 'your account allows no more minutes of CPUs, all its jobs together'],
    ['AssocMaxWallDurationPerJobLimit', /time/],
    ['AssocMaxSubmitJobLimit', 'your account allows no more jobs'],
    ['QOSMinGRES', 'asks for less (GPUs (GRES)) than the QOS requires'],
  ])('%s', (code, words) => expect(explainReason(code)).toMatch(words));

  it.each(['', 'constructor', 'A site’s own', '3rd', 'MaximumOverdrive'])('%s is not known', (code) =>
    expect(explainReason(code)).toBeUndefined(),
  );
});
