import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { Await } from '@/parts/states';
import type { MountSearch } from '../search';
import { Arriving } from './Arriving';
import { Downloading } from './Downloading';
import { Starting } from './Starting';
import { Step } from './Step';
import { useArrival } from './useArrival';

interface Props {
  /** null: it has no name yet. */
  agent: Shown<'ShownAgent'> | null;
  /** The number of its first step. */
  first: number;
  search: MountSearch;
  change: (search: MountSearch) => void;
}

/** From an agent to its first match: its credential, how it is started, and that it arrives. */
export function Journey(props: Props) {
  const { t } = useTranslation('mounting');
  if (props.agent) return <Way {...props} agent={props.agent} />;
  return (
    <>
      <Step number={props.first} title={t('credential.title')} done={false} active={false} />
      <Step number={props.first + 1} title={t('start.title')} done={false} active={false} />
      <Step number={props.first + 2} title={t('arrival.title')} done={false} active={false} />
    </>
  );
}

function Way({ agent, first, search, change }: Props & { agent: Shown<'ShownAgent'> }) {
  const { t } = useTranslation('mounting');
  const { query, arrival } = useArrival(agent);
  const has = arrival !== null && arrival.stage !== 'credential';
  const here = arrival !== null && arrival.instances.length > 0;
  const played = arrival?.stage === 'played';
  return (
    <Await query={query} height={320}>
      {(credentials) => (
        <>
          <Step number={first} title={t('credential.title')} done={has} active={!has}>
            <Downloading agent={agent} credentials={credentials.items} />
          </Step>
          <Step number={first + 1} title={t('start.title')} done={here || played} active={has} folds>
            <Starting agent={agent} search={search} change={change} />
          </Step>
          <Step number={first + 2} title={t('arrival.title')} done={played} active={has}>
            {arrival && <Arriving agent={agent} arrival={arrival} />}
          </Step>
        </>
      )}
    </Await>
  );
}
