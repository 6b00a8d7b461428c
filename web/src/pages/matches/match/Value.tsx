import { Box, Button, Group, ScrollArea, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { brief, firstOf, matrixText, shapeOf, shapeText } from './values';

const CHARS_MAX = 600;
const ITEMS_MAX = 50;
const BRIEF = 8; // numbers of an array that are shown while it is closed

/** Any JSON, to be opened part by part; arrays of numbers by their shape and first values. */
export function Value({ value, name, open = true }: { value: unknown; name?: string; open?: boolean }) {
  const { t } = useTranslation('match');
  const shape = shapeOf(value);
  if (shape) return <Numbers value={value as unknown[]} shape={shape} name={name} />;
  if (typeof value === 'string') return <Words text={value} name={name} />;
  if (typeof value !== 'object' || value === null)
    return (
      <Line name={name}>
        <Mono>{JSON.stringify(value)}</Mono>
      </Line>
    );
  const parts = Object.entries(value);
  const brief = Array.isArray(value)
    ? t('value.list', { count: parts.length })
    : t('value.map', { count: parts.length });
  if (parts.length === 0) return <Line name={name}>{brief}</Line>;
  return (
    <Folded name={name} brief={brief} open={open}>
      <Some all={parts}>{([key, part]) => <Value key={key} name={key} value={part} open={parts.length <= 12} />}</Some>
    </Folded>
  );
}

/** An array: closed its shape and beginning, open a matrix, or its parts down to matrices. */
function Numbers({ value, shape, name }: { value: unknown[]; shape: number[]; name?: string }) {
  const { t } = useTranslation('match');
  const first = firstOf(value, BRIEF).map(brief).join(', ');
  const count = shape.reduce((all, size) => all * size, 1);
  const summary = `${t('value.array', { shape: shapeText(shape) })} [${first}${count > BRIEF ? ', …' : ''}]`;
  if (count <= BRIEF)
    return (
      <Line name={name}>
        <Mono>{`[${first}]`}</Mono>
      </Line>
    );
  return (
    <Folded name={name} brief={summary} open={shape.length === 2 && count <= 200}>
      {shape.length <= 2 ? (
        <Matrix rows={shape.length === 2 ? (value as unknown[][]) : lines(value)} />
      ) : (
        <Some all={value.map((part, index) => [index, part] as const)}>
          {([index, part]) => (
            <Numbers key={index} name={`[${index}]`} value={part as unknown[]} shape={shape.slice(1)} />
          )}
        </Some>
      )}
    </Folded>
  );
}

const PER_LINE = 16;
const lines = (values: unknown[]) =>
  Array.from({ length: Math.ceil(values.length / PER_LINE) }, (_, row) =>
    values.slice(row * PER_LINE, (row + 1) * PER_LINE),
  );

function Matrix({ rows }: { rows: readonly (readonly unknown[])[] }) {
  const { t } = useTranslation('match');
  return (
    <ScrollArea.Autosize mah={260} viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': t('value.numbers') }}>
      <Text component="pre" ff="monospace" size="xs" m={0}>
        {matrixText(rows)}
      </Text>
    </ScrollArea.Autosize>
  );
}

function Words({ text, name }: { text: string; name?: string }) {
  const { t } = useTranslation('match');
  const [all, showAll] = useState(false);
  const shown = all ? text : text.slice(0, CHARS_MAX);
  return (
    <Line name={name}>
      <Text span size="sm" ff="monospace" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {shown}
        {shown.length < text.length && '…'}
      </Text>
      {shown.length < text.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => showAll(true)}>
          {t('value.all')}
        </Button>
      )}
    </Line>
  );
}

function Folded(props: { name?: string | undefined; brief: string; open: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(props.open);
  return (
    <Box>
      <UnstyledButton onClick={() => setOpen(!open)} aria-expanded={open} maw="100%">
        <Group gap={4} wrap="nowrap">
          {open ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
          {props.name !== undefined && <Name name={props.name} />}
          <Text span size="xs" c="dimmed" ff="monospace" truncate>
            {props.brief}
          </Text>
        </Group>
      </UnstyledButton>
      {open && (
        <Box pl={18} pt={2}>
          {props.children}
        </Box>
      )}
    </Box>
  );
}

/** The first of many, and the others when they are asked for. */
function Some<Part>({ all, children }: { all: readonly Part[]; children: (part: Part) => ReactNode }) {
  const { t } = useTranslation('match');
  const [shown, show] = useState(ITEMS_MAX);
  return (
    <>
      {all.slice(0, shown).map(children)}
      {all.length > shown && (
        <Button size="compact-xs" variant="subtle" onClick={() => show(shown + ITEMS_MAX * 4)}>
          {t('value.more', { count: all.length - shown })}
        </Button>
      )}
    </>
  );
}

function Line({ name, children }: { name?: string | undefined; children: ReactNode }) {
  return (
    <Group gap={6} align="baseline" pl={18}>
      {name !== undefined && <Name name={name} />}
      {children}
    </Group>
  );
}

const Name = ({ name }: { name: string }) => (
  <Text span size="sm" fw={500} ff="monospace">
    {name}:
  </Text>
);

const Mono = ({ children }: { children: ReactNode }) => (
  <Text span size="sm" ff="monospace">
    {children}
  </Text>
);
