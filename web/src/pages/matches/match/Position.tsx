import { Center, Image, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { BoardView, boardOf } from '@/boards';
import { Failed, Loading } from '@/parts/states';
import type { Frame } from './frames';
import { useSeatNames } from './seats';

interface Props {
  match: string;
  frame: Frame | undefined;
  error: unknown;
  retry: () => void;
  /** Why positions are not shown now; "" where they are. */
  hidden: string;
  /** The environment draws itself, where it has no board. */
  pictures: boolean;
  label: string;
}

const HEIGHT = { base: 300, sm: 420 };

/** The position: drawn, as the environment's own picture, or as text. Its place never gets smaller. */
export function Position({ match, frame, error, retry, hidden, pictures, label }: Props) {
  const named = useSeatNames();
  if (hidden) return <Hidden why={hidden} />;
  if (!frame)
    return (
      <Center mih={HEIGHT} p="md">
        {error ? <Failed error={error} retry={retry} /> : <Loading />}
      </Center>
    );
  return (
    <Center mih={HEIGHT} p={{ base: 'xs', sm: 'md' }} data-ply={frame.ply}>
      {!frame.board && pictures ? (
        <Picture match={match} frame={frame} />
      ) : (
        <BoardView board={boardOf(frame)} label={label} seats={named} />
      )}
    </Center>
  );
}

function Picture({ match, frame }: { match: string; frame: Frame }) {
  const { t } = useTranslation('match');
  return (
    <Image
      src={`/api/matches/${match}/image?ply=${frame.ply}`}
      alt={t('board.picture', { ply: frame.ply })}
      fit="contain"
      mah={460}
    />
  );
}

function Hidden({ why }: { why: string }) {
  const { t } = useTranslation('match');
  return (
    <Center mih={HEIGHT} p="lg">
      <Stack align="center" gap="xs" maw={400}>
        <ThemeIcon variant="light" color="gray" size="xl" radius="xl" aria-hidden>
          <IconEyeOff />
        </ThemeIcon>
        <Text fw={600} ta="center">
          {t('hidden.title')}
        </Text>
        <Text size="sm" c="dimmed" ta="center">
          {why}
        </Text>
      </Stack>
    </Center>
  );
}
