import { expect, it } from 'vitest';
import { performedActions } from '../../../engine/actions/perform.ts';
import { actions } from '../../../language/actions/catalogue.ts';

it('performs every action of the language', () => {
  const promised = actions.map((action) => action.name);
  expect([...performedActions].sort()).toEqual([...promised].sort());
});
