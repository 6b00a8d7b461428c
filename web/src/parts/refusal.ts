import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { duration } from './format';

/** What a refusal says to a person: when to try again (429), that nobody answered, or what the platform expected. */
export function useRefusal() {
  const { t } = useTranslation();
  return (error: unknown): string => {
    if (!isProblem(error)) return t('state.unreachable');
    if (error.status === 429) return t('state.tooMany', { time: duration((error.retryAfter ?? 60) * 1_000) });
    return error.message;
  };
}
