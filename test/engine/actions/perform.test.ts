import { expect, it } from 'vitest';
import { TryLaterError } from '../../../engine/actions/action.ts';
import { perform, performedActions } from '../../../engine/actions/perform.ts';
import { StoreFailure } from '../../../engine/store/store-failure.ts';
import { actions } from '../../../language/actions/catalogue.ts';
import { actionIntent, fakeActionHost } from '../../support/action-host.ts';

it('performs every action of the language', () => {
  const promised = actions.map((action) => action.name);
  expect([...performedActions].sort()).toEqual([...promised].sort());
});

it('tries again when the database is locked, as that passes', async () => {
  const locked = () => {
    throw new StoreFailure('locked');
  };
  const acts = perform(actionIntent({ action: 'hold_job' }), fakeActionHost({ mayAct: locked }));
  await expect(acts).rejects.toThrow(TryLaterError);
  const tells = perform(actionIntent({ action: 'notify' }), fakeActionHost({ mayNotify: locked }));
  await expect(tells).rejects.toThrow(TryLaterError);
  const keeps = perform(actionIntent({ action: 'notify' }), fakeActionHost({ remember: locked }));
  await expect(keeps).rejects.toThrow(TryLaterError);
});
