import type { TFunction } from 'i18next';
import { describe, expect, test } from 'vitest';
import { cardName, colourName, describedGrid, faceOf, Names, pieceName } from '@/boards/described';
import type { Grid } from '@/boards/types';
import texts from '@/locales/en/boards.json';

/** The English texts, as i18next would say them. */
const t = ((key: string, values: Record<string, unknown> = {}) => {
  const found = key.split('.').reduce((at: unknown, part) => (at as Record<string, unknown>)[part], texts);
  return String(found).replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));
}) as unknown as TFunction<'boards'>;

const told = (grid: Grid) => describedGrid(grid, new Names(grid, grid.pieces, t));

describe('a board in words', () => {
  test('says each kind of piece once, with where it stands', () => {
    const king = { shape: 'glyph', colour: '#f7f7f2', glyph: '♔' } as const;
    const pawn = { shape: 'glyph', colour: '#1b1b1f', glyph: '♟' } as const;
    const words = told({
      part: 'grid',
      cells: [
        ['K', ''],
        ['p', 'p'],
      ],
      pieces: { K: king, p: pawn },
      rows: ['2', '1'],
      columns: ['a', 'b'],
      marked: [[1, 0]],
    });
    expect(words).toBe('2 rows by 2 columns. white king: a2. black pawn: a1, b1. Just changed: a1.');
  });

  test('counts rows and columns where they have no names', () => {
    expect(told({ part: 'grid', cells: [['', '7']] })).toContain('7: row 1 column 2');
  });

  test('calls stones by their colour, and what is written on them', () => {
    expect(pieceName('X', { shape: 'disc', colour: '#d64545' }, t)).toBe('red');
    expect(pieceName('1', { shape: 'disc', colour: '#3b6fd4', glyph: '1' }, t)).toBe('blue 1');
    expect(pieceName('8', { shape: 'disc', colour: '#f7f7f2', glyph: '♛' }, t)).toBe('white crowned');
    expect(colourName('#777777')).toBe('grey');
    expect(colourName('black')).toBe('black');
  });
});

describe('a card', () => {
  test('has a rank and a suit, is hidden, or is what is written on it', () => {
    expect(faceOf('10♠')).toEqual({ rank: '10', suit: '♠' });
    expect(faceOf('R3')).toBeNull();
    expect(cardName('Q♥', t)).toBe('queen of hearts');
    expect([cardName('?', t), cardName('R3', t)]).toEqual(['hidden card', 'R3']);
  });
});
