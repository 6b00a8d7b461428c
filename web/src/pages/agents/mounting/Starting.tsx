import { Alert, Code, Select, Stack, Tabs, Text } from '@mantine/core';
import { skipToken, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { $api, type Shown } from '@/api/client';
import { TextLink } from '@/parts/links';
import { Await } from '@/parts/states';
import { type MountSearch, WAYS, type Way } from '../search';
import { Copied } from './Copied';
import { type Mounted, numbered, recipe, WITH_KIT } from './commands';
import { credsName } from './creds';

const GAME = 'connect_four';
const FILE_PX = 420;

interface Props {
  agent: Shown<'ShownAgent'>;
  search: MountSearch;
  change: (search: MountSearch) => void;
}

/** What to put into which file, and what to type, language by language. */
export function Starting({ agent, search, change }: Props) {
  const { t } = useTranslation('mounting');
  const games = $api.useQuery('get', '/api/games', {}, { staleTime: 300_000 });
  const name = search.game ?? GAME;
  const game = $api.useQuery('get', '/api/games/{game}', { params: { path: { game: name } } }, { staleTime: 300_000 });
  const about = $api.useQuery('get', '/api/about', {}, { staleTime: Number.POSITIVE_INFINITY });
  const way = search.way ?? 'python';
  const mounted: Mounted = {
    creds: credsName(agent.name),
    game: name,
    action: game.data?.info?.spaces?.[0]?.action,
  };
  return (
    <Stack gap="sm">
      <Select
        label={t('start.game')}
        data={games.data?.map((one) => ({ value: one.name, label: one.title })) ?? [{ value: name, label: name }]}
        value={name}
        onChange={(value) => value && change({ game: value })}
        searchable
        allowDeselect={false}
        maw={320}
      />
      <Tabs value={way} onChange={(value) => change({ way: value as Way })} keepMounted={false}>
        <Tabs.List aria-label={t('start.ways')}>
          {WAYS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`way.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={way} pt="sm">
          <Instructions way={way} mounted={mounted} />
        </Tabs.Panel>
      </Tabs>
      {game.data && !numbered(mounted) && (
        <Alert color="yellow" variant="light">
          {t('start.noNumbers', { title: game.data.title })}{' '}
          <TextLink to="/games/$game" params={{ game: name }} underline="always">
            {t('start.spaces')}
          </TextLink>
        </Alert>
      )}
      <Text size="xs" c="dimmed">
        {t('start.server')} <Code>{about.data?.nats ?? '…'}</Code> {t('start.serverNote', { file: mounted.creds })}
      </Text>
    </Stack>
  );
}

function Instructions({ way, mounted }: { way: Way; mounted: Mounted }) {
  const { t } = useTranslation('mounting');
  const { install, file, commands } = recipe(way, mounted);
  const load = typeof file?.content === 'function' ? file.content : skipToken;
  const loaded = useQuery({
    queryKey: ['example', way],
    queryFn: load,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t(`wayNote.${way}`)}
      </Text>
      {install && <Copied title={t('start.install')} text={install} />}
      {WITH_KIT.has(way) && (
        <Copied title={t('start.kit')} text="pip install FOLDER-OF-ARENA" note={t('start.kitNote')} />
      )}
      {file &&
        (typeof file.content === 'string' ? (
          <Saved name={file.name} text={file.content} />
        ) : (
          <Await query={loaded} height={FILE_PX}>
            {(text) => <Saved name={file.name} text={text} />}
          </Await>
        ))}
      {commands.map((command, index) => (
        <Copied key={command} title={t(index === 0 ? 'start.run' : 'start.or')} text={command} main={index === 0} />
      ))}
    </Stack>
  );
}

function Saved({ name, text }: { name: string; text: string }) {
  const { t } = useTranslation('mounting');
  return <Copied title={t('start.save', { file: name })} text={text} file={name} label={name} />;
}
