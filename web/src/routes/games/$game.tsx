import { createFileRoute } from '@tanstack/react-router';
import { Game } from '@/pages/games/Game';
import { gameSearch } from '@/pages/games/search';

export const Route = createFileRoute('/games/$game')({ component: Game, validateSearch: gameSearch });
