import { createFileRoute } from '@tanstack/react-router';
import { NewAgent } from '@/pages/agents/NewAgent';
import { newSearch } from '@/pages/agents/search';

export const Route = createFileRoute('/agents/new')({ component: NewAgent, validateSearch: newSearch });
