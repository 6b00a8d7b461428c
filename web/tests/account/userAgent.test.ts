import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientOf } from '@/pages/account/userAgent';

const GECKO = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0';

test.each([
  [GECKO, 'Firefox · Linux', 'browser'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`, 'Chrome · Windows', 'browser'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/141.0`, 'Edge · Windows', 'browser'],
  [`Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`, 'Chrome · Android', 'phone'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604',
    'Safari · iPhone',
    'phone',
  ],
  ['python-httpx/0.28.1', 'python-httpx/0.28.1', 'program'],
  ['curl/8.14.1 (x86_64)', 'curl/8.14.1', 'program'],
  ['', '', 'program'],
])('%s', (said, name, kind) => {
  expect(clientOf(said)).toEqual({ name, kind });
});

test('whatever a client says has a name that is no longer', () => {
  fc.assert(
    fc.property(fc.string(), (said) => {
      expect(clientOf(said).name.length).toBeLessThanOrEqual(Math.max(said.length, 32));
    }),
  );
});
