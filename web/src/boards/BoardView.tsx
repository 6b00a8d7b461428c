import { useReducedMotion } from '@mantine/hooks';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './board.module.css';
import { CardsView } from './CardsView';
import { ChatView } from './ChatView';
import { extentOf, grown } from './extent';
import { GridView } from './GridView';
import type { Board, Part, Pressing } from './types';

export interface BoardViewProps {
  board: Board;
  /** What it is, for who does not see it: "Chess, a against b". The position itself is told behind it. */
  label: string;
  /** Names by seat. */
  seats?: readonly string[];
  /** box: as large as the box around it allows, without notes. width: as wide as its column, with notes. */
  size?: 'box' | 'width';
  /** Nothing moves; by default as the person's system says. In a box nothing moves anyway. */
  reducedMotion?: boolean;
  /** What can be pressed on the first grid. */
  pressing?: Pressing;
}

/** A position, drawn. One of these a match: its place only grows, so that nothing jumps from frame to frame. */
export const BoardView = memo(function BoardView(props: BoardViewProps) {
  const { board, label, seats, size = 'width', reducedMotion, pressing } = props;
  const { t } = useTranslation('boards');
  const still = useReducedMotion();
  const needed = extentOf(board);
  const [extent, setExtent] = useState(needed);
  const room = grown(extent, needed);
  if (room !== extent) setExtent(room);
  const alone = board.parts.length === 1 ? board.parts[0]?.part : 'several';
  const firstGrid = board.parts.findIndex((part) => part.part === 'grid');
  const nameOf = (seat: number) => seats?.[seat] ?? t('seat', { seat });
  const lively = size === 'width' && !(reducedMotion ?? still);
  return (
    <div className={classes.room} data-size={size}>
      <div
        className={classes.board}
        data-alone={alone}
        style={{ '--w': room.width, '--h': room.height } as React.CSSProperties}
      >
        {board.parts.map((part, at) => (
          <PartView
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
            key={at}
            part={part}
            label={label}
            nameOf={nameOf}
            named={seats !== undefined}
            lively={lively}
            scrolls={size === 'width'}
            pressing={at === firstGrid ? pressing : undefined}
          />
        ))}
      </div>
    </div>
  );
});

function PartView({
  part,
  label,
  nameOf,
  named,
  lively,
  scrolls,
  pressing,
}: {
  part: Part;
  label: string;
  nameOf: (seat: number) => string;
  named: boolean;
  lively: boolean;
  scrolls: boolean;
  pressing?: Pressing;
}) {
  switch (part.part) {
    case 'grid':
      return (
        <div className={classes.part}>
          <GridView grid={part} label={label} lively={lively} pressing={pressing} />
          {part.note && <p className={classes.note}>{part.note}</p>}
        </div>
      );
    case 'cards':
      return <CardsView part={part} name={named && part.seat != null ? nameOf(part.seat) : undefined} />;
    case 'lines':
      return (
        <figure className={classes.text} aria-label={label}>
          <pre tabIndex={scrolls ? 0 : undefined}>{part.lines.join('\n')}</pre>
        </figure>
      );
    case 'chat':
      return <ChatView part={part} label={label} nameOf={nameOf} scrolls={scrolls} />;
  }
}
