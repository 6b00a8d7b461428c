import { SimpleGrid, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ButtonLink } from '@/parts/links';
import { Page } from '@/parts/Page';
import { Empty, Loading } from '@/parts/states';
import { useMe } from '@/session';
import { AccessTokens } from './AccessTokens';
import { Deletion } from './Deletion';
import { Password } from './Password';
import { Preferences } from './Preferences';
import { Sessions } from './Sessions';
import { Who } from './Who';

/** Who one is, and everything that lets one in. */
export function Account() {
  const { t } = useTranslation('account');
  const me = useMe();
  if (me === undefined) return <Loading height={480} />;
  return (
    <Page title={t('title')} note={me ? t('note') : undefined}>
      {me ? (
        <Stack gap="lg">
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
            <Stack gap="lg">
              <Who me={me} />
              <Preferences />
            </Stack>
            <Password />
          </SimpleGrid>
          <Sessions />
          <AccessTokens me={me} />
          <Deletion me={me} />
        </Stack>
      ) : (
        <Empty title={t('nobody.title')}>
          <Stack gap="sm" align="center">
            {t('nobody.note')}
            <ButtonLink to="/">{t('nobody.enter')}</ButtonLink>
          </Stack>
        </Empty>
      )}
    </Page>
  );
}
