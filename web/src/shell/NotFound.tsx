import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/parts/states';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty title={t('notFound.title')}>
      <Anchor component={Link} to="/">
        {t('notFound.home')}
      </Anchor>
    </Empty>
  );
}
