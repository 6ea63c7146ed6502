/** A timeline of 100,000 events and 20,000 numbers: taking its log in, and one frame of it (layout, not painting). No window. */
import { MarkColumns } from '../client/timeline/mark-columns.ts';
import { timelineView } from '../client/timeline/timeline-view.ts';
import { moved, zoomed } from '../webview/time-scale.ts';
import { layoutTimeline, wholeWindow } from '../webview/timeline-layout.ts';
import { type Figure, percentile, report } from './lib/figures.ts';
import { timelineJob as job, timelineStart as start, timelineEntry } from './lib/timeline-log.ts';

const events = 100_000;

function measure(): Figure[] {
  const log = Array.from({ length: events * 1.2 }, (_, index) => timelineEntry(index));
  const jobs = new Map([[job.key, job]]);
  const columns = new MarkColumns();
  const viewOf = (count: number) => {
    const eventlogs = new Map([[job.key, log.slice(0, count)]]);
    return timelineView({ keys: [job.key], jobs, eventlogs, usages: new Map(), now: start + count / 10 }, columns);
  };
  const timed = (work: () => unknown) => {
    const began = performance.now();
    work();
    return performance.now() - began;
  };
  const first = timed(() => viewOf(log.length - 1000));
  const updates = Array.from({ length: 10 }, (_, index) => timed(() => viewOf(log.length - 900 + index * 100)));
  const view = viewOf(log.length);
  const whole = wholeWindow(view);
  let shapes = 0;
  const frames = Array.from({ length: 300 }, (_, index) => {
    const closer = zoomed(whole, whole, 1 / (1 + (index % 30)), start + ((index * 397) % 12_000));
    const window = moved(closer, whole, index * 10);
    return timed(() => {
      const scene = layoutTimeline(view, { window, width: 1600, chosen: 0, offsetSeconds: 0 });
      shapes = Math.max(shapes, scene.shapes.length);
    });
  });
  return [
    { what: `a log of ${log.length.toLocaleString('en')} entries, taken in at first`, value: first, unit: 'ms' },
    { what: 'the same with 100 more, p95', value: percentile(updates, 0.95), unit: 'ms' },
    { what: 'one frame laid out, p50', value: percentile(frames, 0.5), unit: 'ms' },
    { what: 'one frame laid out, p95', value: percentile(frames, 0.95), unit: 'ms', bar: { most: 16 } },
    { what: 'shapes to paint in a frame, most', value: shapes, unit: 'count' },
  ];
}

report('timeline', measure());
