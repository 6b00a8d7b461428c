import { Box, Text } from '@mantine/core';
import { createContext, useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { seatColour } from '@/boards';
import type { Details } from './following';
import type { Say } from './words';

const Names = createContext<Details['seats']>([]);
export const SeatNames = Names.Provider;

/** What a seat is called: its agent's name, with the seat's number where an agent sits in several. */
export function useSeatName() {
  const seats = useContext(Names);
  const { t } = useTranslation('match');
  return (seat: number) => nameOf(seats, seat, t);
}

function nameOf(seats: Details['seats'], seat: number, t: Say): string {
  const own = seats.find((one) => one.seat === seat);
  if (!own) return t('seat.number', { seat: seat + 1 });
  const name = own.agent_name ?? own.agent;
  const shared = seats.some((one) => one.seat !== seat && (one.agent_name ?? one.agent) === name);
  return shared ? `${name} (${seat + 1})` : name;
}

/** All names, by seat. */
export function useSeatNames(): string[] {
  const seats = useContext(Names);
  const { t } = useTranslation('match');
  return useMemo(() => seats.map(({ seat }) => nameOf(seats, seat, t)), [seats, t]);
}

/** A seat's colour, for the eye alone. */
export const SeatDot = ({ seat, size = 10 }: { seat: number; size?: number }) => (
  <Box
    component="span"
    aria-hidden
    w={size}
    h={size}
    bdrs="xl"
    bg={seatColour(seat)}
    flex="none"
    display="inline-block"
  />
);

/** A seat by colour and name. */
export function SeatName({ seat }: { seat: number }) {
  const named = useSeatName();
  return (
    <Text span inherit style={{ display: 'inline-flex', alignItems: 'center', gap: 6, minWidth: 0 }}>
      <SeatDot seat={seat} />
      <Text span inherit truncate fw={500}>
        {named(seat)}
      </Text>
    </Text>
  );
}
