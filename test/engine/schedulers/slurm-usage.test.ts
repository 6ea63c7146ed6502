import { describe, expect, it } from 'vitest';
import { sacctDelimiter } from '../../../engine/schedulers/slurm-parse.ts';
import { parseUsage } from '../../../engine/schedulers/slurm-usage.ts';

/** As Slurm 22.05.8 printed it, but for the delimiter. */
const printed = `2|mem.sh|FAILED|1795245337|1795245344|7|2|00:03.643|||billing=2,cpu=2,mem=200M,node=1
2.batch|batch|FAILED|1795245337|1795245344|7|2|00:00.017|12408K|1|cpu=2,mem=200M,node=1
2.extern|extern|COMPLETED|1795245337|1795245344|7|2|00:00.001||1|cpu=2,mem=200M,node=1
2.0|python3|COMPLETED|1795245337|1795245341|4|2|00:03.623|91464K|1|cpu=2,mem=200M,node=1
2.1|sleep|CANCELLED by 1000|1795245341|Unknown|3|2|00:00.003|1700K|2|cpu=2,mem=200M,node=1
20|other|COMPLETED|1795245337|1795245344|7|2|1-02:03:04|||billing=2,cpu=2,mem=4G,node=1
20.batch|batch|COMPLETED|1795245337|1795245344|7|2|00:00.017|1.5G|4|cpu=2
`.replaceAll('|', sacctDelimiter);

describe('what a job used', () => {
  it('is that of its steps and of the whole', () => {
    expect(parseUsage(printed, '2')).toEqual({
      elapsedSeconds: 7,
      cpus: 2,
      cpuSeconds: 3.643,
      memoryBytes: 91_464 * 1024,
      requestedMemoryBytes: 200 * 2 ** 20,
      steps: [
        { id: 'batch', name: 'batch', state: 'failed', started: 1795245337, ended: 1795245344 },
        { id: '0', name: 'python3', state: 'completed', started: 1795245337, ended: 1795245341 },
        { id: '1', name: 'sleep', state: 'cancelled', started: 1795245341 },
      ],
    });
  });

  it('is of all tasks of a step, in days and in gibibytes too', () => {
    expect(parseUsage(printed, '20')).toMatchObject({ cpuSeconds: 93_784, memoryBytes: 6 * 2 ** 30 });
  });

  it.each([
    ['', '2'],
    [printed, '3'],
    ['sacct: error\n', '2'],
  ])('is not told', (text, id) => expect(parseUsage(text, id)).toBeUndefined());

  it('is told as far as it goes', () => {
    const empty = ['7', 'x', 'PENDING', 'Unknown', 'Unknown', '0', '0', '00:00:00', '', '', ''].join(sacctDelimiter);
    expect(parseUsage(empty, '7')).toEqual({ steps: [] });
  });
});
