import { useTranslation } from 'react-i18next';

/** A tag in the person's language; other packages' own tags are shown as they are. */
export function useTags() {
  const { t } = useTranslation('games');
  return (tag: string): string => t(`tag.${tag}` as 'tag.board', { defaultValue: tag });
}
