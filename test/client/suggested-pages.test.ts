import { describe, expect, it } from 'vitest';
import { suggestedPages } from '../../client/jobs/suggested-pages.ts';

const portsIn = (output: string) => suggestedPages(output).map(({ port }) => port);

describe('ports that an output speaks of', () => {
  it.each([
    ['[I] Jupyter Server is running at:\n[I] http://n1:8888/lab?token=abc\n', [8888]],
    ['TensorBoard 2.14.0 at http://gpu-03.cluster:6006/ (Press CTRL+C to quit)', [6006]],
    ['distributed.scheduler -   dashboard at:  http://10.0.0.5:8787/status', [8787]],
    ['Listening on localhost:5000', [5000]],
    ['Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...', [8000]],
    ['started on port: 9000\nthen http://a:9001', [9001, 9000]],
    ['on [::]:8080', [8080]],
    ['2026-11-21 14:05:33 loss: 1234, step 12:3456', []],
    ['http://n1:99999/ and port 0', []],
    ['', []],
  ])('%s', (output, ports) => expect(portsIn(output)).toEqual(ports));

  it('are few, and found at the end of whatever was printed', () => {
    const many = Array.from({ length: 100 }, (_, index) => `http://n1:${8000 + index}/`).join('\n');
    expect(portsIn(many)).toEqual([8099, 8098, 8097, 8096, 8095, 8094, 8093, 8092]);
    expect(portsIn(`${'port '.repeat(500_000)}http://n1:8888/`)).toEqual([8888]);
  });
});

it.each([
  ['http://n1:8888/lab?token=a1b2\nlistening on port 8888', 'http', '/lab?token=a1b2'],
  ['(https://n1:8888/tree?x=1&token=a1b2)', 'https', '/tree?x=1&token=a1b2'],
  ['http://n1:8888/lab?token=old\nhttp://127.0.0.1:8888/lab?token=new.', 'http', '/lab?token=new.'],
  ['http://n1:8888/status', 'http', ''],
  ['http://n1:8888/?token=<script>', 'http', ''],
  ['HTTPS://n1:8888/', 'https', ''],
])('“%s” is a page with %s and the path “%s”', (output, scheme, path) =>
  expect(suggestedPages(output)).toEqual([{ port: 8888, scheme, path }]),
);
