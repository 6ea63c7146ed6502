/** The slider that goes through the log of a job, and what it says of the job at that time. */
import * as l10n from '../language/text/l10n.ts';
import { html } from './dom.ts';
import { momentAt, replayedRow } from './timeline-replay.ts';
import type { TimelineView } from './timeline-view.ts';

export interface TimeTravel {
  readonly element: HTMLElement;
  /** The slider stays at its event; at the end of a log that grows it stays at the end. */
  show(view: TimelineView): void;
}

/** @param onTime hears at which time the slider stands; `undefined`: nobody has moved it yet */
export function timeTravel(clock: (seconds: number) => string, onTime: (time: number | undefined) => void): TimeTravel {
  const slider = html('input', { type: 'range', id: 'time-travel', min: 0, step: 1 });
  const event = html('p');
  const facts = html('dl');
  const element = html('section', { class: 'travel', 'aria-label': l10n.t('Time travel') });
  element.append(
    html('label', { for: 'time-travel' }, l10n.t('Time travel: the job after each of its events')),
    slider,
    event,
    facts,
  );
  let view: TimelineView | undefined;
  let isMoved = false;

  function tell(): void {
    const moment = view && momentAt(view, slider.valueAsNumber);
    if (!moment) return;
    const sign = moment.isWarning ? '⚠ ' : '';
    const words = `${sign}${clock(moment.time)} · ${moment.event}`;
    event.textContent = words;
    event.className = moment.isWarning ? 'warning' : '';
    const [[, state] = ['', '']] = moment.facts;
    slider.setAttribute('aria-valuetext', `${words}. ${state}`);
    facts.replaceChildren(...moment.facts.flatMap(([name, value]) => [html('dt', {}, name), html('dd', {}, value)]));
    onTime(isMoved ? moment.time : undefined);
  }

  slider.addEventListener('input', () => {
    isMoved = true;
    tell();
  });
  return {
    element,
    show(next) {
      const last = (replayedRow(next)?.marks.times.length ?? 0) - 1;
      element.hidden = last < 0;
      const isAtEnd = view === undefined || slider.valueAsNumber >= Number(slider.max);
      view = next;
      slider.max = String(Math.max(0, last));
      if (isAtEnd) slider.valueAsNumber = last;
      tell();
    },
  };
}
