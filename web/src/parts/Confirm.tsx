import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRefusal } from './refusal';

interface Props {
  opened: boolean;
  close: () => void;
  title: string;
  /** What the button says: a verb. */
  label: string;
  /** Of the button: red for what cannot be undone. */
  color?: string;
  /** What is done; the dialog closes behind it, or says why it failed. */
  run: () => Promise<unknown>;
  children: ReactNode;
}

/** Asks before something is done that others notice. */
export function Confirm({ opened, close, title, label, color, run, children }: Props) {
  const { t } = useTranslation();
  const refusal = useRefusal();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState('');
  const leave = () => {
    setFailed('');
    close();
  };
  const act = async () => {
    setBusy(true);
    setFailed('');
    try {
      await run();
      close();
    } catch (error) {
      setFailed(refusal(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened={opened}
      onClose={leave}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': t('confirm.close') }}
    >
      <Stack gap="md">
        <div>{children}</div>
        {failed && (
          <Alert color="red" variant="light" role="alert">
            {failed}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={leave} data-autofocus>
            {t('confirm.cancel')}
          </Button>
          <Button color={color} loading={busy} onClick={() => void act()}>
            {label}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
