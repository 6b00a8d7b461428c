import { createFileRoute } from '@tanstack/react-router';
import { Agents } from '@/pages/agents/Agents';

export const Route = createFileRoute('/agents/')({ component: Agents });
