import { Popover, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';

/** How many there are; pressed, it shows which. */
export function Counted({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Popover position="bottom-start" withArrow>
      <Popover.Target>
        <UnstyledButton fz="sm" td="underline">
          {label}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>{children}</Popover.Dropdown>
    </Popover>
  );
}
