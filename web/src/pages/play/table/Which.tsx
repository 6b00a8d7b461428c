import { Button, Group, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Choice } from '../choices';

/** Asks which of some actions is meant that are pressed alike: what a pawn becomes, which way a quarter turns. */
export function Which(props: { choices: readonly Choice[]; choose: (choice: Choice) => void; close: () => void }) {
  const { choices, choose, close } = props;
  const { t } = useTranslation('play');
  return (
    <Modal opened={choices.length > 0} onClose={close} title={t('which')} centered size="sm">
      <Group gap="xs">
        {choices.map((choice, at) => (
          <Button
            key={choice.action}
            variant="default"
            onClick={() => choose(choice)}
            data-autofocus={at === 0 || undefined}
          >
            {choice.name}
          </Button>
        ))}
      </Group>
    </Modal>
  );
}
