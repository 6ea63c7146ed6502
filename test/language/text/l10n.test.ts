import { afterEach, describe, expect, it } from 'vitest';
import { configure, t } from '../../../language/text/l10n.ts';

afterEach(() => configure(undefined));

describe('texts', () => {
  it('are English where there is no translation', () => {
    expect(t('{0} of {1} jobs', 1, 2)).toBe('1 of 2 jobs');
    configure({ 'another text': 'ein anderer Text' });
    expect(t('Submit')).toBe('Submit');
    expect(t('constructor')).toBe('constructor');
  });

  it('are those of the language, with values in its order', () => {
    configure({ '{0} of {1} jobs': 'von {1} Jobs {0}' });
    expect(t('{0} of {1} jobs', 1, 2)).toBe('von 2 Jobs 1');
  });

  it('take values as they are', () => {
    expect(t('job {0}', '{1} $& {0}', 'x')).toBe('job {1} $& {0}');
    expect(t('a pattern such as [0-9]{3}')).toBe('a pattern such as [0-9]{3}');
  });
});
