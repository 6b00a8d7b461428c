import { Page } from '@/parts/Page';

export function Agent() {
  return <Page title="Agent">…</Page>;
}
