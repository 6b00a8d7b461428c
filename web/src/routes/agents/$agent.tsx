import { createFileRoute } from '@tanstack/react-router';
import { Agent } from '@/pages/agents/Agent';

export const Route = createFileRoute('/agents/$agent')({ component: Agent });
