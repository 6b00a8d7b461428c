import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Tile } from '@/pages/watch/Tile';
import { useWall } from '@/pages/watch/useWall';
import { TextLink } from '@/parts/links';
import { Section } from '@/parts/Page';
import { Await, Empty } from '@/parts/states';

const SHOWN_MAX = 4;
const PLACE_PX = 640;

/** What is played right now and worth a look. */
export function Boards() {
  const { t } = useTranslation('home');
  const { query, wall, end } = useWall(undefined, SHOWN_MAX);
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
        {() =>
          wall.every((place) => place === null) ? (
            <Empty title={t('boards.none')}>{t('boards.noneNote')}</Empty>
          ) : (
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" mih={PLACE_PX}>
              {wall.flatMap((place) => (place ? [<Tile key={place.item.match} place={place} end={end} />] : []))}
            </SimpleGrid>
          )
        }
      </Await>
    </Section>
  );
}
