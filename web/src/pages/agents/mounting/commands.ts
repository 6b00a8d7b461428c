// How an agent is started in each language: a file, and what is typed. The files are of examples/, which tests run.
import type { Space } from '../../games/spaces';
import type { Way } from '../search';
import { anyAction } from './anyAction';

/** What the commands are about. action: of the first seat; not there while it is not known. */
export interface Mounted {
  creds: string;
  game: string;
  action?: Space;
}

/** Whether the actions are numbers, so that any agent that chooses among the legal ones can play. */
export const numbered = ({ action }: Mounted) => action === undefined || action.kind === 'discrete';

export interface Recipe {
  /** Done once: what is installed. */
  install?: string;
  /** Its content, or where that is found. */
  file?: { name: string; content: string | (() => Promise<string>) };
  /** What is typed, in the folder of the file and the credentials. Any one of them will do. */
  commands: string[];
}

const chance = 'random.choice(turn.legal or turn.actions)';

const policy = ({ game, creds, action }: Mounted) => `import random
from agent_kit import run

def policy(turn):
    # turn.observation is what you see, turn.legal what you may do
    return ${action === undefined || action.kind === 'discrete' ? chance : anyAction(action)}

if __name__ == "__main__":
    run(policy, games=["${game}"], slots=2, creds="${creds}")
`;

const read = (load: () => Promise<{ default: string }>) => async () => (await load()).default;

const kit = ({ creds, game }: Mounted, what: string) => `agent-kit run ${what} --games ${game} --creds ${creds}`;

const RECIPES: Record<Way, (mounted: Mounted) => Recipe> = {
  python: (mounted) => ({
    file: { name: 'my_agent.py', content: policy(mounted) },
    commands: [kit(mounted, 'my_agent.py:policy'), 'python my_agent.py'],
  }),
  mounts: (mounted) => ({
    commands: [
      kit(mounted, 'sb3:model.zip'),
      kit(mounted, 'torch:policy.pt2'),
      kit(mounted, 'llm:MODEL --with url=http://localhost:8000/v1'),
      `agent-kit run uci:stockfish --creds ${mounted.creds}`,
      kit(mounted, '"lines:node bot.js"'),
    ],
  }),
  javascript: ({ creds, game }) => ({
    install: 'npm install @nats-io/transport-node',
    file: { name: 'random_agent.mjs', content: read(() => import('../../../../../examples/random_agent.js?raw')) },
    commands: [`node random_agent.mjs ${creds} ${game}`],
  }),
  typescript: ({ creds, game }) => ({
    install: 'npm install @nats-io/transport-node @msgpack/msgpack',
    file: { name: 'random_agent.mts', content: read(() => import('../../../../../examples/random_agent.ts?raw')) },
    commands: [`node random_agent.mts ${creds} ${game}`],
  }),
  bare: ({ creds, game }) => ({
    install: 'pip install "nats-py[nkeys]"',
    file: { name: 'bare_agent.py', content: read(() => import('../../../../../examples/bare_agent.py?raw')) },
    commands: [`python bare_agent.py ${creds} ${game}`],
  }),
  shell: (mounted) => ({
    file: { name: 'random_agent.sh', content: read(() => import('../../../../../examples/random_agent.sh?raw')) },
    commands: [kit(mounted, '"lines:bash random_agent.sh"')],
  }),
};

export const recipe = (way: Way, mounted: Mounted): Recipe => RECIPES[way](mounted);

/** Ways that come with agent_kit, which has to be installed. */
export const WITH_KIT: ReadonlySet<Way> = new Set<Way>(['python', 'mounts', 'shell']);
