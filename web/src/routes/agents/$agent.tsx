import { createFileRoute } from '@tanstack/react-router';
import { Agent } from '@/pages/agents/Agent';
import { agentSearch } from '@/pages/agents/search';

export const Route = createFileRoute('/agents/$agent')({ component: Agent, validateSearch: agentSearch });
