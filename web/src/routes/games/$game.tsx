import { createFileRoute } from '@tanstack/react-router';
import { Game } from '@/pages/games/Game';

export const Route = createFileRoute('/games/$game')({ component: Game });
