import { useTranslation } from 'react-i18next';
import { TextLink } from '@/parts/links';
import { Empty } from '@/parts/states';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty title={t('notFound.title')}>
      <TextLink to="/">{t('notFound.home')}</TextLink>
    </Empty>
  );
}
