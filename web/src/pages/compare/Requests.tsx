import { Grid } from '@mantine/core';
import { RequestForm } from './RequestForm';
import { RequestList } from './RequestList';
import type { CompareSearch } from './search';

/** Matches that one asks for: ask, and see how far they are. */
export function Requests({ search }: { search: CompareSearch }) {
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <RequestForm search={search} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <RequestList />
      </Grid.Col>
    </Grid>
  );
}
