import { Page } from '@/parts/Page';

export function Agents() {
  return <Page title="Agents">…</Page>;
}
