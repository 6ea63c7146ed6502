import type { ActionHost } from '../../engine/actions/action.ts';
import { openLocalConnection } from '../../engine/clusters/local-connection.ts';
import type { OuterHost } from '../../engine/jobs/job-actions.ts';
import type { ActionServices } from '../../engine/jobs/outer-host.ts';
import { postJson } from '../../engine/post-json.ts';
import { defaultSettings } from '../../engine/settings.ts';
import type { ActionIntent } from '../../engine/store/records.ts';
import { jobRecord } from './builders.ts';

/** A fake world for actions: nothing in it does anything, unless a test says so. */
export function fakeOuterHost(changes: Partial<OuterHost> = {}): OuterHost {
  const never = async () => {
    throw new Error('not in this test');
  };
  return {
    settings: defaultSettings,
    secrets: {},
    cancel: async () => {},
    control: async () => {},
    update: async () => {},
    resubmit: async () => 'test/8',
    submit: async () => 'test/9',
    requested: async () => ({}),
    clusterFacts: async () => undefined,
    notify: () => {},
    postJson: async () => ({ status: 200 }),
    sendEmail: async () => {},
    connection: never,
    readBesideScript: async () => undefined,
    environment: () => undefined,
    ask: async () => undefined,
    emit: (name, payload) => ({ seq: 1, name, payload, emitted: 0, source: 'test/7', duplicate: false }),
    ...changes,
  };
}

/** What an engine has for actions, of which nothing does anything. */
export function actionServices(changes: Partial<ActionServices> = {}): ActionServices {
  const { postJson: post, sendEmail, ask, emit } = fakeOuterHost();
  return {
    settings: () => defaultSettings,
    secrets: () => ({}),
    maxWatchersPerJob: () => 10,
    environment: {},
    postJson: post,
    sendEmail,
    ask,
    emit: ({ name, payload = null }) => emit(name, payload, ''),
    ...changes,
  };
}

/** A host for one action, with this machine as its cluster and real HTTP. */
export function fakeActionHost(changes: Partial<ActionHost> = {}): ActionHost {
  const { resubmit: _, emit: __, cancel: ___, control: ____, ...outer } = fakeOuterHost();
  let memo = changes.memo ?? {};
  return {
    ...outer,
    job: jobRecord({ name: 'train' }),
    key: 'k'.repeat(32),
    attempt: 0,
    now: () => 0,
    remember(more) {
      memo = { ...memo, ...more };
    },
    cancel: async () => {},
    control: async () => {},
    resubmit: async () => 'test/8',
    takeResubmit: () => true,
    mayNotify: () => true,
    mayAct: () => true,
    postJson,
    connection: async () => openLocalConnection('test', process.env),
    script: () => '#!/bin/sh\n',
    captureNames: [],
    isScriptAllowed: () => false,
    allowScript: () => {},
    emit: (name, payload) => ({ seq: 1, name, payload, emitted: 0, source: 'test/7', duplicate: false }),
    mayStoreMetric: () => true,
    pauseWatcher: () => true,
    stopWatcher: () => true,
    ...changes,
    get memo() {
      return memo;
    },
  };
}

export function actionIntent(fields: Partial<ActionIntent> = {}): ActionIntent {
  return {
    watcher: 0,
    watcherName: 'w',
    trigger: 1,
    position: 0,
    action: 'log_event',
    params: {},
    line: 'the line',
    captures: {},
    ...fields,
  };
}
