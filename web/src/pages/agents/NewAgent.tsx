import { Page } from '@/parts/Page';

export function NewAgent() {
  return <Page title="NewAgent">…</Page>;
}
