import { Badge, Button, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Shown } from '@/api/client';
import { Ago } from '@/parts/format';
import type { Columns } from '@/parts/Listing';
import { isValid } from '../mounting/credential';

type Credential = Shown<'Credential'>;
const helper = createColumnHelper<Credential>();
const KEY_SHOWN = 8;

/** What the list says of each credential. */
export const columnsOf = (t: TFunction<'agent'>, revoke: (one: Credential) => void): Columns<Credential> =>
  [
    helper.display({
      id: 'key',
      header: () => t('credential.key'),
      cell: ({ row: { original } }) => (
        <div style={{ minWidth: 110 }}>
          <Text size="sm" truncate maw={240}>
            {original.label || t('credential.unlabelled')}
          </Text>
          <Tooltip label={original.public_key}>
            <Text size="xs" c="dimmed" ff="monospace" span>
              {original.public_key.slice(0, KEY_SHOWN)}…
            </Text>
          </Tooltip>
        </div>
      ),
    }),
    helper.display({
      id: 'state',
      header: () => t('credential.state'),
      cell: ({ row: { original } }) => <State of={original} />,
    }),
    helper.display({
      id: 'used',
      header: () => t('credential.used'),
      meta: { wide: true },
      cell: ({ row: { original } }) => (original.used_ms ? <Ago at={original.used_ms} /> : t('credential.never')),
    }),
    helper.display({
      id: 'issued',
      header: () => t('credential.issued'),
      meta: { wide: true },
      cell: ({ row: { original } }) => <Ago at={original.issued_ms} />,
    }),
    helper.display({
      id: 'expires',
      header: () => t('credential.expires'),
      meta: { wide: true },
      cell: ({ row: { original } }) => <Ago at={original.expires_ms} />,
    }),
    helper.display({
      id: 'revoke',
      header: () => <VisuallyHidden>{t('credential.revoke')}</VisuallyHidden>,
      cell: ({ row: { original } }) =>
        isValid(original, Date.now()) && (
          <Button
            size="compact-sm"
            color="red"
            variant="subtle"
            onClick={() => revoke(original)}
            aria-label={`${t('credential.revoke')}: ${original.label || original.public_key.slice(0, KEY_SHOWN)}`}
          >
            {t('credential.revoke')}
          </Button>
        ),
    }),
  ] as Columns<Credential>;

function State({ of }: { of: Credential }) {
  const { t } = useTranslation('agent');
  if (of.revoked_ms)
    return (
      <Badge color="red" variant="light">
        {t('credential.revoked')}
      </Badge>
    );
  const valid = isValid(of, Date.now());
  return (
    <Badge color={valid ? 'teal' : 'gray'} variant="light">
      {t(valid ? 'credential.valid' : 'credential.expired')}
    </Badge>
  );
}
