import { Box, Group, Paper, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconClockPause, IconMessage2, IconRefresh, IconServer } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { duration, number } from '@/parts/format';
import { Empty } from '@/parts/states';
import { actionText, type Line, lineAt, linesOf } from './lines';
import classes from './Moves.module.css';
import type { MatchRecord } from './record';
import { SeatDot, useSeatName } from './seats';

interface Props {
  record: MatchRecord;
  ply: number;
  /** Steps beside which somebody said something, as "ply seat". */
  spoken: ReadonlySet<string>;
  seek: (ply: number) => void;
}

const ROW_PX = 32;
const OVERSCAN = 10;

/** Every move, fault and takeover; only the lines that are seen are in the page. */
export function Moves({ record, ply, spoken, seek }: Props) {
  const { t } = useTranslation('match');
  const scroller = useRef<HTMLElement>(null);
  const lines = useMemo(() => linesOf(record), [record]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const here = lineAt(lines, ply);
  useEffect(() => {
    if (here >= 0) virtual.scrollToIndex(here, { align: 'auto' });
    else scroller.current?.scrollTo({ top: 0 });
  }, [here, virtual]);
  return (
    <Paper withBorder className={classes.place}>
      <section ref={scroller} className={classes.scroller} aria-label={t('moves.title')}>
        {lines.length === 0 ? (
          <Empty title={t('moves.none')} />
        ) : (
          <Box component="ol" className={classes.lines} h={virtual.getTotalSize()}>
            {virtual.getVirtualItems().map(({ index, start, key }) => {
              const line = lines[index];
              return line ? (
                <li
                  key={key}
                  className={classes.line}
                  style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
                  aria-setsize={lines.length}
                  aria-posinset={index + 1}
                >
                  <Row line={line} here={line.what === 'move' && line.shows === ply} spoken={spoken} seek={seek} />
                </li>
              ) : null;
            })}
          </Box>
        )}
      </section>
    </Paper>
  );
}

interface RowProps {
  line: Line;
  here: boolean;
  spoken: ReadonlySet<string>;
  seek: (ply: number) => void;
}

function Row({ line, here, spoken, seek }: RowProps) {
  return (
    <UnstyledButton
      className={classes.row}
      data-here={here || undefined}
      aria-current={here ? 'step' : undefined}
      onClick={() => seek(line.shows)}
    >
      {line.what === 'move' && <Moved line={line} said={spoken.has(`${line.shows - 1} ${line.move.seat}`)} />}
      {line.what === 'fault' && <Faulted line={line} />}
      {line.what === 'takeover' && <Taken line={line} />}
    </UnstyledButton>
  );
}

function Moved({ line, said }: { line: Extract<Line, { what: 'move' }>; said: boolean }) {
  const { t } = useTranslation('match');
  const named = useSeatName();
  const { seat, action, think_ms, forgiven_ms, by_platform } = line.move;
  return (
    <>
      <Text span className={classes.number}>
        {line.first ? number(line.shows) : ''}
      </Text>
      <SeatDot seat={seat} size={8} />
      <Text span size="sm" truncate className={classes.who}>
        {named(seat)}
      </Text>
      <Text span size="sm" ff="monospace" truncate className={classes.action}>
        {actionText(action) ?? t('moves.hidden')}
      </Text>
      {said && <IconMessage2 size={14} aria-label={t('moves.said')} title={t('moves.said')} />}
      {by_platform && <IconServer size={14} aria-label={t('moves.platform')} title={t('moves.platform')} />}
      {forgiven_ms > 0 && <IconClockPause size={14} aria-label={t('moves.forgiven')} title={t('moves.forgiven')} />}
      <Text span size="xs" c="dimmed" className={classes.time}>
        {by_platform ? '' : duration(think_ms)}
      </Text>
    </>
  );
}

function Faulted({ line: { fault } }: { line: Extract<Line, { what: 'fault' }> }) {
  const { t } = useTranslation('match');
  const named = useSeatName();
  return (
    <Group gap={6} wrap="nowrap" c="red" miw={0} pl={44}>
      <IconAlertTriangle size={14} aria-hidden />
      <Text span size="sm" truncate>
        {named(fault.seat)}: {t(`cause.${fault.cause}`)} · {t(`verdict.${fault.verdict}`)}
      </Text>
    </Group>
  );
}

function Taken({ line: { takeover } }: { line: Extract<Line, { what: 'takeover' }> }) {
  const { t } = useTranslation('match');
  const named = useSeatName();
  return (
    <Group gap={6} wrap="nowrap" c="dimmed" miw={0} pl={44}>
      <IconRefresh size={14} aria-hidden />
      <Text span size="sm" truncate>
        {takeover.of === 'match'
          ? t('takeover.match')
          : t('takeover.seat', { name: named(takeover.seat), instance: takeover.instance })}
      </Text>
    </Group>
  );
}
