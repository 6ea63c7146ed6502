import { expect, it } from 'vitest';
import { performedActions } from '../../../engine/actions/perform.ts';
import { actions } from '../../../language/actions/catalogue.ts';

it('performs every action that the language does not say is recorded only', () => {
  const promised = actions.filter((action) => !action.recordedOnly).map((action) => action.name);
  expect([...performedActions].sort()).toEqual([...promised].sort());
});
