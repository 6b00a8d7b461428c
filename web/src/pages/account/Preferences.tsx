import { Input, type MantineColorScheme, SegmentedControl, Stack, useMantineColorScheme } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { current, LANGUAGES, type Language, language } from '@/i18n';
import { Section } from '@/parts/Page';

const SCHEMES = ['light', 'dark', 'auto'] as const;

/** Language and colours, kept in this browser. */
export function Preferences() {
  const { t } = useTranslation('account');
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title={t('preferences.title')}>
      <Stack gap="sm">
        <Input.Wrapper label={t('preferences.language')} labelElement="div">
          <SegmentedControl
            fullWidth
            aria-label={t('preferences.language')}
            value={current()}
            onChange={(code) => void language.choose(code as Language)}
            data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          />
        </Input.Wrapper>
        <Input.Wrapper label={t('preferences.colours')} labelElement="div">
          <SegmentedControl
            fullWidth
            aria-label={t('preferences.colours')}
            value={colorScheme}
            onChange={(chosen) => setColorScheme(chosen as MantineColorScheme)}
            data={SCHEMES.map((value) => ({ value, label: t(`preferences.${value}`) }))}
          />
        </Input.Wrapper>
      </Stack>
    </Section>
  );
}
