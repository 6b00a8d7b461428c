import { useTranslation } from 'react-i18next';

/** Characters, as the platform counts them (arena/api/passwords.py). */
export const LENGTH_MIN = 8;
export const LENGTH_MAX = 256;

/** What is wrong with a new password before anybody is asked; null: nothing that can be seen here. */
export function useNewPassword() {
  const { t } = useTranslation('account');
  return (password: string): string | null => {
    const length = [...password].length;
    if (length < LENGTH_MIN) return t('password.short', { least: LENGTH_MIN });
    return length > LENGTH_MAX ? t('password.long', { most: LENGTH_MAX }) : null;
  };
}
