import { Page } from '@/parts/Page';

export function Account() {
  return <Page title="Account">…</Page>;
}
