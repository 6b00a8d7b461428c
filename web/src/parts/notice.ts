import i18next from 'i18next';
import type { ReactNode } from 'react';

/** Whether notices are wanted: their part of the component library comes with the first one. */
let wanted = false;
const watchers = new Set<() => void>();

export const watchNotices = (changed: () => void) => {
  watchers.add(changed);
  return () => watchers.delete(changed);
};
export const noticesWanted = () => wanted;

/** Say that something was done, or why not, in the corner, for some seconds. */
export async function notice(said: { title?: ReactNode; message: ReactNode; color?: string }) {
  const { notifications } = await import('@mantine/notifications');
  wanted = true;
  for (const changed of watchers) changed();
  notifications.show({ ...said, closeButtonProps: { 'aria-label': i18next.t('state.close') } });
}
