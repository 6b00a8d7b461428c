import { Alert, Button, Center, Loader, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconMoodEmpty } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';

/** Something is on its way. height: of the place it will take, so that nothing jumps. */
export function Loading({ height = 240 }: { height?: number }) {
  const { t } = useTranslation();
  return (
    <Center h={height} role="status" aria-label={t('state.loading')}>
      <Loader type="dots" />
    </Center>
  );
}

/** There is nothing, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Center py="xl">
      <Stack align="center" gap="xs" maw={440}>
        <ThemeIcon variant="light" color="gray" size="xl" radius="xl" aria-hidden>
          <IconMoodEmpty />
        </ThemeIcon>
        <Text fw={600} ta="center">
          {title}
        </Text>
        {children && (
          <Text component="div" c="dimmed" size="sm" ta="center">
            {children}
          </Text>
        )}
      </Stack>
    </Center>
  );
}

/** It failed: what the platform said, and a way to try again. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const unreachable = !isProblem(error);
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={unreachable ? t('state.unreachable') : t('state.refused')}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{message}</Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {t('state.retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

interface Query<Data> {
  data: Data | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** What a query answered, or that it is on its way, or why it failed. Old data stays while a new try fails. */
export function Await<Data>({
  query,
  height,
  children,
}: {
  query: Query<Data>;
  height?: number;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  return <Loading height={height} />;
}
