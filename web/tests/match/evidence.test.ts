import { expect, test } from 'vitest';
import { readable } from '@/pages/matches/match/evidence';

// What `payload.decode('utf-8', 'backslashreplace')` makes of replies, as arena/runner/asked.py does.

test('a reply in msgpack is told as what it says', () => {
  expect(readable('\\x83\\xa3ply\u0002\\xa6action\u0007\\xa8think_ms\\xcb@\\xbfb\\x9cj~\\xf9\\xdb')).toBe(
    '{"ply":2,"action":7,"think_ms":8034.611}',
  );
  expect(readable('\\x81\\xa6action\\x93\u0001\\xff\\xc3')).toBe('{"action":[1,-1,true]}');
});

test('JSON and text stay as they are', () => {
  for (const text of ['{"ply": 2, "action": 7}', 'no reply', '我走这里', '']) expect(readable(text)).toBe(text);
});

test('what is cut off or is no msgpack is shown as it is, and what cannot be printed is made visible', () => {
  expect(readable('\\x83\\xa3ply\u0002\\xa6act')).toBe('\\x83\\xa3ply\\x02\\xa6act');
  expect(readable('\\x81\\xc1')).toBe('\\x81\\xc1');
});
