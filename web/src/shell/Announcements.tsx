import { Alert } from '@mantine/core';
import { IconSpeakerphone } from '@tabler/icons-react';
import { $api } from '@/api/client';

const EVERY_MS = 60_000;

/** What operators say to everybody. */
export function Announcements() {
  const { data } = $api.useQuery('get', '/api/announcements', {}, { refetchInterval: EVERY_MS, staleTime: EVERY_MS });
  return data?.items.map(({ id, text, level }) => (
    <Alert
      key={id}
      mb="md"
      color={level === 'warning' ? 'orange' : 'blue'}
      icon={<IconSpeakerphone aria-hidden />}
      role="status"
    >
      {text}
    </Alert>
  ));
}
