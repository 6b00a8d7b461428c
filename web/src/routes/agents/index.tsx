import { createFileRoute } from '@tanstack/react-router';
import { Agents } from '@/pages/agents/Agents';
import { listSearch } from '@/pages/agents/search';

export const Route = createFileRoute('/agents/')({ component: Agents, validateSearch: listSearch });
