import { Page } from '@/parts/Page';

export function Watch() {
  return <Page title="Watch">…</Page>;
}
