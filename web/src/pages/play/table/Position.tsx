import { ScrollArea, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Board, BoardView, type Cell, LiveBoard, type Pressing } from '@/boards';
import { Value } from '@/pages/matches/match/Value';
import { Loading } from '@/parts/states';
import { type Choice, emptyCells, falls, gridOf, inColumn, nextCells, pressed } from '../choices';
import type { SeatState } from '../seat/state';
import classes from './table.module.css';

interface Props {
  seat: SeatState;
  title: string;
  /** By seat. */
  names: string[] | undefined;
  /** As the person may see it; null: not known, or there is none. */
  board: Board | null;
  /** What can be done on it now. */
  choices: readonly Choice[];
  /** Pressed to the end: several choices differ in nothing that can be pressed. */
  play: (done: Choice[]) => void;
}

/** The position, where it can be pressed; else what the person's seat sees. */
export function Position({ seat, title, names, board, choices, play }: Props) {
  const { t } = useTranslation('play');
  const pressing = usePressing(board, choices, play);
  const label = t('boardOf', { title });
  const gridded = board !== null && gridOf(board) !== undefined;
  if (board)
    return (
      <div className={classes.board} data-grid={gridded || undefined}>
        <BoardView
          key={seat.match}
          board={board}
          label={label}
          seats={names}
          size={gridded ? 'box' : 'width'}
          pressing={pressing}
        />
      </div>
    );
  if (seat.stage === 'over' && seat.match)
    return <LiveBoard match={seat.match} label={label} size="width" seats={names} />;
  if (!seat.turn) return <Loading height={320} />;
  return <Seen observation={seat.turn.observation} />;
}

/** What the seat sees, as the game tells it. */
function Seen({ observation }: { observation: unknown }) {
  const { t } = useTranslation('play');
  if (typeof observation !== 'string') return <Value value={observation} name={t('observation')} />;
  return (
    <ScrollArea.Autosize mah={520} viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': t('observation') }}>
      <Text size="sm" className={classes.words}>
        {observation}
      </Text>
    </ScrollArea.Autosize>
  );
}

const NO_PATH: Cell[] = [];

/** What can be pressed on the first grid, and what it leads to. */
function usePressing(board: Board | null, choices: readonly Choice[], play: Props['play']): Pressing | undefined {
  const [begun, begin] = useState<{ of: readonly Choice[]; path: Cell[] }>({ of: choices, path: NO_PATH });
  const path = begun.of === choices ? begun.path : NO_PATH;
  const grid = board && gridOf(board);
  if (!grid || !choices.some((choice) => choice.cells?.length)) return undefined;
  if (falls(grid, choices))
    return {
      cells: emptyCells(grid),
      onCell: (_, column) => {
        const choice = inColumn(choices, column);
        if (choice) play([choice]);
      },
    };
  return {
    cells: nextCells(choices, path),
    also: path.length > 0 ? [...nextCells(choices, []), ...path] : [],
    chosen: path.at(-1) ?? null,
    onCell: (row, column) => {
      const next = pressed(choices, path, [row, column]);
      begin({ of: choices, path: next.done.length > 0 ? NO_PATH : next.path });
      if (next.done.length > 0) play(next.done);
    },
  };
}
