import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ButtonLink } from '@/parts/links';
import { Empty } from '@/parts/states';

/** A game that nobody has played, and how that changes. */
export function Nothing({ game }: { game: string }) {
  const { t } = useTranslation('games');
  return (
    <Empty title={t('nothing.title')}>
      <Text size="sm">{t('nothing.note')}</Text>
      <ButtonLink to="/agents/new" search={{ game }} mt="sm" variant="light">
        {t('mount.wizard')}
      </ButtonLink>
    </Empty>
  );
}
