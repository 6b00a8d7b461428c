import { Button, Group, Paper, Text, ThemeIcon, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  number: number;
  title: string;
  done: boolean;
  /** It is this one's turn. Steps that come later show their title alone. */
  active: boolean;
  /** Once it is done it makes room for the next one, and can be shown again. */
  folds?: boolean;
  children?: ReactNode;
}

/** One of the things to be done, in order. */
export function Step({ number, title, done, active, folds, children }: Props) {
  const { t } = useTranslation('mounting');
  const [shown, { toggle }] = useDisclosure(false);
  const folded = folds && done;
  const open = done || active;
  return (
    <Paper
      component="section"
      withBorder
      p="md"
      aria-label={title}
      aria-current={active && !done ? 'step' : undefined}
      style={active && !done ? { borderColor: 'var(--mantine-primary-color-filled)' } : undefined}
    >
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <ThemeIcon
          radius="xl"
          size={30}
          color={done ? 'teal.8' : open ? undefined : 'gray'}
          variant={open ? 'filled' : 'light'}
        >
          {done ? <IconCheck size={18} aria-hidden /> : <Text fw={700}>{number}</Text>}
        </ThemeIcon>
        <Title order={2} size="h4" lh="30px" c={open ? undefined : 'dimmed'} flex={1}>
          {title}
        </Title>
        {folded && (
          <Button size="compact-sm" variant="subtle" onClick={toggle} aria-expanded={shown}>
            {t(shown ? 'step.hide' : 'step.show')}
          </Button>
        )}
      </Group>
      {open && children && (!folded || shown) && (
        <Paper mt="sm" pl={{ base: 0, sm: 42 }} bg="transparent">
          {children}
        </Paper>
      )}
    </Paper>
  );
}
