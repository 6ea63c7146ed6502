import { describe, expect, it } from 'vitest';
import { permissionKey } from '../../../engine/jobs/permission.ts';
import { parseScript } from '../../../language/script/parse-script.ts';
import { bindWatchers } from '../../../language/watcher/spec.ts';

const spec = (command: string, more = '') =>
  bindWatchers(parseScript(`#!/bin/sh\n#WATCHER pattern="x" ${more} action=run_command(command="${command}")\n`))[0];

describe('what is allowed for good', () => {
  it('is one command of one watcher in one script', () => {
    const one = permissionKey({ scriptHash: 'a' }, spec('echo'), 0);
    expect(one).toBeTypeOf('string');
    expect(permissionKey({ scriptHash: 'b', templateHash: 'a' }, spec('echo', 'remaining_resubmits=1'), 0)).toBe(one);
    expect(permissionKey({ scriptHash: 'a' }, spec('rm -r /'), 0)).not.toBe(one);
    expect(permissionKey({ scriptHash: 'a' }, spec('echo', 'condition="True"'), 0)).not.toBe(one);
    expect(permissionKey({ scriptHash: 'b' }, spec('echo'), 0)).not.toBe(one);
  });

  it('is nothing where the script is not known', () => {
    expect(permissionKey({ scriptHash: '' }, spec('echo'), 0)).toBeUndefined();
    expect(permissionKey({ scriptHash: 'a' }, undefined, 0)).toBeUndefined();
  });
});
