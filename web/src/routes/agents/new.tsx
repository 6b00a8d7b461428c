import { createFileRoute } from '@tanstack/react-router';
import { NewAgent } from '@/pages/agents/NewAgent';

export const Route = createFileRoute('/agents/new')({ component: NewAgent });
