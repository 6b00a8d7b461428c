import { createFileRoute } from '@tanstack/react-router';
import { Recover } from '@/pages/account/Recover';

export const Route = createFileRoute('/recover')({ component: Recover });
