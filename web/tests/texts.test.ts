// Both languages say the same things: the same keys, the same holes, and nothing that was left in English.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../src/locales', import.meta.url));
const files = (language: string) => readdirSync(`${folder}/${language}`).sort();
const PLURAL = /_(zero|one|two|few|many|other)$/;
const WORD = /[A-Za-z]{4,}/;
// Names of things that are called the same everywhere.
const NAMES = 'Python|JavaScript|TypeScript|NATS|JSON|Arena|agent_kit|Shell|Gymnasium|PettingZoo';
const EVERYWHERE = new RegExp(`^[\\w .+-]*(${NAMES})[\\w .+-]*$`);

/** Every text by its path; of plural forms the general one. */
function texts(language: string, file: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (part: object, path: string) => {
    for (const [name, value] of Object.entries(part)) {
      if (typeof value === 'string') found.set(`${path}${name}`.replace(PLURAL, ''), value);
      else walk(value, `${path}${name}.`);
    }
  };
  walk(JSON.parse(readFileSync(`${folder}/${language}/${file}`, 'utf8')), '');
  return found;
}

const holes = (text: string) => [...new Set(text.match(/{{\s*\w+/g)?.map((hole) => hole.replace(/\W/g, '')))].sort();

test('both languages have the same files', () => {
  expect(files('zh')).toEqual(files('en'));
});

describe.each(files('en'))('%s', (file) => {
  const english = texts('en', file);
  const chinese = texts('zh', file);

  test('has the same keys', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  test('has the same holes', () => {
    // A language may leave out a count that another one has to say, but cannot fill a hole that nothing is given for.
    for (const [key, text] of chinese)
      for (const hole of holes(text)) expect(holes(english.get(key) ?? ''), key).toContain(hole);
  });

  test('is translated', () => {
    const same = [...english].filter(
      ([key, text]) => WORD.test(text.replace(/{{.*?}}/g, '')) && chinese.get(key) === text,
    );
    expect(same.filter(([, text]) => !EVERYWHERE.test(text))).toEqual([]);
  });
});
