import { Alert, Badge, Button, CopyButton } from '@mantine/core';
import { IconCheck, IconDownload, IconRosetteDiscountCheck, IconShare } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { number } from '@/parts/format';
import { Failed } from '@/parts/states';

/** Whether a match that is over is what its log says: asked for by a press, since it is played again for it. */
export function useVerification(match: string, wanted: boolean) {
  const path = { match_id: match };
  const options = { enabled: wanted, staleTime: Infinity };
  return $api.useQuery('get', '/api/matches/{match_id}/verify', { params: { path } }, options);
}

export type Verification = ReturnType<typeof useVerification>;

/** Verify, share, download. */
export function Actions(props: {
  match: string;
  ply: number;
  over: boolean;
  verification: Verification;
  verify: () => void;
}) {
  const { match, ply, over, verification, verify } = props;
  const { t } = useTranslation('match');
  return (
    <>
      {over && <Verify verification={verification} verify={verify} />}
      <CopyButton value={`${location.origin}/matches/${match}?ply=${ply}`} timeout={2_000}>
        {({ copied, copy }) => (
          <Button
            size="xs"
            variant="default"
            onClick={copy}
            leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconShare size={16} aria-hidden />}
          >
            {t(copied ? 'share.done' : 'share.copy')}
          </Button>
        )}
      </CopyButton>
      <Button
        component="a"
        size="xs"
        variant="default"
        href={`/api/matches/${match}/download`}
        download={`${match}.jsonl`}
        leftSection={<IconDownload size={16} aria-hidden />}
      >
        {t('download')}
      </Button>
    </>
  );
}

function Verify({ verification, verify }: { verification: Verification; verify: () => void }) {
  const { t } = useTranslation('match');
  const { data, isFetching } = verification;
  if (data?.ok)
    return (
      <Badge
        size="lg"
        color="teal"
        variant="light"
        role="status"
        leftSection={<IconRosetteDiscountCheck size={16} aria-hidden />}
      >
        {t('verify.ok', { count: data.plies, shown: number(data.plies) })}
      </Badge>
    );
  return (
    <Button
      size="xs"
      variant="default"
      loading={isFetching}
      onClick={verify}
      leftSection={<IconRosetteDiscountCheck size={16} aria-hidden />}
    >
      {t('verify.ask')}
    </Button>
  );
}

/** What is wrong with a match that was played again; nothing where all is well. */
export function VerifyProblem({ verification: { data, error, refetch } }: { verification: Verification }) {
  const { t } = useTranslation('match');
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data || data.ok) return null;
  return (
    <Alert color="red" role="alert" title={t('verify.wrong', { count: data.plies, shown: number(data.plies) })}>
      {data.problem}
    </Alert>
  );
}
