import { Select, type SelectProps } from '@mantine/core';
import { $api } from '@/api/client';

interface Props extends Omit<SelectProps, 'data' | 'value' | 'onChange'> {
  /** A game's name. */
  value: string | undefined;
  choose: (game: string | undefined) => void;
  /** Only games of so many seats and more. */
  least?: number;
}

/** A game by its title. */
export function GameSelect({ value, choose, least = 1, ...rest }: Props) {
  const games = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000 });
  const data = (games.data ?? [])
    .filter((game) => game.seats >= least)
    .map((game) => ({ value: game.name, label: game.title }))
    .sort((a, b) => a.label.localeCompare(b.label));
  return (
    <Select
      clearable
      searchable
      {...rest}
      data={data}
      value={value ?? null}
      onChange={(game) => choose(game ?? undefined)}
    />
  );
}
