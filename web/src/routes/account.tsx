import { createFileRoute } from '@tanstack/react-router';
import { Account } from '@/pages/account/Account';

export const Route = createFileRoute('/account')({ component: Account });
