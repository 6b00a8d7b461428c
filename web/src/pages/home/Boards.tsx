import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { TextLink } from '@/parts/links';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';

const SHOWN_MAX = 4;
const EVERY_MS = 4_000;
const PLACE_PX = 420;

/** What is played right now and worth a look. */
export function Boards() {
  const { t } = useTranslation('home');
  const query = $api.useQuery(
    'get',
    '/api/watch',
    { params: { query: { limit: SHOWN_MAX } } },
    { refetchInterval: EVERY_MS },
  );
  return (
    <Section
      title={t('boards.title')}
      actions={
        <TextLink to="/watch" size="sm">
          {t('boards.all')}
        </TextLink>
      }
    >
      <Await query={query} height={PLACE_PX}>
        {(matches) =>
          matches.length === 0 ? (
            <Empty title={t('boards.none')}>{t('boards.noneNote')}</Empty>
          ) : (
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
              {matches.map((match) => (
                <TextLink key={match.match} to="/matches/$match" params={{ match: match.match }}>
                  {match.title}
                </TextLink>
              ))}
            </SimpleGrid>
          )
        }
      </Await>
    </Section>
  );
}
