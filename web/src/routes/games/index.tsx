import { createFileRoute } from '@tanstack/react-router';
import { Games } from '@/pages/games/Games';
import { catalogueSearch } from '@/pages/games/search';

export const Route = createFileRoute('/games/')({ component: Games, validateSearch: catalogueSearch });
