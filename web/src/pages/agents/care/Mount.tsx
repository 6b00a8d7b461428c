import { Stack } from '@mantine/core';
import type { View } from '../Agent';
import { Journey } from '../mounting/Journey';

/** How it is mounted, once more: the same steps as for a new one. */
export default function Mount({ own, search, change }: View & { own: NonNullable<View['own']> }) {
  return (
    <Stack gap="md" maw={960}>
      <Journey agent={own} first={1} search={search} change={change} />
    </Stack>
  );
}
